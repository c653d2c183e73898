"""Does a turn, a sweep or a look at the board cost more when there is much in Redis? Medians at each size."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import requests
from redis import Redis

from bench import cases, stack
from bench.figures import median
from bench.stack import Server
from helpline.store import keys
from helpline.wiring import Services, connect
from workers.clock import Clock

CONVERSATIONS = (1_000, 10_000, 100_000, 1_000_000)
CASES = (10, 100, 1_000, 10_000, 100_000)
TRIES, LEAST_TRIES, LONGEST_S = 30, 3, 4.0  # of one figure: what takes seconds is not looked at thirty times
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Point:
    """The median milliseconds of one thing with so much of another in Redis."""

    what: str
    among: int
    ms: float


def with_conversations(line: Server, services: Services, redis: Redis) -> list[Point]:
    """Fill with copies of a real sealed session, caller and contact."""
    rows, filled = [], 0
    model = _model(line, services, redis)
    for size in CONVERSATIONS:
        _copies(redis, model, filled, size)
        filled = size
        rows.append(Point("a turn", size, _time_of(lambda: _turn(line))))
    return rows


def with_cases(line: Server, services: Services) -> list[Point]:
    """Open cases that staff have; the sweep looks at what is due, the board at what is open."""
    rows, opened = [], 0
    clock = Clock(services)
    for size in CASES:
        cases.open_many(services, size - opened)
        opened = size
        rows += [
            Point("a turn among open cases", size, _time_of(lambda: _turn(line))),
            Point("a sweep", size, _time_of(clock.sweep)),
            Point("reading the board's cases", size, _time_of(services.store.open_cases)),
        ]
    return rows


def measure() -> list[Point]:
    with stack.line_alone() as (line, services):
        redis = connect(services.settings, answer_s=None)
        return [*with_conversations(line, services, redis), *with_cases(line, services)]


def _turn(line: Server) -> None:
    form = stack.text(f"+1606{secrets.randbelow(10**7):07d}", "hi", "SM" + secrets.token_hex(16))
    headers = line.signed("/twilio/sms", form)
    requests.post(f"{line.url}/twilio/sms", data=form, headers=headers, timeout=10).raise_for_status()


def _time_of(act: Callable[[], object]) -> float:
    taken: list[float] = []
    until = time.monotonic() + LONGEST_S
    while len(taken) < TRIES and (len(taken) < LEAST_TRIES or time.monotonic() < until):
        begun = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begun) * 1_000)
    return median(taken)


def _model(line: Server, services: Services, redis: Redis) -> dict[str, bytes]:
    """What one real conversation left, by kind of key."""
    number = "+16065550100"
    form = stack.text(number, "hi", "SM" + "0" * 32)
    requests.post(
        f"{line.url}/twilio/sms", data=form, headers=line.signed("/twilio/sms", form), timeout=10
    ).raise_for_status()
    key = services.store.vault.caller_key(number)
    names = {
        "session": keys.session(f"sms-{key}"),
        "caller": keys.caller(key),
        "contact": keys.contact(f"sms-{key}"),
    }
    return {kind: value for kind, name in names.items() if isinstance(value := redis.get(name), bytes)}


def _copies(redis: Redis, model: dict[str, bytes], start: int, end: int) -> None:
    for first in range(start, end, BATCH):
        with redis.pipeline(transaction=False) as pipe:
            for n in range(first, min(first + BATCH, end)):
                for kind, value in model.items():
                    pipe.set(f"{kind}:copy-{n}", value, ex=timedelta(hours=4))
            pipe.execute()


def section() -> list[dict[str, object]]:
    """The points as plain values."""
    return [{"what": point.what, "among": point.among, "ms": point.ms} for point in measure()]


if __name__ == "__main__":
    for point in measure():
        print(f"{point.what:28} among {point.among:9,}  {point.ms:8.2f} ms")
