"""Twilio's guard against two machines answering each other without end (error 14107)."""

from dataclasses import dataclass, field

REPLIES = 30
GAP_S = 30.0


@dataclass(slots=True)
class LoopGuard:
    """Counts replies between two numbers that follow each other within 30 seconds."""

    runs: dict[frozenset[str], tuple[int, float]] = field(default_factory=dict)

    def allows(self, sender: str, recipient: str, now_s: float) -> bool:
        """Return whether one more reply may be sent; refused until 30 seconds have passed without one sent."""
        pair = frozenset({sender, recipient})
        count, last_s = self.runs.get(pair, (0, now_s - GAP_S))
        if now_s - last_s >= GAP_S:
            count = 0
        if count >= REPLIES:
            return False
        self.runs[pair] = (count + 1, now_s)
        return True
