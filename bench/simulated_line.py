"""Plays the web or worker processes of a line as one queue, to see whether the sum of `helpline capacity` holds."""

import heapq
import random
from dataclasses import dataclass

from bench.figures import quantile

SPREAD = 0.6  # of the logarithm of a time: a turn's p99 is then about four times its median, as measured


@dataclass(frozen=True, slots=True)
class Played:
    """What happened to the requests: how long they waited before they were begun, in seconds, and how busy all were."""

    p50_wait: float
    p99_wait: float
    busy: float


def play(per_second: float, service_s: float, processes: int, *, requests: int, seed: int) -> Played:
    """Arrivals by chance, times by a log-normal law of the measured mean, each request to the first free process."""
    draw = random.Random(seed)
    free = [0.0] * processes
    now, worked, waits = 0.0, 0.0, []
    shift = -SPREAD * SPREAD / 2
    for _ in range(requests):
        now += draw.expovariate(per_second)
        begins = max(now, free[0])
        takes = service_s * draw.lognormvariate(shift, SPREAD)
        heapq.heapreplace(free, begins + takes)
        worked += takes
        waits.append(begins - now)
    waits.sort()
    return Played(quantile(waits, 0.5), quantile(waits, 0.99), worked / (now * processes))
