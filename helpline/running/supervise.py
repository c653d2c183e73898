"""Everything a line needs on one machine, from one command: `helpline run`.

Starts the embedded Redis when none is configured, the web server, one worker for each queue, the clock, and for a demo
the emulator with its phones. What dies is started again; what cannot start is said in one sentence.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from config.settings import Settings
from helpline.running import demo_phones
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.running.processes import Child
from helpline.running.programs import addresses, listeners, local_address, programs, refuse_if_taken
from helpline.running.takeover import take_over

_LOOK_S = 0.1
_READY_S = 60.0
_STOP_S = 15.0  # longer than the web server gives its own workers


@dataclass(slots=True)
class Stopping:
    """Whether somebody asked the line to stop, or to start its programs anew.

    A plain flag, for it is set by a signal handler: `threading.Event.set` in a handler waits for ever on its own lock
    when a second signal comes while it runs (Python docs, threading: its locks are not reentrant).
    """

    asked: bool = False
    renewal: bool = False

    @contextmanager
    def heard(self, *, renewable: bool) -> Iterator[None]:
        """Let Ctrl-C and SIGTERM ask, and SIGHUP too unless it asks for a renewal.

        Afterwards they are ignored: Python's own end would let one more of them make a clean stop look like a kill.
        """
        asks = {signal.SIGINT: self.ask, signal.SIGTERM: self.ask}
        asks[signal.SIGHUP] = self.ask_renewal if renewable else self.ask
        for number, answer in asks.items():
            signal.signal(number, answer)
        try:
            yield
        finally:
            for number in asks:
                signal.signal(number, signal.SIG_IGN)

    def ask(self, *_signal: object) -> None:
        """Ask; may come at any moment and any number of times."""
        self.asked = True

    def ask_renewal(self, *_signal: object) -> None:
        """Ask that every program be started anew, as after an update of the code."""
        self.renewal = True

    def within(self, seconds: float) -> bool:
        """Wait so long; gives whether stopping was asked."""
        if not self.asked:
            time.sleep(seconds)
        return self.asked


@dataclass(frozen=True, slots=True)
class Line:
    """The processes of one line: Redis first and last, for all others need it."""

    settings: Settings
    redis: EmbeddedRedis | None
    children: list[Child]
    say: Callable[[str], None]
    stopping: Stopping

    def run(self) -> None:
        """Start everything, keep it running until told to stop, then stop everything."""
        try:
            self._start()
            self._announce()
            while not self.stopping.within(_LOOK_S):
                self._revive()
                if self.stopping.renewal:
                    self.stopping.renewal = False
                    self._renew()
        finally:
            self._stop()

    def _start(self) -> None:
        if self.redis is not None:
            self.redis.start()
        for child in self.children:
            child.start(time.monotonic())

    def _revive(self) -> None:
        now_s = time.monotonic()
        if self.redis is not None:
            self.redis.revive(now_s)
        for child in self.children:
            child.revive(now_s)

    def _renew(self) -> None:
        """The programs of a new version, one after the other; nobody's call is without a web server meanwhile."""
        for place, child in enumerate(self.children):
            match child.program.name:
                case "emulator":
                    continue  # it holds the demo's calls in its memory, and is no part of the line
                case "web":
                    address = f"{local_address(self.settings)}/healthz"
                    serving = take_over(child, address, self._waits_for, time.monotonic())
                    if serving is child:
                        return  # the new version does not run here: nothing else is changed either
                    self.children[place] = serving
                    child.ask_to_stop()
                    child.wait(_STOP_S)
                case _:
                    child.ask_to_stop()
                    child.wait(_STOP_S)
                    child.start(time.monotonic())

    def _waits_for(self, so: Callable[[], bool]) -> bool:
        until_s = time.monotonic() + _READY_S
        while not so():
            if self.stopping.within(_LOOK_S) or time.monotonic() > until_s:
                return False
            self._revive()
        return True

    def _announce(self) -> None:
        """Say where to go once the line answers."""
        if self.settings.demo and self._comes_up(f"{self.settings.api_url}/emulator/api/account"):
            demo_phones.put_up(self.settings)
        if self._comes_up(f"{local_address(self.settings)}/healthz"):
            self.say("\n".join(addresses(self.settings)))

    def _comes_up(self, address: str) -> bool:
        if self._waits_for(lambda: _answers(address)):
            return True
        if not self.stopping.asked:
            self.say(f"{address} did not answer within {_READY_S:g} s. It is tried again; the log above says why.")
        return False

    def _stop(self) -> None:
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.wait(_STOP_S)
        if self.redis is not None:
            self.redis.stop()


def line(settings: Settings, env: Mapping[str, str], say: Callable[[str], None]) -> Line:
    """The line these settings ask for, not yet started.

    Raises:
        CannotRun: a port is in use.
        CannotStart: no embedded Redis is possible here and none is configured.

    """
    for setting, host, port in listeners(settings):
        refuse_if_taken(setting, host, port)
    return Line(
        settings=settings,
        redis=None if settings.redis_url else EmbeddedRedis(settings.var_dir, say),
        children=[Child(each, say) for each in programs(settings, env)],
        say=say,
        stopping=Stopping(),
    )


def run(settings: Settings, env: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Run the line in this process's main thread until Ctrl-C or SIGTERM; SIGHUP starts its programs anew.

    A terminal that is closed sends SIGHUP too: there it still means the end.
    """
    running = line(settings, env, say)
    with running.stopping.heard(renewable=not os.isatty(0)):
        running.run()


def _answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=1.0).ok
    except requests.RequestException:
        return False
