"""Ordinary callers in the background of what is measured."""

import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from bench import stack
from bench.stack import Server

TURNS_PER_S = 100
CALLERS_AT_ONCE = 5  # so that a slow answer does not slow the pace down


@dataclass(slots=True)
class Pace:
    """How many ordinary turns were answered, and in how long."""

    begun: float = field(default_factory=time.perf_counter)
    answered: int = 0

    @property
    def per_second(self) -> float:
        return self.answered / (time.perf_counter() - self.begun)


@contextmanager
def turns_meanwhile(line: Server, per_second: int = TURNS_PER_S) -> Iterator[Pace]:
    """Ordinary callers at an even pace in the background."""
    over, pace = threading.Event(), Pace()

    def go_on(first: float) -> None:
        session = requests.Session()
        due = first
        while not over.wait(max(0.0, due - time.perf_counter())):
            due += CALLERS_AT_ONCE / per_second
            form = stack.text(f"+1404{secrets.randbelow(10**7):07d}", "hi", "SM" + secrets.token_hex(16))
            address, header = f"{line.url}/twilio/sms", line.signed("/twilio/sms", form)
            session.post(address, data=form, headers=header, timeout=10).raise_for_status()
            pace.answered += 1

    with ThreadPoolExecutor(CALLERS_AT_ONCE) as callers:
        begun = time.perf_counter()
        going = [callers.submit(go_on, begun + n / per_second) for n in range(CALLERS_AT_ONCE)]
        try:
            yield pace
        finally:
            over.set()
            for one in going:
                one.result()
