"""What the line itself keeps of a conversation: its open contact, and what its last events were answered with.

One record: two weighed more, and cost a turn more, than what is in them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flows.ledger import Contact
from flows.plain import from_plain, to_plain
from helpline.store.answers import Row


@dataclass(frozen=True, slots=True)
class Desk:
    """`contact` is the ledger's line while the contact is open; `answers` are of the last events, newest last."""

    contact: Contact | None = None
    answers: Sequence[Row] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal desk."""
        return {"contact": None if self.contact is None else to_plain(self.contact), "answers": list(self.answers)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> "Desk":
        """Read what `to_json` wrote; the line of an open contact stood there alone until November 2026."""
        if data is None:
            return cls()
        if "answers" not in data:
            return cls(from_plain(Contact, data))
        contact = data["contact"]
        return cls(None if contact is None else from_plain(Contact, contact), data["answers"])
