"""From a danger text to the page that the carrier accepted, and how late due rows are attended to."""

import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path

import requests

from bench import load, stack, stock_rq
from bench.figures import quantile
from bench.stack import Server
from config import demo
from flows import claims, handling
from flows.case import Case, ClaimVia, Lines, Opening, Outcome
from flows.events import Channel
from flows.roster import Override, OverrideKind, StaffId
from flows.step import Consent
from flows.urgency import Urgency
from helpline.store import keys
from helpline.store.transaction import milliseconds
from helpline.wiring import Services, connect

DANGER = "she took a whole bottle of pills and is not breathing"
TRIES = 50
TRIES_UNDER_LOAD = 200
ON_CALL = 12  # people who are on call in turn
ACCEPTED = 201
EVERY_S = 2.6  # two texts in five seconds to one phone go out at once; more would wait to be folded, on purpose
PATIENCE_S = 30.0
OPEN_CASES = 200
TURNS_PER_S = 100
CALLERS_AT_ONCE = 5  # so that a slow answer does not slow the pace down
ROWS = 1_000
TOGETHER = 50  # cases opened in one transaction, where only their number matters
OVER_S = 10.0
LOOK_S = 0.004
STOCK_ROWS = (250, ROWS)  # what one worker of stock RQ, a process for each job, can carry, and what ours is given
STOCK_STARTS_S, STOCK_ENQUEUES_PER_S, STOCK_PATIENCE_S = 3.0, 500, 120.0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, ascending."""

    name: str
    ms: tuple[float, ...]

    def __str__(self) -> str:
        p50, p99 = quantile(self.ms, 0.5), quantile(self.ms, 0.99)
        return f"{self.name:38} p50 {p50:7.0f} ms  p99 {p99:7.0f} ms  max {self.ms[-1]:7.0f} ms  ({len(self.ms)} tries)"


@dataclass(slots=True)
class Pace:
    """How many ordinary turns were answered, and in how long."""

    begun: float = field(default_factory=time.perf_counter)
    answered: int = 0

    @property
    def per_second(self) -> float:
        return self.answered / (time.perf_counter() - self.begun)


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
        close(services, code)
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


@contextmanager
def turns_meanwhile(line: Server, per_second: int = TURNS_PER_S) -> Iterator[Pace]:
    """Ordinary callers at an even pace in the background."""
    over, pace = threading.Event(), Pace()

    def go_on(first: float) -> None:
        session = requests.Session()
        due = first
        while not over.wait(max(0.0, due - time.perf_counter())):
            due += CALLERS_AT_ONCE / per_second
            form = stack.text(f"+1404{secrets.randbelow(10**7):07d}", "hi", "SM" + secrets.token_hex(16))
            address, header = f"{line.url}/twilio/sms", line.signed("/twilio/sms", form)
            session.post(address, data=form, headers=header, timeout=10).raise_for_status()
            pace.answered += 1

    with ThreadPoolExecutor(CALLERS_AT_ONCE) as callers:
        begun = time.perf_counter()
        going = [callers.submit(go_on, begun + n / per_second) for n in range(CALLERS_AT_ONCE)]
        try:
            yield pace
        finally:
            over.set()
            for one in going:
                one.result()


def open_cases(services: Services, count: int) -> list[str]:
    """So many cases that a staff member has, whose callers want texts only: nobody is paged or called for them."""
    codes = [secrets.token_hex(4).upper() for _ in range(count)]
    for first in range(0, count, TOGETHER):
        some = codes[first : first + TOGETHER]
        services.store.transact(lambda tx, some=some: [_open(tx, services, code) for code in some])
    return codes


def close(services: Services, code: str) -> None:
    """End a case by a staff member's word."""
    case = services.store.transact(lambda tx: tx.case_by_code(code))
    if case is not None:
        by = case.owner or StaffId("ana")
        services.dispatch.change(case.id, lambda c, now: handling.close(c, Outcome.REACHED_ELSEWHERE, by=by, now=now))


def lateness_of_due_rows(line: Server, services: Services) -> Times:
    """Conversations whose menu was left open; late is the time until a row has been attended to and taken out."""
    rows = left_open(line, services, ROWS)
    begin = datetime.now(UTC) + timedelta(seconds=1)
    due = {row: begin + timedelta(seconds=OVER_S * n / ROWS) for n, row in enumerate(rows)}
    services.store.transact(lambda tx: [tx.wake(row, at) for row, at in due.items()])
    late: list[float] = []
    redis = connect(services.settings, answer_s=None)
    while due and datetime.now(UTC) < begin + timedelta(seconds=OVER_S + PATIENCE_S):
        now = datetime.now(UTC)
        waiting = {name.decode() for name in redis.zrangebyscore(keys.DUE, 0, milliseconds(now))}
        seen = datetime.now(UTC)
        attended = [row for row, at in due.items() if at <= now and row not in waiting]
        late += [(seen - due.pop(row)).total_seconds() * 1_000 for row in attended]
        time.sleep(LOOK_S)
    if due:
        raise RuntimeError(f"{len(due)} due rows were never attended to")
    return Times(f"{ROWS:,} due rows, ours", tuple(sorted(late)))


