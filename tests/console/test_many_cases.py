"""A board of 500 open cases asks the store no more often than one of five, and reads their one policy once.

How long it takes is measured by `python -m bench.board`, which writes docs/console.md.
"""

from bench.board import opened
from flows import case as cases
from flows.policy import Policy

MANY = 500


BESIDE = {"info", "client", "client|setinfo", "hello", "hincrbyfloat"}
"""What connections ask when they are made, and the turn times that a process writes once a second."""


def commands(line):
    """How many commands the store has run, without those that no request asks for."""
    stats = line.redis.info("commandstats")
    return sum(one["calls"] for name, one in stats.items() if name.removeprefix("cmdstat_") not in BESIDE)


def asked(line, desk, path):
    """How many commands one request makes the store run."""
    before = commands(line)
    assert desk.get(path).status_code in {200, 204}
    return commands(line) - before


def test_a_board_of_500_cases_asks_the_store_as_often_as_one_of_five(ana, line):
    opened(line, 5)
    few = asked(line, ana, "/console/board/rows")
    opened(line, MANY)
    assert asked(line, ana, "/console/board/rows") == few
    page = ana.get("/console/board/rows")
    assert page.text.count('class="row ') == MANY
    since = page.headers["X-Console-Changes"]
    assert asked(line, ana, f"/console/board/rows?since={since}") < few


def test_the_policy_that_500_cases_carry_is_read_once_and_shared(ana, line, monkeypatch):
    opened(line, MANY)
    read = []
    real = cases.from_plain
    monkeypatch.setattr(cases, "from_plain", lambda kind, data: read.append(kind) or real(kind, data))
    cases._policy.cache_clear()
    shown = line.services.store.open_cases()
    assert len(shown) == MANY
    assert read.count(Policy) == 1
    assert len({id(one.policy) for one in shown}) == 1


def test_a_case_whose_policy_differs_keeps_its_own(line):
    opened(line, 3)
    first, second, _ = line.services.store.open_cases()
    other = cases.changed(second, policy=cases.replace(second.policy, ring_timeout=second.policy.ring_timeout * 2))
    line.services.store.transact(lambda tx: tx.put_case(other, (), None))
    assert line.services.store.case(second.id).policy == other.policy
    assert line.services.store.case(first.id).policy == first.policy
