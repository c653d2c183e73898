"""The line's memory as the rest of the program knows it, and how much one phone gets at a time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from helpline.store import keys
from helpline.store.books import Books
from helpline.store.due import Beat
from helpline.store.looks import LiveRoster
from helpline.store.speaking import Conflict, Unavailable
from helpline.store.transaction import Transaction

__all__ = ["Beat", "Conflict", "Gate", "LiveRoster", "RedisStore", "Unavailable"]


@dataclass(frozen=True, slots=True)
class Gate:
    """So many may pass within this time."""

    most: int
    within: timedelta


class RedisStore(Books):
    """The line's memory."""

    # -- one phone has one mouth and one ear: how much it gets at a time --------------------------------------------

    def enter_gate(self, name: str, who: str, now: datetime, gate: Gate) -> datetime | None:
        """Let `who` through a gate, or say until when it is to wait. Whoever came through last may do so again."""

        def decide(tx: Transaction) -> datetime | None:
            (kept,) = tx.read(keys.gate(name))
            until = None if kept is None else datetime.fromisoformat(kept["until"])
            if kept is None or until is None or until <= now or kept["who"] == who:
                kept, until = {"passed": 0}, now + gate.within
            elif kept["passed"] >= gate.most:
                return until
            passed = {"who": who, "passed": kept["passed"] + 1, "until": until.isoformat()}
            tx.keep(keys.gate(name), passed, self.retention.reply)
            return None

        return self.transact(decide)

    def keep_gate(self, name: str, who: str, until: datetime) -> None:
        """Hold a gate shut for everybody but `who`."""
        held = {"who": who, "passed": 1, "until": until.isoformat()}
        self.transact(lambda tx: tx.keep(keys.gate(name), held, self.retention.reply))

    def leave_gate(self, name: str, who: str) -> None:
        """Open a gate that `who` holds."""

        def decide(tx: Transaction) -> None:
            (kept,) = tx.read(keys.gate(name))
            if kept is not None and kept["who"] == who:
                tx.delete(keys.gate(name))

        self.transact(decide)

    def remember_fold(self, token: str, pages: tuple[str, ...]) -> None:
        """Which pages one text carries, for its callbacks; kept before it is sent."""
        self.transact(lambda tx: tx.keep(keys.fold(token), list(pages), self.retention.reply))

    def folded(self, token: str) -> tuple[str, ...]:
        """The pages one text carries; none if nothing is known of it."""
        raw = self._call(lambda: self._redis.get(keys.fold(token)))
        return () if raw is None else tuple(self.vault.open(raw))
