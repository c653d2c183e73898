"""Processes of the line on one machine: in groups of their own, never left behind, started again when they die.

`subprocess` and not honcho's manager: that one ends everything when one process ends, and a line must do the reverse.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 10.0
STEADY_S = 30.0
"""A process that lived this long had started well: its next death is a new one, not the same again."""

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux only


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name for people, the command, its environment, and files the process inherits."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    private_files: bool = False
    open_files: Callable[[], tuple[int, ...]] = tuple


def pause_before_restart(pause_s: float, lived_s: float) -> float:
    """How long to wait before the next start: twice as long each time, from the start again after a steady run."""
    if lived_s >= STEADY_S:
        return SHORTEST_PAUSE_S
    return min(max(pause_s * 2, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)


@dataclass(slots=True)
class Child:
    """One running program. Times are seconds of a monotonic clock, given by who asks."""

    program: Program
    say: Callable[[str], None]
    pause_s: float = 0.0
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started_s: float = field(default=0.0, init=False)
    _restart_s: float | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self, now_s: float) -> None:
        """Start it. It dies with this process (Linux), and Ctrl-C in the terminal does not reach it by itself."""
        inherited = self.program.open_files()
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own commands, no shell
                self.program.command,
                env=dict(self.program.env),
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                umask=0o077 if self.program.private_files else -1,
                pass_fds=inherited,
                preexec_fn=dies_with(os.getpid()),  # noqa: PLW1509  only this thread forks here
            )
        finally:
            for handle in inherited:
                os.close(handle)
        self._started_s, self._restart_s = now_s, None

    def revive(self, now_s: float) -> None:
        """Start it again if it died and its pause is over."""
        if self._process is None or self._process.poll() is None:
            return
        if self._restart_s is None:
            self.pause_s = pause_before_restart(self.pause_s, now_s - self._started_s)
            self._restart_s = now_s + self.pause_s
            self.say(f"{self.program.name} ended ({_ending(self._process.returncode)}); again in {self.pause_s:g} s")
        elif now_s >= self._restart_s:
            self.start(now_s)

    def ask_to_stop(self) -> None:
        """Ask it to finish what it is doing and end."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, patience_s: float) -> None:
        """Wait until it has ended as asked; after the patience, end it and all it started."""
        if self._process is None:
            return
        try:
            self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # before it is said: nothing may come between
            self._process.wait()
            self.say(f"{self.program.name} did not stop within {patience_s:g} s; ended by force")


def dies_with(parent: int) -> Callable[[], None] | None:
    """What a child runs before its program so that it ends when `parent` is killed; None where the system cannot.

    The kernel sends the signal when the *thread* that forked ends (prctl(2)): start children from a lasting thread.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            os._exit(1)

    return bind


def _ending(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