def left_open(line: Server, services: Services, count: int) -> list[str]:
    """The rows of so many callers who said hello and left the menu open: no question whose silence brings a person."""
    redis = connect(services.settings, answer_s=None)
    before = set(redis.zrange(keys.DUE, 0, -1))
    numbers = [f"+1404{n:07d}" for n in range(count)]
    posts = [line.post("/twilio/sms", stack.text(who, "hi", f"SM{secrets.token_hex(16)}")) for who in numbers]
    answered = load.run("127.0.0.1", line.port, posts, CALLERS_AT_ONCE)
    if answered.wrong:
        raise RuntimeError(f"{answered.wrong} of {count} answers were not 200")
    rows = set(redis.zrange(keys.DUE, 0, -1)) - before
    timers = sorted(row.decode() for row in rows if row.startswith(b"timer|"))
    if len(timers) != count:
        raise RuntimeError(f"{count} callers left {len(timers)} menus open")
    return timers


def lateness_of_stock_rq(count: int) -> Times:
    """The same with RQ's own scheduler: `enqueue_in` and `rq worker --with-scheduler`, on a Redis of its own."""
    with stock_rq.stock() as one, one.worker("late", "--with-scheduler"):
        time.sleep(STOCK_STARTS_S)
        begin = time.time() + 1 + count / STOCK_ENQUEUES_PER_S
        for n in range(count):
            at = begin + OVER_S * n / count
            one.queue.enqueue_in(timedelta(seconds=at - time.time()), "bench.peers.stock_alert.alert", at)
        until = begin + OVER_S + STOCK_PATIENCE_S
        while one.redis.llen(stock_rq.LATE) < count and time.time() < until:
            time.sleep(0.1)
        late = sorted(float(ran) * 1_000 for ran in one.redis.lrange(stock_rq.LATE, 0, -1))
    return Times(f"{count:,} due rows, stock RQ enqueue_in", tuple(late))


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


def opened(services: Services, code: str, urgency: Urgency) -> tuple[Case, Lines]:
    """A case of somebody who wants texts only, not yet written."""
    opening = Opening(
        id=secrets.token_hex(10),
        code=code,
        caller_key=secrets.token_hex(16),
        session_id=f"sms-{code}",
        channel=Channel.SMS,
        urgency=urgency,
        reason="triage",
        consent=Consent.TEXT_ONLY,
    )
    return handling.open_case(opening, services.content.policy, services.clock())


def _open(tx, services: Services, code: str) -> None:
    now = services.clock()
    case, lines = opened(services, code, Urgency.SOON)
    held = claims.claim(case, StaffId("carla"), via=ClaimVia.CONSOLE, now=now)
    tx.put_case(held.case, (*lines, *held.lines), now + timedelta(hours=2))


def measure() -> list[Times]:
    """All of it on one line: idle, under load, with many cases open; then timers, ours and stock."""
    with tempfile.TemporaryDirectory() as scratch:
        var = Path(scratch) / "v"
        var.mkdir()
        with stack.line(var, {"ROSTER_FILE": str(roster_file(Path(scratch)))}) as line:
            services = stack.services_of(line)
            rows = [Times("danger text to page accepted, idle", accepted_pages(line, services, TRIES))]
            rows.append(_under_load(line, services))
            open_cases(services, OPEN_CASES)
            rows.append(Times(f"with {OPEN_CASES} cases open", accepted_pages(line, services, TRIES)))
            rows.append(lateness_of_due_rows(line, services))
    rows += [lateness_of_stock_rq(count) for count in STOCK_ROWS]
    return rows


def _under_load(line: Server, services: Services) -> Times:
    with turns_meanwhile(line) as pace:
        taken = accepted_pages(line, services, TRIES_UNDER_LOAD)
        kept_up = pace.per_second
    return Times(f"under {kept_up:.0f} turns/s", taken)


def section() -> list[dict[str, object]]:
    """The rows as plain values."""
    return [
        {
            "name": one.name,
            "p50": quantile(one.ms, 0.5),
            "p99": quantile(one.ms, 0.99),
            "max": one.ms[-1],
            "n": len(one.ms),
        }
        for one in measure()
    ]


if __name__ == "__main__":
    for row in measure():
        print(row)
