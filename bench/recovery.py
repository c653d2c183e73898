"""Kill each process of the line and see how long a page that was due keeps its person waiting; stock RQ beside it."""

import os
import secrets
import signal
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import requests
from rq import Retry

from bench import cases, paging, stack, stock_rq
from bench.stack import Server
from flows.urgency import Urgency
from helpline.running.fault_points import Kind, Point
from helpline.store import Conflict, Unavailable
from helpline.wiring import Services

TRIES = 20
PATIENCE_S = 60.0
DUE_IN = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class Killed:
    """What was killed, and the seconds until the page was at the carrier, ascending; None: it never came."""

    what: str
    seconds: tuple[float, ...]
    lost: int

    @property
    def middle(self) -> float | None:
        return self.seconds[len(self.seconds) // 2] if self.seconds else None

    @property
    def longest(self) -> float | None:
        return self.seconds[-1] if self.seconds else None

    @property
    def tries(self) -> int:
        return len(self.seconds) + self.lost

    def __str__(self) -> str:
        return f"{self.what:32} median {self.middle} s  max {self.longest} s  lost {self.lost} of {self.tries}"


def processes(line: Server, words: str) -> list[int]:
    """The line's processes whose command line holds these words."""
    mark = os.fsencode(line.var)
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            ours = mark in (place / "environ").read_bytes() or mark in os.fsencode((place / "cwd").readlink())
        except OSError:
            continue
        if ours and words.encode() in command.replace(b"\0", b" "):
            found.append(int(place.name))
    return found


def kill(line: Server, words: str) -> None:
    """SIGKILL, no chance to tidy up."""
    for pid in processes(line, words):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def waiting_case(services: Services) -> tuple[str, float]:
    """A case nobody was rung for, due in half a second; gives its code and when that is."""
    code, at = secrets.token_hex(3).upper(), services.clock() + DUE_IN
    case, lines = cases.opened(services, code, Urgency.URGENT)
    services.store.transact(lambda tx: tx.put_case(case, lines, at))
    return code, at.timestamp()


def late_by(line: Server, waiting: tuple[str, float], after: int) -> float | None:
    """How many seconds after its time the page of this case was at the carrier."""
    code, at = waiting
    while time.time() < at + PATIENCE_S:
        paged = _at_the_carrier(line, code, after)
        if paged is not None:
            return paged - at
        time.sleep(0.02)
    return None


def trial(line: Server, services: Services, strike: Callable[[], None]) -> float | None:
    """One danger text, the blow at the same moment, and the seconds until its page is at the carrier."""
    stack.wait_for(f"{line.url}/readyz")
    caller = f"+1303{secrets.randbelow(10**7):07d}"
    form = stack.text(caller, paging.DANGER, "SM" + secrets.token_hex(16))
    after = paging.last_record(line)
    begun = time.time()
    _deliver(line, form, strike)
    case_key = services.store.vault.caller_key(caller)
    while time.time() < begun + PATIENCE_S:
        at = _paged(line, services, case_key, after)
        if at is not None:
            return at - begun
        time.sleep(0.02)
    return None


def _deliver(line: Server, form: dict[str, str], strike: Callable[[], None]) -> None:
    """The text, and again until it is answered, as Twilio's retry and its fallback address do; the blow after it."""
    struck = False
    until = time.time() + PATIENCE_S
    while time.time() < until:
        try:
            headers = line.signed("/twilio/sms", form)
            answered = requests.post(f"{line.url}/twilio/sms", data=form, headers=headers, timeout=5).ok
        except requests.RequestException:
            answered = False
        if not struck:
            strike()
            struck = True
        if answered:
            return
        time.sleep(0.2)


def _paged(line: Server, services: Services, case_key: str, after: int) -> float | None:
    try:
        case = services.store.transact(lambda tx: tx.case_of(case_key))
    except (Conflict, Unavailable):  # the line is being killed; the next look tells
        return None
    return None if case is None else _at_the_carrier(line, case.code, after)


def _at_the_carrier(line: Server, code: str, after: int) -> float | None:
    """When the carrier took a text with this code."""
    try:
        records = requests.get(f"{line.api}/journal?kind=rest&after={after}", timeout=5).json()["records"]
    except requests.RequestException:
        return None
    for record in records:
        asked = record["data"]
        if asked["status"] == paging.ACCEPTED and code in str(asked["params"].get("Body", "")):
            return datetime.fromisoformat(record["at"]).timestamp()
    return None


KINDS = {
    "worker killed": "workers urgent",
    "clock killed": "workers.clock",
    "web killed": "granian",
    "Redis killed": "valkey-server",
}
ROUND_S = 31.0  # longer than a process must have lived for its next death to be a new one, not the same again


def measure(tries: int = TRIES) -> list[Killed]:
    """Each kind of process in turn, round after round on one line: every one has run steadily when it is killed."""
    taken: dict[str, list[float | None]] = {what: [] for what in KINDS}
    late: dict[str, list[float | None]] = {what: [] for what in KINDS}
    with stack.line_alone() as (line, services):
        for _ in range(tries):
            for what, words in KINDS.items():
                stack.wait_for(f"{line.url}/readyz")
                begun, after = time.time(), paging.last_record(line)
                waiting = waiting_case(services)
                taken[what].append(trial(line, services, partial(kill, line, words)))
                late[what].append(late_by(line, waiting, after))
                _close_all(services)
                time.sleep(max(0.0, begun + ROUND_S / len(KINDS) - time.time()))
    texts = [_killed(f"{what}: the text's page", seconds) for what, seconds in taken.items()]
    return texts + [_killed(f"{what}: the row that fell due", seconds) for what, seconds in late.items()]


def in_flight(tries: int = TRIES) -> Killed:
    """Whoever has leased the page is killed before it asks the carrier: the lease has to run out first."""
    taken = []
    with stack.line_alone({"HELPLINE_TEST_BUILD": "1"}) as (line, services):
        wanted, struck = (line.var / f"fault-{Point.LEASED}{end}" for end in (".wanted", ""))
        for _ in range(tries):
            struck.unlink(missing_ok=True)
            wanted.write_text(Kind.KILL)
            seconds = trial(line, services, lambda: None)
            if not struck.exists():
                raise RuntimeError("nobody was killed with the page in hand")
            taken.append(seconds)
            _close_all(services)
            time.sleep(paging.EVERY_S)
    return _killed("whoever holds the page in flight", taken)


def _close_all(services: Services) -> None:
    """Close what is open, as soon as Redis is back."""
    until = time.time() + PATIENCE_S
    while True:
        try:
            for case in services.store.open_cases():
                cases.close(services, case.code)
        except (Conflict, Unavailable):
            if time.time() > until:
                raise
            time.sleep(0.2)
        else:
            return


def _killed(what: str, taken: Sequence[float | None]) -> Killed:
    came = tuple(sorted(one for one in taken if one is not None))
    return Killed(what, came, sum(one is None for one in taken))


def stock(tries: int = 3, patience_s: float = PATIENCE_S) -> Killed:
    """Stock RQ: a worker killed while it runs an alert that has a Retry, and another one started at once.

    All tries wait side by side: a recovery takes minutes.
    """
    with ThreadPoolExecutor(tries) as hands:
        taken = list(hands.map(_stock_try, [patience_s] * tries))
    return _killed(f"stock RQ, worker killed ({patience_s:g} s watched)", taken)


def _stock_try(patience_s: float) -> float | None:
    with stock_rq.stock() as one:
        with one.worker("a") as worker:
            time.sleep(3)
            one.queue.enqueue("bench.peers.stock_alert.slow_alert", time.time(), retry=Retry(max=3))
            time.sleep(1)
            begun = time.time()
            for pid in family(worker.pid):
                os.kill(pid, signal.SIGKILL)
        with one.worker("b"):
            while one.redis.llen(stock_rq.LATE) == 0 and time.time() < begun + patience_s:
                time.sleep(0.2)
            return time.time() - begun if one.redis.llen(stock_rq.LATE) else None


def family(pid: int) -> list[int]:
    """A process and its children, youngest first."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")
    children = [child for thread in threads for child in thread.read_text().split()]
    return [*(one for child in children for one in family(int(child))), pid]


def rows() -> list[Killed]:
    """Ours and stock RQ in the same minutes, each on processes of its own; most of the time is waiting."""
    with ThreadPoolExecutor(3) as hands:
        killed, flying = hands.submit(measure), hands.submit(in_flight)
        stocks = hands.submit(stock, patience_s=TRIES * ROUND_S)
        return [*killed.result(), flying.result(), stocks.result()]


def section() -> list[dict[str, object]]:
    """The rows as plain values."""
    return [
        {"name": row.what, "median": row.middle, "max": row.longest, "lost": row.lost, "tries": row.tries}
        for row in rows()
    ]


if __name__ == "__main__":
    for row in rows():
        print(row)
