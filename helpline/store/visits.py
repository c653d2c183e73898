"""Who is signed in to the console, and codes that are on their way; sealed like everything personal."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flows.plain import from_plain, to_plain
from flows.roster import Role, StaffId


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A staff member's stay in the console, from signing in until they leave, are idle for too long, or are sent out.

    `role` is set only for whoever came by the first link, when no admin has a working phone yet.
    """

    id: str
    staff_id: StaffId
    since: datetime
    seen: datetime
    until: datetime
    idle: timedelta
    device: str = ""
    shared: bool = False
    role: Role | None = None

    def over(self, now: datetime) -> bool:
        """Whether it has run out."""
        return now >= self.until or now - self.seen >= self.idle

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal visit."""
        return dict(to_plain(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Visit":
        """Read what `to_json` wrote."""
        return from_plain(cls, data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A code that was texted, bound to the browser that asked for it; `code` is a keyed hash.

    `who` is a staff id, or for the call-me form what was typed there, sealed with the rest; empty where the number
    is nobody's, so that asking tells nothing.
    """

    id: str
    code: str = field(repr=False)
    made_at: datetime
    who: str = field(default="", repr=False)
    tries: int = 0
    shared: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal entry."""
        return dict(to_plain(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Entry":
        """Read what `to_json` wrote."""
        return from_plain(cls, data)
