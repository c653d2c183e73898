"""Erlang A: a queue of callers who may give up, before so many people who answer (M/M/n+M).

Formulas: S. Zeltyn and A. Mandelbaum, "Call centers with impatient customers: many-server asymptotics of the M/M/n+G
queue", Queueing Systems 51 (2005), section 4. Times are in seconds, rates in events a second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, log

STEPS = 2_000  # of Simpson's rule; an even number
NEGLIGIBLE = 40.0  # e^-40 of the largest value
MOST_STAFF = 200_000


class Unreachable(ValueError):
    """No number of people reaches the aim; says for how many contacts."""


@dataclass(frozen=True, slots=True)
class Queue:
    """`arrivals` per second, `handling` and `patience` as mean seconds, `staff` people who answer."""

    arrivals: float
    handling: float
    patience: float
    staff: int

    def __post_init__(self) -> None:
        """Refuse what no queue can be."""
        if self.arrivals < 0 or self.handling <= 0 or self.patience <= 0 or self.staff < 0:
            raise ValueError(f"no such queue: {self}")

    def within(self, seconds: float) -> float:
        """The share of arrivals who reach a human within so many seconds."""
        if self.arrivals == 0:
            return 1.0
        if self.staff == 0:
            return 0.0
        waits = _Waits(self)
        return waits.at_once + waits.served_by(seconds)

    @property
    def served(self) -> float:
        """The share who reach a human at all; the others give up."""
        return self.within(_horizon(self))


class _Waits:
    """The law of the time an arrival who never gave up would wait."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._until = _horizon(queue)
        self._highest = max(_exponent(queue, x) for x in _grid(self._until))
        waiting = queue.arrivals * _simpson(self._relative, 0.0, self._until)
        at_once = exp(-log(_erlang_b(queue.staff - 1, queue.arrivals * queue.handling)) - self._highest)
        self._total = at_once + waiting
        self.at_once = at_once / self._total

    def served_by(self, seconds: float) -> float:
        """The share who wait, do not give up, and are answered within so many seconds."""
        if seconds <= 0:
            return 0.0
        queue = self._queue

        def density(x: float) -> float:
            return queue.arrivals * self._relative(x) * exp(-x / queue.patience)

        return _simpson(density, 0.0, min(seconds, self._until)) / self._total

    def _relative(self, x: float) -> float:
        """The exponential, divided by its largest value, which alone could be too large for a number."""
        return exp(max(_exponent(self._queue, x) - self._highest, -700.0))


def staff_needed(arrivals: float, handling: float, patience: float, *, within: float, share: float) -> int:
    """The fewest people with whom this share of arrivals reaches a human within so many seconds.

    Raises:
        Unreachable: no number of people reaches it.

    """
    if not 0 < share < 1 or within < 0:
        raise ValueError(f"a share between 0 and 1 and a time are needed, not {share} and {within}")

    def enough(staff: int) -> bool:
        return Queue(arrivals, handling, patience, staff).within(within) >= share

    high = 1
    while not enough(high):
        high *= 2
        if high > MOST_STAFF:
            raise Unreachable(
                f"not even {MOST_STAFF:,} people are enough for {arrivals * 3_600:,.0f} contacts an hour that take "
                f"{handling / 60:g} minutes each: are both figures right?"
            )
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return 0 if arrivals == 0 else high


def _exponent(queue: Queue, x: float) -> float:
    """How much more has come, and not given up, than was answered by the time `x`."""
    come = queue.arrivals * queue.patience * (1 - exp(-x / queue.patience))
    return come - queue.staff / queue.handling * x


def _erlang_b(staff: int, offered: float) -> float:
    """The share that finds everybody busy when nobody waits, by the usual recursion."""
    blocked = 1.0
    for n in range(1, staff + 1):
        blocked = offered * blocked / (n + offered * blocked)
    return max(blocked, 1e-300)


def _horizon(queue: Queue) -> float:
    """A time by which all that matters has happened."""
    until = queue.patience
    while _exponent(queue, until) > _peak(queue) - NEGLIGIBLE:
        until *= 2
    return until


def _peak(queue: Queue) -> float:
    """The largest value of the exponent: where arrivals who have not given up just keep the staff busy."""
    busy = queue.staff / queue.handling / queue.arrivals
    if busy >= 1:
        return 0.0
    return _exponent(queue, -queue.patience * log(busy))


def _grid(until: float) -> list[float]:
    return [until * step / STEPS for step in range(STEPS + 1)]


def _simpson(of: Callable[[float], float], start: float, end: float) -> float:
    width = (end - start) / STEPS
    inner = sum((4 if step % 2 else 2) * of(start + width * step) for step in range(1, STEPS))
    return (of(start) + inner + of(end)) * width / 3
