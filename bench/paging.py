"""From a danger text to the carrier's first request for its page, and how late due rows are attended to."""

import secrets
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from rq import Queue
from rq.serializers import JSONSerializer

from bench import stack
from bench.figures import quantile
from bench.stack import Server
from flows import claims, handling
from flows.case import ClaimVia, Opening, Outcome
from flows.events import Channel
from flows.roster import StaffId
from flows.step import Consent
from flows.urgency import Urgency
from helpline.store import keys
from helpline.wiring import Services, connect

DANGER = "she took a whole bottle of pills and is not breathing"
TRIES = 16
EVERY_S = 2.6  # two texts in five seconds to one phone go out at once; more would wait to be folded, on purpose
PATIENCE_S = 30.0
OPEN_CASES = 200
TURNS_PER_S = 100
ROWS = 1_000
OVER_S = 10.0


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, ascending."""

    name: str
    ms: tuple[float, ...]

    def __str__(self) -> str:
        p50, p99 = quantile(self.ms, 0.5), quantile(self.ms, 0.99)
        return f"{self.name:38} p50 {p50:7.0f} ms  p99 {p99:7.0f} ms  max {self.ms[-1]:7.0f} ms  ({len(self.ms)} tries)"


def first_requests(line: Server, services: Services, name: str, tries: int = TRIES) -> Times:
    """Time from the danger text's arrival to the emulator's record of the page text with the case's code."""
    taken = []
    for _ in range(tries):
        caller = f"+1303{secrets.randbelow(10**7):07d}"
        begun = time.time()
        after = last_record(line)
        _send(line, stack.text(caller, DANGER, "SM" + secrets.token_hex(16)))
        code = _code(services, caller)
        taken.append((_page_of(line, code, after) - begun) * 1_000)
        close(services, code)
        time.sleep(max(0.0, EVERY_S - (time.time() - begun)))
    return Times(name, tuple(sorted(taken)))


@contextmanager
def turns_meanwhile(line: Server, per_second: int = TURNS_PER_S) -> Iterator[None]:
    """Ordinary callers at an even pace in the background."""
    over = threading.Event()

    def go_on() -> None:
        session = requests.Session()
        due = time.perf_counter()
        while not over.is_set():
            due += 1 / per_second
            form = stack.text(f"+1404{secrets.randbelow(10**7):07d}", "hi", "SM" + secrets.token_hex(16))
            session.post(f"{line.url}/twilio/sms", data=form, headers=line.signed("/twilio/sms", form), timeout=10)
            over.wait(max(0.0, due - time.perf_counter()))

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def open_cases(services: Services, count: int) -> list[str]:
    """So many cases that a staff member has, whose callers want texts only: nobody is paged or called for them."""
    codes = []
    for _ in range(count):
        code = secrets.token_hex(4).upper()
        services.store.transact(lambda tx, code=code: _open(tx, services, code))
        codes.append(code)
    return codes


def close(services: Services, code: str) -> None:
    """End a case by a staff member's word."""
    case = services.store.transact(lambda tx: tx.case_by_code(code))
    if case is not None:
        by = case.owner or StaffId("ana")
        services.dispatch.change(case.id, lambda c, now: handling.close(c, Outcome.REACHED_ELSEWHERE, by=by, now=now))


def lateness_of_due_rows(services: Services) -> Times:
    """Rows of the due index, due at even steps; late is the time until one has been attended to and taken out."""
    store = services.store
    begin = datetime.now(UTC) + timedelta(seconds=1)
    due = {
        keys.timer_member(f"nobody-{n}", "session", 1): begin + timedelta(seconds=OVER_S * n / ROWS)
        for n in range(ROWS)
    }

    def write(tx) -> None:
        for member, at in due.items():
            tx.wake(member, at)

    store.transact(write)
    late: list[float] = []
    redis = connect(services.settings, answer_s=None)
    while due and datetime.now(UTC) < begin + timedelta(seconds=OVER_S + PATIENCE_S):
        left = {name.decode() for name in redis.zrange(keys.DUE, 0, -1)}
        now = datetime.now(UTC)
        attended = [due.pop(one) for one in list(due) if one not in left]
        late += [(now - at).total_seconds() * 1_000 for at in attended]
        time.sleep(0.002)
    if due:
        raise RuntimeError(f"{len(due)} due rows were never attended to")
    return Times("due rows, ours", tuple(sorted(late)))


