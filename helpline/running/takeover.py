"""A new version of the web server takes over from the old one, and calls in progress notice nothing.

Both listen on the same port for a moment (granian sets SO_REUSEPORT for each of its worker processes). The old one is
asked to end only once every worker process of the new one has answered; where it never does, the old one stays. A
server that can only give the safe answer (broken content) does not count as one that answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import requests

from config import web
from helpline.running.health import PROCESS
from helpline.running.processes import Child

STOP_S = 15.0
LOOK_S = 1.0  # a request that takes longer is not from a server that is ready


@dataclass(slots=True)
class Arrival:
    """Watches for the worker processes of one new web server, by what they say on the health page."""

    address: str
    server: int
    seen: set[str] = field(default_factory=set)

    def complete(self) -> bool:
        """Ask once more; each connection reaches any of the processes that listen, old or new."""
        try:
            answer = requests.get(self.address, timeout=LOOK_S)
        except requests.RequestException:
            return False
        server, _, worker = answer.headers.get(PROCESS, "").partition(".")
        if answer.ok and server == str(self.server):
            self.seen.add(worker)
        return len(self.seen) >= web.WORKERS


def take_over(old: Child, address: str, wait: Callable[[Callable[[], bool]], bool], now_s: float) -> Child:
    """Start the program of `old` once more beside it and end `old` when the new one answers; gives who serves now.

    `wait` waits until something is so, or gives False when that takes too long or the line is to stop.
    """
    new = Child(old.program, old.say)
    new.start(now_s)
    arrival = Arrival(address, new.pid or 0)
    if wait(lambda: new.pid is None or arrival.complete()) and new.pid is not None:
        old.say(f"{old.program.name}: the new one answers, the old one ends")
        return new
    old.say(f"{old.program.name}: the new one did not come up, the old one stays; the log above says why")
    new.ask_to_stop()
    new.wait(STOP_S)
    return old
