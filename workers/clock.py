"""`python -m workers.clock`: rings for what is due, and does it itself when nobody comes. Two clocks are harmless."""

import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import structlog

from helpline.gateway.rest import Refused, Uncertain
from helpline.gateway.rest import Unavailable as CarrierUnavailable
from helpline.outbox import Bell, Job, QueueName
from helpline.store import Beat, Conflict, Unavailable
from helpline.wiring import Services
from workers.doing import do
from workers.runtime import services

log = structlog.get_logger()

EVERY_S = 0.1
PATIENCE = timedelta(seconds=1)  # with a doorbell nobody answers
MOST_AT_ONCE = 50  # rows done here in one sweep: what falls due meanwhile is rung for soon, not after all of them
BEAT_TTL = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Clock:
    """Sweeps the due index; what may take long is handed to `beside`, or done in the sweep when there is none."""

    line: Services
    beside: "Beside | None" = None

    def sweep(self) -> int:
        """Attend to everything that is due; gives how many rows were."""
        now = self.line.clock()
        self.line.store.beat(Beat.CLOCK, now, BEAT_TTL)
        members = self.line.store.due(now)
        rung = dict(zip(members, self.line.store.rung_since(members, now), strict=True))
        self.line.store.ring(*(bell_of(member) for member, waited in rung.items() if waited is None))
        unheard = (member for member, waited in rung.items() if waited is not None and waited >= PATIENCE)
        for member in islice(unheard, MOST_AT_ONCE):
            self._attend(member)
        return len(members)

    def catch_up(self) -> None:
        """After a time without Redis: who wrote meanwhile got the safe answer, and Twilio's lists know them."""
        self.line.chores.hasten("reconcile")

    def _attend(self, member: str) -> None:
        """Do what no worker did, and for a case also what its plan orders: nobody would hear those bells either."""
        if member.partition("|")[0] not in {"case", "letter", "chore", "recording", "timer"}:
            self.line.store.drop_due(member)
            log.error("due_row_unknown", row=member)
            return
        bell = bell_of(member)
        if self.beside is not None and bell.queue is QueueName.DEFAULT:
            self.beside.take(member, lambda: self._do(bell))
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
            log.error("chore_failed", row=member.partition("|")[0], fault=type(fault).__name__)


def bell_of(member: str) -> Bell:
    """The doorbell of a due row."""
    match member.split("|"):
        case ["chore", name]:
            return Bell(Job.CHORE, (name,), QueueName.DEFAULT)
        case ["timer", session_id, name, version]:
            return Bell(Job.TIMER, (session_id, name, version))
        case ["recording", sid, case_id]:
            return Bell(Job.RECORDING, (sid, case_id), QueueName.DEFAULT)
        case ["letter", letter_id]:
            return Bell(Job.POST, (letter_id,))
        case parts:
            return Bell(Job.ADVANCE, (parts[1] if len(parts) > 1 else parts[0],))


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
        except (Unavailable, Conflict) as fault:
            blind = True
            log.warning("sweep_failed", fault=str(fault))
            stop.wait(1)
    beside.end()


if __name__ == "__main__":
    main()
