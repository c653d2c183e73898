"""A board of 500 open cases is there in less than 300 ms of server time."""

import time
from dataclasses import replace
from statistics import median

from flows.urgency import Urgency
from tests.console.desk import a_case

MANY = 500
MOST_S = 0.3


def opened(line, many):
    case = a_case(line, "+12025550123")
    line.services.dispatch.advance(case.id)
    case = line.services.store.case(case.id)

    def copy(tx, number):
        fresh = replace(
            case, id=f"{number:020x}", code=f"{number:04d}", caller_key=f"caller{number}",
            urgency=Urgency(number % 4), opened_at=case.opened_at,
        )  # fmt: skip
        tx.put_case(fresh, (), None)

    for number in range(1, many):
        line.services.store.transact(lambda tx, number=number: copy(tx, number))


def test_the_board_of_500_open_cases_takes_less_than_300_ms(ana, line, record_property):
    opened(line, MANY)
    first = timed(ana, "/console/board/rows")
    again = median(timed(ana, "/console/board/rows") for _ in range(5))
    page = ana.get("/console/board/rows")
    assert page.text.count('class="row ') == MANY
    unchanged = median(timed(ana, f"/console/board/rows?since={page.headers['X-Console-Changes']}") for _ in range(5))
    for name, value in (("first", first), ("again", again), ("unchanged", unchanged)):
        record_property(f"board_of_500_{name}_ms", round(value * 1000))
    assert again < MOST_S
    assert unchanged < MOST_S / 10


def timed(desk, path):
    """The processor time of this process for one request: other work on the machine does not count."""
    began = time.process_time()
    assert desk.get(path).status_code in {200, 204}
    return time.process_time() - began
