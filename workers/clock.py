"""`python -m workers.clock`: rings for what is due, and does it itself when nobody comes. Two clocks are harmless."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice

import structlog

from helpline.gateway.failures import Refused, Uncertain
from helpline.gateway.failures import Unavailable as CarrierUnavailable
from helpline.outbox import Bell, Job, QueueName
from helpline.store import Beat, Unavailable
from helpline.wiring import Services
from workers.doing import bell_of, do
from workers.runtime import services

log = structlog.get_logger()

EVERY_S = 0.05
PATIENCE = timedelta(seconds=1)  # with a doorbell nobody answers
MOST_AT_ONCE = 50  # rows done here in one sweep: what falls due meanwhile is rung for soon, not after all of them
MOST_IN_A_BELL = 20  # rows: together they cost a worker about as much as the job that carries them
BEAT_EVERY = timedelta(seconds=0.5)
BEAT_TTL = timedelta(seconds=30)

KINDS = ("case", "letter", "timer", "recording", "chore")
"""Of due rows, in the order they are looked after when many are due: a person who waits before a question left open."""

DECIDED = frozenset({"case", "timer"})
"""Rows for which nothing but Redis is asked: many of them go into one job. The others may wait for the carrier."""


@dataclass(slots=True)
class Clock:
    """Sweeps the due index; what may take long is handed to `beside`, or done in the sweep when there is none."""

    line: Services
    beside: "Beside | None" = None
    _beat_at: datetime | None = field(default=None, init=False)

    def sweep(self) -> int:
        """Say that a clock lives, and attend to everything that is due; gives how many rows were."""
        now = self.line.clock()
        if self._beat_at is None or now - self._beat_at >= BEAT_EVERY:
            self.line.store.beat(Beat.CLOCK, now, BEAT_TTL)
            self._beat_at = now
        return self.attend()

    def attend(self) -> int:
        """Ring for what nobody was rung for yet, and do what nobody came for in time; gives how many rows are due."""
        now, store = self.line.clock(), self.line.store
        rows = sorted(store.due(now), key=_rank)
        rung = dict(zip(rows, store.rung_since(rows, now), strict=True))
        store.ring(*bells_of(row for row, waited in rung.items() if waited is None))
        unheard = (row for row, waited in rung.items() if waited is not None and waited >= PATIENCE)
        taken = tuple(islice(unheard, MOST_AT_ONCE))
        store.ring_again(taken, now)
        for row in taken:
            self._survive(row)
        return len(rows)

    def catch_up(self) -> None:
        """After a time without Redis: who wrote meanwhile got the safe answer, and Twilio's lists know them."""
        self.line.chores.hasten("reconcile")

    def _survive(self, row: str) -> None:
        """Do what no worker did. A row that nobody can do is told and tried again; it must not end the clock."""
        try:
            self._attend(row)
        except Unavailable:
            raise
        except Exception:
            log.exception("due_row_failed", row=_kind(row))

    def _attend(self, row: str) -> None:
        """For a case also what its plan orders: nobody would hear those bells either."""
        if _kind(row) not in KINDS:
            self.line.store.drop_due(row)
            log.error("due_row_unknown", row=row)
            return
        bell = bell_of(row)
        if self.beside is not None and bell.queue is QueueName.DEFAULT:
            self.beside.take(row, lambda: self._do(bell))
            return
        if bell.job is not Job.ADVANCE:
            self._do(bell)
            return
        for ordered in self.line.dispatch.advance(*bell.ids):
            self._do(ordered)

    def _do(self, bell: Bell) -> None:
        """One job; what the carrier does not take now comes back with the next plan, and others do not wait."""
        try:
            do(self.line, bell.job, bell.ids)
        except (Refused, CarrierUnavailable, Uncertain) as fault:
            log.warning("errand_failed", job=bell.job.name.lower(), fault=type(fault).__name__)


class Beside:
    """What is not urgent and may take long, done beside the sweep: one piece after the other, none twice at once.

    Comparing with the carrier's lists takes seconds; a page that falls due meanwhile must not wait for it.
    """

    def __init__(self) -> None:
        self._hands = ThreadPoolExecutor(1, "beside")
        self._taken: set[str] = set()

    def take(self, member: str, work: Callable[[], None]) -> None:
        """Do this row's work when its turn comes, unless it is waiting or under way already."""
        if member not in self._taken:
            self._taken.add(member)
            self._hands.submit(work).add_done_callback(lambda done: self._over(member, done))

    def end(self) -> None:
        """Begin nothing more; what is under way is finished."""
        self._hands.shutdown(cancel_futures=True)

    def _over(self, member: str, done: "Future[None]") -> None:
        self._taken.discard(member)
        if not done.cancelled() and (fault := done.exception()) is not None:
            log.error("chore_failed", row=_kind(member), fault=type(fault).__name__)


def bells_of(rows: Iterable[str]) -> Iterator[Bell]:
    """The doorbells of due rows: one for many where they can share it, in the order of the rows."""
    shared: list[str] = []
    for row in rows:
        if _kind(row) in DECIDED:
            shared.append(row)
        else:
            yield bell_of(row)
    for first in range(0, len(shared), MOST_IN_A_BELL):
        yield _shared(shared[first : first + MOST_IN_A_BELL])


def _shared(rows: Sequence[str]) -> Bell:
    return Bell(Job.WAKE, tuple(rows))


def _kind(row: str) -> str:
    return row.partition("|")[0]


def _rank(row: str) -> int:
    return KINDS.index(_kind(row)) if _kind(row) in KINDS else len(KINDS)


def _begin(line: Services, stop: threading.Event) -> None:
    """Put the chores of a start into the due index, as soon as Redis answers."""
    while not stop.is_set():
        try:
            line.chores.begin()
        except Unavailable as fault:
            log.warning("sweep_failed", fault=str(fault))
            stop.wait(1)
        else:
            return


def main() -> None:
    """Sweep until told to stop; a sweep that fails is tried again, for the next one may succeed."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    beside = Beside()
    clock = Clock(services(), beside)
    _begin(clock.line, stop)
    blind = False
    while not stop.wait(EVERY_S):
        try:
            if blind:
                clock.catch_up()
            clock.sweep()
            blind = False
        except Unavailable as fault:
            blind = True
            log.warning("sweep_failed", fault=str(fault))
            stop.wait(1)
    beside.end()


if __name__ == "__main__":
    main()