def lateness_of_stock_rq(redis_url: str, folder: Path) -> Times:
    """The same with RQ's own scheduler: `enqueue_in` and `rq worker --with-scheduler`."""
    import os
    import sys

    from redis import Redis

    redis = Redis.from_url(redis_url)
    queue = Queue("stock", connection=redis, serializer=JSONSerializer)
    command = [sys.executable, "-m", "rq.cli", "worker", "stock", "--url", redis_url, "--with-scheduler"]
    command += ["--serializer", "rq.serializers.JSONSerializer", "--quiet"]
    with stack.process(command, {**os.environ, "STOCK_REDIS": redis_url}, folder / "stock.log"):
        time.sleep(3)
        begin = time.time() + 1
        for n in range(ROWS // 4):
            at = begin + OVER_S * n / (ROWS // 4)
            queue.enqueue_in(timedelta(seconds=at - time.time()), "bench.peers.stock_alert.alert", at)
        until = begin + OVER_S + PATIENCE_S
        while redis.llen("stock:late") < ROWS // 4 and time.time() < until:
            time.sleep(0.1)
    late = sorted(float(one) * 1_000 for one in redis.lrange("stock:late", 0, -1))
    return Times("due rows, stock RQ enqueue_in", tuple(late))


def last_record(line: Server) -> int:
    records = requests.get(f"{line.api}/journal?kind=rest", timeout=10).json()["records"]
    return records[-1]["number"] if records else 0


def _send(line: Server, form: dict[str, str]) -> None:
    answer = requests.post(f"{line.url}/twilio/sms", data=form, headers=line.signed("/twilio/sms", form), timeout=10)
    answer.raise_for_status()


def _code(services: Services, caller: str) -> str:
    key = services.store.vault.caller_key(caller)
    case = services.store.transact(lambda tx: tx.case_of(key))
    if case is None:
        raise RuntimeError("the danger text opened no case")
    return case.code


def _page_of(line: Server, code: str, after: int) -> float:
    until = time.time() + PATIENCE_S
    while time.time() < until:
        found = requests.get(f"{line.api}/journal?kind=rest&after={after}&wait_s=5", timeout=10).json()["records"]
        for record in found:
            if record["data"]["method"] == "POST" and code in str(record["data"]["params"].get("Body", "")):
                return datetime.fromisoformat(record["at"]).timestamp()
        time.sleep(0.01)
    raise RuntimeError(f"case {code} was not paged within {PATIENCE_S:g} s")


def _open(tx, services: Services, code: str) -> None:
    now = services.clock()
    opening = Opening(
        id=secrets.token_hex(10),
        code=code,
        caller_key=secrets.token_hex(16),
        session_id=f"sms-{code}",
        channel=Channel.SMS,
        urgency=Urgency.SOON,
        reason="triage",
        consent=Consent.TEXT_ONLY,
    )
    case, lines = handling.open_case(opening, services.content.policy, now)
    held = claims.claim(case, StaffId("carla"), via=ClaimVia.CONSOLE, now=now)
    tx.put_case(held.case, (*lines, *held.lines), now + timedelta(hours=2))


def measure() -> list[Times]:
    """All of it on one line: idle, under load, with many cases open; then timers, ours and stock."""
    with tempfile.TemporaryDirectory() as scratch:
        var = Path(scratch) / "v"
        var.mkdir()
        with stack.line(var) as line:
            services = stack.services_of(line)
            rows = [first_requests(line, services, "danger text to page request, idle")]
            with turns_meanwhile(line):
                rows.append(first_requests(line, services, f"under {TURNS_PER_S} turns/s"))
            open_cases(services, OPEN_CASES)
            rows.append(first_requests(line, services, f"with {OPEN_CASES} cases open"))
            rows.append(lateness_of_due_rows(services))
            rows.append(lateness_of_stock_rq(services.settings.redis_address, var))
    return rows


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
