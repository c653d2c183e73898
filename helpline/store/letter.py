"""A text, or a call that says it, to one number: what has to be said to somebody outside a case's own pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flows.plain import from_plain, to_plain
from flows.roster import Contact


class LetterKind(StrEnum):
    """What a letter is for; the audit trail and the log say this and never the words."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"  # a number typed into the call-me form
    CHAT = "chat"  # a staff member's words to a caller
    RELAY = "relay"  # a caller's words to a staff member
    TEST = "test"  # a staff member rings their own phone
    ALARM = "alarm"
    NOTICE = "notice"
    ANSWER = "answer"  # what a caller asked to have by text as well
    LATE = "late"  # an answer to what came while the line was down


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter; sealed at rest, gone once sent or too old.

    `until`: after that it is not sent any more. `case_id`: the case that is told when it could not be sent.
    `settles`: the conversation whose contact ends with this letter. `first`: no human had written to or talked with
    the caller before.
    `held_until` keeps a second worker from sending it too; `requests` counts those the carrier may have carried out,
    the first of them at `asked_at`: from then on the carrier is asked what it has before it is sent again.
    """

    id: str
    kind: LetterKind
    to: str = field(repr=False)
    text: str = field(repr=False)
    until: datetime
    language: str = "en"
    by: Contact = Contact.SMS
    case_id: str = ""
    held_until: datetime | None = None
    requests: int = 0
    asked_at: datetime | None = None
    sent: bool = False
    settles: str = ""
    first: bool = False

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal letter."""
        return dict(to_plain(self))

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Letter":
        """Read what `to_json` wrote."""
        return from_plain(cls, data)


KEPT_AFTER = timedelta(minutes=10)
"""How long a letter outlives its `until` in the store, so that its last report still finds it."""

LONGEST = timedelta(days=1)
"""No letter is good for longer."""
