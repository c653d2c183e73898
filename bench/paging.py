"""From a danger text to the page that the carrier accepted, and how late due rows are attended to."""

import secrets
import tempfile
import time
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path

import requests

from bench import cases, due_rows, stack
from bench.figures import Times
from bench.meanwhile import turns_meanwhile
from bench.stack import Server
from config import demo
from flows.roster import Override, OverrideKind, StaffId
from helpline.wiring import Services

DANGER = "she took a whole bottle of pills and is not breathing"
TRIES = 50
TRIES_UNDER_LOAD = 200
ON_CALL = 12  # people who are on call in turn
ACCEPTED = 201
EVERY_S = 2.6  # two texts in five seconds to one phone go out at once; more would wait to be folded, on purpose
PATIENCE_S = 30.0
OPEN_CASES = 200


def accepted_pages(line: Server, services: Services, tries: int) -> tuple[float, ...]:
    """Milliseconds from sending a danger text to the carrier's "201 Created" for the page text with its case's code.

    Another of a dozen people is on call at each try, so that no page waits to be folded with the one before it.
    """
    taken = []
    people = cycle(staff())
    for _ in range(tries):
        put_on_call(services, next(people))
        caller = f"+1303{secrets.randbelow(10**7):07d}"
        after = last_record(line)
        begun = time.time()
        _send(line, stack.text(caller, DANGER, "SM" + secrets.token_hex(16)))
        code = code_of(services, caller)
        taken.append((page_of(line, code, after) - begun) * 1_000)
        cases.close(services, code)
        time.sleep(max(0.0, EVERY_S / ON_CALL - (time.time() - begun)))
    return tuple(sorted(taken))


def staff() -> tuple[StaffId, ...]:
    return tuple(StaffId(f"on_call_{number}") for number in range(ON_CALL))


def roster_file(folder: Path) -> Path:
    """The demo's roster and a dozen more people, none of whom is on a list by the week."""
    written = (Path(demo.__file__).parent / "roster.demo.yaml").read_text(encoding="utf-8")
    people = "".join(
        f'  - {{id: {one}, name: Person {n}, phones: ["+1 717 555 {120 + n:04d}"]}}\n' for n, one in enumerate(staff())
    )
    path = folder / "roster.yaml"
    path.write_text(written.replace("lists:\n", f"{people}lists:\n", 1), encoding="utf-8")
    return path


def put_on_call(services: Services, who: StaffId) -> None:
    """From now on this person stands in for whoever is first on call."""
    now = services.clock()
    cover = Override(
        id="bench", kind=OverrideKind.COVER, who=StaffId("ana"), by=who, start=now, end=now + timedelta(hours=1)
    )
    services.store.transact(lambda tx: tx.put_override(cover))


def last_record(line: Server) -> int:
    records = requests.get(f"{line.api}/journal?kind=rest", timeout=10).json()["records"]
    return records[-1]["number"] if records else 0


def _send(line: Server, form: dict[str, str]) -> None:
    answer = requests.post(f"{line.url}/twilio/sms", data=form, headers=line.signed("/twilio/sms", form), timeout=10)
    answer.raise_for_status()


def code_of(services: Services, caller: str) -> str:
    key = services.store.vault.caller_key(caller)
    case = services.store.transact(lambda tx: tx.case_of(key))
    if case is None:
        raise RuntimeError("the danger text opened no case")
    return case.code


def page_of(line: Server, code: str, after: int) -> float:
    until = time.time() + PATIENCE_S
    while time.time() < until:
        found = requests.get(f"{line.api}/journal?kind=rest&after={after}&wait_s=5", timeout=10).json()["records"]
        for record in found:
            asked = record["data"]
            named = asked["method"] == "POST" and code in str(asked["params"].get("Body", ""))
            if named and asked["status"] == ACCEPTED:
                return datetime.fromisoformat(record["at"]).timestamp()
        time.sleep(0.01)
    raise RuntimeError(f"case {code} was not paged within {PATIENCE_S:g} s")


def measure() -> list[Times]:
    """All of it on one line: idle, under load, with many cases open; then timers, ours and stock."""
    with tempfile.TemporaryDirectory() as scratch:
        var = Path(scratch) / "v"
        var.mkdir()
        with stack.line(var, {"ROSTER_FILE": str(roster_file(Path(scratch)))}) as line:
            services = stack.services_of(line)
            rows = [Times("danger text to page accepted, idle", accepted_pages(line, services, TRIES))]
            rows.append(_under_load(line, services))
            cases.open_many(services, OPEN_CASES)
            rows.append(Times(f"with {OPEN_CASES} cases open", accepted_pages(line, services, TRIES)))
            rows.append(due_rows.of_the_line(line, services))
    return [*rows, due_rows.of_stock_rq()]


def _under_load(line: Server, services: Services) -> Times:
    with turns_meanwhile(line) as pace:
        taken = accepted_pages(line, services, TRIES_UNDER_LOAD)
        kept_up = pace.per_second
    return Times(f"under {kept_up:.0f} turns/s", taken)


def section() -> list[dict[str, object]]:
    """The rows as plain values."""
    return [one.row() for one in measure()]


if __name__ == "__main__":
    for row in measure():
        print(row)
