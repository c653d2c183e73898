"""How soon a caller must reach a human; inside a conversation it only rises."""

from enum import IntEnum


class Urgency(IntEnum):
    """Ordered so that `max` is the only way two levels are ever combined."""

    ROUTINE = 0
    SOON = 1
    URGENT = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """The level as people and content files write it, e.g. "urgent"."""
        return self.name.lower()

    @classmethod
    def from_word(cls, word: str) -> "Urgency":
        """Read a level from content; a KeyError names the word that is no level."""
        return cls[word.strip().upper()]
