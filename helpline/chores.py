"""What the line does by the clock: each a row of the due index that comes back after its time, done by one or two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from helpline.store import RedisStore, keys

log = structlog.get_logger()

AGAIN = timedelta(seconds=30)  # after one that failed or died


@dataclass(frozen=True, slots=True)
class Chore:
    """One chore: what to do, which may say when it wants to be done again, and when that is as a rule."""

    do: Callable[[], object]
    next_at: Callable[[datetime], datetime]
    at_start: bool = True


@dataclass(frozen=True, slots=True)
class Chores:
    """Runs chores. Each is harmless when run twice, so two clocks and a rung bell too many are harmless."""

    store: RedisStore
    clock: Callable[[], datetime]
    chores: Mapping[str, Chore]

    def begin(self) -> None:
        """Put every chore into the due index: those of a start now, the others at their time."""
        now = self.clock()
        for name, chore in self.chores.items():
            at = now if chore.at_start else chore.next_at(now)
            self.store.wake(keys.chore_member(name), at, sooner=True)

    def hasten(self, name: str) -> None:
        """Have one done now, whenever its time would be."""
        self.store.wake(keys.chore_member(name), self.clock(), sooner=True)

    def run(self, name: str) -> None:
        """Do one. It is put off first, so that one that dies comes back."""
        chore = self.chores.get(name)
        if chore is None:
            self.store.drop_due(keys.chore_member(name))
            log.error("chore_unknown", row=name)
            return
        self.store.wake(keys.chore_member(name), self.clock() + AGAIN)
        wanted = chore.do()
        self.store.wake(
            keys.chore_member(name), wanted if isinstance(wanted, datetime) else chore.next_at(self.clock())
        )


def every(wait: timedelta) -> Callable[[datetime], datetime]:
    """Again after this time."""
    return lambda now: now + wait
