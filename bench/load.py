"""A load generator for loopback: requests made before the clock starts, many keep-alive connections, one thread.

Own code because a request here needs its own body and signature; what it costs is the same for both sides of a ratio.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from bench.figures import quantile

HEAD_END = b"\r\n\r\n"
LONGEST_S = 120.0
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a load. Times in milliseconds, ascending; `wrong` counts answers other than 200."""

    seconds: float
    times_ms: tuple[float, ...]
    wrong: int

    @property
    def per_second(self) -> float:
        return len(self.times_ms) / self.seconds

    def at(self, share: float) -> float:
        """The time that this share of the requests stayed within."""
        return quantile(self.times_ms, share)


class _Connection:
    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.begun = 0.0
        self.got = b""
        self.needs = -1

    def send(self, request: bytes) -> None:
        self.got, self.needs, self.begun = b"", -1, time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        self.got += self.socket.recv(65_536)
        if self.needs < 0:
            end = self.got.find(HEAD_END)
            if end < 0:
                return False
            self.needs = end + len(HEAD_END) + _length(self.got[:end])
        return len(self.got) >= self.needs


def run(host: str, port: int, requests: Iterable[bytes], connections: int, others: tuple[Place, ...] = ()) -> Result:
    """Send every request, each connection one at a time; the next waiting request goes to the first free connection.

    The connections are spread evenly over the place and the `others`.
    """
    places = ((host, port), *others)
    waiting = deque(requests)
    chosen = selectors.DefaultSelector()
    for n in range(min(connections, len(waiting))):
        one = _Connection(*places[n % len(places)])
        chosen.register(one.socket, selectors.EVENT_READ, one)
    times, wrong, open_ones = [], 0, len(chosen.get_map())
    begun = time.perf_counter()
    for key in chosen.get_map().values():
        key.data.send(waiting.popleft())
    while open_ones and time.perf_counter() - begun < LONGEST_S:
        for key, _ in chosen.select(timeout=5):
            one = key.data
            if not one.answered():
                continue
            times.append((time.perf_counter() - one.begun) * 1_000)
            wrong += not one.got.startswith(b"HTTP/1.1 200")
            if waiting:
                one.send(waiting.popleft())
            else:
                chosen.unregister(one.socket)
                one.socket.close()
                open_ones -= 1
    return Result(time.perf_counter() - begun, tuple(sorted(times)), wrong + len(waiting) + open_ones)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    raise ValueError("an answer without Content-Length")
