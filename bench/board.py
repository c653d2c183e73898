"""The board with 500 open cases: processor time of the first page after a start, of later ones and of an empty poll.

`python -m bench.board` writes the figures into docs/console.md. Each first page is that of a process of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from bench.figures import median
from flows.case import Case
from flows.urgency import Urgency
from helpline.store import Transaction
from tests.console.desk import Desk, a_case
from tests.helpline.inside import Inside, inside

CASES, STARTS, LATER = 500, 5, 7
PAGE = Path(__file__).parents[1] / "docs" / "console.md"
BEGIN, END = "<!-- measured: python -m bench.board -->", "<!-- /measured -->"


def opened(line: Inside, many: int) -> None:
    """So many open cases of every level, made from a real one that has been paged for."""
    case = a_case(line, "+12025550123")
    line.services.dispatch.advance(case.id)
    paged = line.services.store.case(case.id)
    if paged is None:
        raise RuntimeError("the case that was opened is gone")
    for number in range(1, many):
        fresh = replace(
            paged, id=f"{number:020x}", code=f"{number:04d}", caller_key=f"caller{number}", urgency=Urgency(number % 4)
        )
        line.services.store.transact(partial(_put, fresh))


def _put(case: Case, tx: Transaction) -> None:
    tx.put_case(case, (), None)


def measure() -> dict[str, float]:
    """One start of a process: milliseconds of its own processor time, and the bytes of the page."""
    with tempfile.TemporaryDirectory() as scratch, inside(Path(scratch)) as line:
        ana = Desk(line, line.app.test_client()).sign_in()
        opened(line, CASES)
        first = _ms(ana, "/console/board/rows")
        later = median([_ms(ana, "/console/board/rows") for _ in range(LATER)])
        page = ana.get("/console/board/rows")
        since = page.headers["X-Console-Changes"]
        empty = median([_ms(ana, f"/console/board/rows?since={since}") for _ in range(LATER)])
        return {"first": first, "later": later, "empty": empty, "kilobytes": len(page.data) / 1024}


def _ms(desk: Desk, path: str) -> float:
    begun = time.process_time()
    assert desk.get(path).status_code in {200, 204}
    return (time.process_time() - begun) * 1000


def sentence(runs: list[dict[str, float]]) -> str:
    """The figures as the document says them."""
    first, later, empty, size = (median([run[name] for run in runs]) for name in runs[0])
    slowest = max(run["first"] for run in runs)
    return (
        f"On {os.cpu_count()} cores shared with other work, a board of {CASES} open cases ({size:.0f} KB) takes "
        f"{first:.0f} ms of processor time the first time after a start (the slowest of {len(runs)} starts "
        f"{slowest:.0f} ms), {later:.0f} ms after that and {empty:.1f} ms when nothing has changed."
    )


def main() -> None:
    """Measure in fresh processes, and write."""
    if sys.argv[1:] == ["one"]:
        print(json.dumps(measure()))
        return
    command = [sys.executable, "-m", "bench.board", "one"]
    runs = [
        json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])
        for _ in range(STARTS)
    ]
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{sentence(runs)}\n{END}{after}", encoding="utf-8")
    print(sentence(runs))


if __name__ == "__main__":
    main()
