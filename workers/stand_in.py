"""A worker sweeps while no clock does: one that was killed is back after seconds, and nobody is to wait for those."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from helpline.store import Beat, Unavailable
from helpline.wiring import Services
from workers.clock import EVERY_S, Beside, Clock

log = structlog.get_logger()

SILENT = timedelta(seconds=1)
LOOK_S = 0.25
ENDS_WITHIN_S = 5.0


@contextmanager
def standing_in(line: Services) -> Iterator[None]:
    """Within this a thread listens for the clock's beat. It writes none: `/readyz` still says what is missing."""
    stop = threading.Event()
    thread = threading.Thread(target=_watch, args=(line, stop), name="stand-in", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(ENDS_WITHIN_S)


def clock_is_silent(line: Services) -> bool:
    """Whether no clock has swept for a while."""
    beat = line.store.last_beat(Beat.CLOCK)
    return beat is None or line.clock() - beat > SILENT


def _watch(line: Services, stop: threading.Event) -> None:
    beside, pause_s = Beside(), LOOK_S
    clock = Clock(line, beside)
    while not stop.wait(pause_s):
        try:
            pause_s = LOOK_S
            if clock_is_silent(line):
                clock.attend()
                pause_s = EVERY_S
        except Unavailable as fault:
            log.warning("sweep_failed", fault=str(fault))
            pause_s = 1.0
    beside.end()
