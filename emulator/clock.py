"""The time the emulator lives in: real, faster, or moved by hand.

Everything here runs on the engine's own event loop thread.
"""

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

# A chain of wake-ups inside the loop (a future, the wait on it, the task above, ...) is never this long.
QUIET_TURNS = 50


@dataclass(order=True, slots=True)
class Timer:
    """A callback due at a moment of the emulator's clock."""

    due_s: float
    order: int
    action: Callable[[], object] = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """A clock with its timers. Speed 1 is real time, 10 is ten times faster, 0 stands still until advanced."""

    def __init__(self, *, speed: float = 1.0, start: datetime | None = None) -> None:
        self._epoch = start or datetime.now(UTC)
        self._virtual_s = 0.0
        self._real_s = time.monotonic()
        self._speed = speed
        self._heap: list[Timer] = []
        self._order = itertools.count()
        self._alarm: asyncio.TimerHandle | None = None
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Go on at `speed` from this moment."""
        self._virtual_s, self._real_s = self.elapsed_s(), time.monotonic()
        self._speed = speed
        self._arm()

    def elapsed_s(self) -> float:
        """Return seconds of emulator time since the start."""
        return self._virtual_s + (time.monotonic() - self._real_s) * self._speed

    def now(self) -> datetime:
        return self._epoch + timedelta(seconds=self.elapsed_s())

    def later(self, seconds: float, action: Callable[[], object]) -> Timer:
        """Run `action` after `seconds` of emulator time, in order of due time, then of asking."""
        timer = Timer(self.elapsed_s() + max(0.0, seconds), next(self._order), action)
        heapq.heappush(self._heap, timer)
        self._arm()
        return timer

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of emulator time; zero or less still lets others run."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.later(seconds, lambda: None if woken.done() else woken.set_result(None))
        try:
            await woken
        finally:
            timer.cancel()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Mark work that stepping must wait for, such as a webhook on its way."""
        self._busy += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy:
                self._idle.set()

    async def settle(self) -> None:
        """Wait until no webhook is under way and nothing more happens without time passing."""
        quiet = 0
        while quiet < QUIET_TURNS:
            if self._busy:
                quiet = 0
                await self._idle.wait()
            await asyncio.sleep(0)
            quiet += 1

    async def advance(self, seconds: float) -> None:
        """Move a stepped clock on, running every timer that falls due in order and letting its effects settle."""
        await self.settle()
        target = self.elapsed_s() + seconds
        while (timer := self._next_due(target)) is not None:
            self._virtual_s = max(self._virtual_s, timer.due_s)
            timer.action()
            await self.settle()
        self._virtual_s = max(self._virtual_s, target)
        await self.settle()

    def _next_due(self, target_s: float) -> Timer | None:
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        if self._heap and self._heap[0].due_s <= target_s:
            return heapq.heappop(self._heap)
        return None

    def _arm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        if self._heap and self._speed > 0:
            wait_s = (self._heap[0].due_s - self.elapsed_s()) / self._speed
            self._alarm = asyncio.get_running_loop().call_later(max(0.0, wait_s), self._ring)

    def _ring(self) -> None:
        while (timer := self._next_due(self.elapsed_s())) is not None:
            timer.action()
        self._arm()
