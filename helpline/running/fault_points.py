"""Named places at which a test may make this process fail; a real line ignores them (HELPLINE_TEST_BUILD is not set).

A fault is asked for with `FAULTS=F4` or `FAULTS=F4:stall` when the line starts, or later by a file
`VAR_DIR/fault-F4.wanted` that holds the kind. Each strikes once for a line, whichever of its processes comes by
first, and leaves the file `VAR_DIR/fault-F4`, which the next one asked for later takes away.
"""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, assert_never

from helpline.gateway.failures import Uncertain

STALL_S = 30  # longer than a lease, so that whoever is stopped wakes up with one that is over


class Point(StrEnum):
    """Where a process can fail. F8 is the carrier, F10 its verdicts, F11 Redis, F12 the processes: from outside."""

    VERDICT = "F1"  # a caller's turn is decided and nothing is written
    COMMITTED = "F2"  # it is written and the webhook is not answered
    DEQUEUED = "F3"  # a worker took the job and has not leased the page
    LEASED = "F4"  # the page is leased and not requested
    ANSWER_LOST = "F5"  # the carrier has the request, and its answer is lost
    ACCEPTED = "F6"  # the answer is here and not written
    WRITTEN = "F7"  # it is written and the job is not done
    CALLBACK = "F9"  # the carrier's callback is here and not written


class Kind(StrEnum):
    """What happens there."""

    KILL = "kill"
    RAISE = "raise"
    STALL = "stall"
    LOSE = "lose"


class Struck(Exception):
    """A fault that was asked for."""


class Faults(Protocol):
    """What the services know of faults."""

    def reach(self, point: Point) -> None:
        """Come by this place."""


class NoFaults:
    """A real line."""

    def reach(self, point: Point) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True)
class FaultPoints:
    """The faults of a test build."""

    asked: tuple[str, ...]
    var_dir: Path

    def reach(self, point: Point) -> None:
        """Fail here if that was asked for and has not happened yet."""
        kind = self._by_file(point) or self._by_setting(point)
        match kind:
            case None:
                return
            case Kind.KILL:
                os.kill(os.getpid(), signal.SIGKILL)
            case Kind.RAISE:
                raise Struck(point)
            case Kind.LOSE:
                raise Uncertain(f"the answer was lost on purpose at {point}")
            case Kind.STALL:
                _stall()
            case _:
                assert_never(kind)

    def _by_file(self, point: Point) -> Kind | None:
        wanted = self.var_dir / f"fault-{point}.wanted"
        try:
            kind = Kind(wanted.read_text().strip())
            wanted.rename(self.var_dir / f"fault-{point}")
        except FileNotFoundError:
            return None
        return kind

    def _by_setting(self, point: Point) -> Kind | None:
        for entry in self.asked:
            name, _, kind = entry.partition(":")
            if name == point and self._first(point):
                return Kind(kind or Kind.KILL)
        return None

    def _first(self, point: Point) -> bool:
        try:
            (self.var_dir / f"fault-{point}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def _stall() -> None:
    """Stop this process as SIGSTOP does, for so long; somebody else has to wake it."""
    wake = f"import os,signal,time; time.sleep({STALL_S}); os.kill({os.getpid()}, signal.SIGCONT)"
    subprocess.Popen([sys.executable, "-c", wake], start_new_session=True)  # noqa: S603  our own words
    os.kill(os.getpid(), signal.SIGSTOP)
