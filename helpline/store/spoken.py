"""One thing said between a caller, the bot and staff while a case is open; sealed, and kept as long as free text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flows.events import Channel
from flows.plain import from_plain, to_plain

BOT = "bot"


@dataclass(frozen=True, slots=True)
class Spoken:
    """`who` is "caller", "bot" or a staff id."""

    at: datetime
    who: str
    text: str = field(repr=False)
    channel: Channel = Channel.SMS

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal value."""
        return dict(to_plain(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Spoken":
        """Read what `to_json` wrote."""
        return from_plain(cls, data)
