"""What is kept of a caller between conversations; sealed at rest, the only place a caller's number stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from flows import safe_times
from flows.safe_times import SafeTimes
from flows.step import Consent

SAFE_TIMES = "safe_times"
"""Memory of a caller: when it is safe to call them."""


@dataclass(frozen=True, slots=True)
class CallerRecord:
    """One caller. `number` is E.164, or None where the number was withheld or cannot be called back.

    `opted_out` is kept beside the record (`keys.no_texts`), because it must outlive it.
    `last_seen` is exact for the beginning of a conversation and within minutes for its turns.
    `call_back` is another number they gave and confirmed for being called back at; texts never go there.
    """

    key: str
    number: str | None
    language: str | None = None
    consent: Consent = Consent.UNKNOWN
    opted_out: bool = False
    memory: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    last_seen: datetime | None = None
    call_back: str | None = None

    @property
    def safe_times(self) -> SafeTimes:
        """When they said it is safe to call them."""
        return safe_times.read(self.memory.get(SAFE_TIMES, ""))

    @property
    def to_call(self) -> str | None:
        """The number this caller is called at."""
        return self.call_back or self.number

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal record."""
        return {
            "key": self.key,
            "number": self.number,
            "language": self.language,
            "consent": self.consent.value,
            "memory": dict(self.memory),
            "last_seen": None if self.last_seen is None else self.last_seen.isoformat(),
            "call_back": self.call_back,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "CallerRecord":
        """Read what `to_json` wrote."""
        return cls(
            key=data["key"],
            number=data["number"],
            language=data["language"],
            consent=Consent(data["consent"]),
            memory=MappingProxyType(dict(data["memory"])),
            last_seen=None if data["last_seen"] is None else datetime.fromisoformat(data["last_seen"]),
            call_back=data.get("call_back"),
        )
