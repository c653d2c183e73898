"""What happened to a conversation: the only inputs `step` takes besides the flow and the session."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    """How the caller reached the line; the same flow serves both."""

    SMS = "sms"
    VOICE = "voice"


class Via(StrEnum):
    """How an answer was given, because a key press needs no guessing and speech needs much."""

    TEXT = "text"
    KEYS = "keys"
    SPEECH = "speech"


@dataclass(frozen=True, slots=True)
class Started:
    """The caller's phone call reached the line (a first text is an `Answered` on a fresh session)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller wrote, pressed or said something; `text` is what they gave, untouched.

    `carrier` is the opt-out word that the carrier has already answered itself: "STOP", "START" or "HELP" (Twilio
    sends it as `OptOutType`); empty: nobody answered it yet. `number` is the telephone number (E.164) that the answer
    is, if it is one that this line may call; whoever makes the event has checked that.
    """

    id: str
    at: datetime
    text: str
    via: Via = Via.TEXT
    carrier: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Silent:
    """The caller was asked and gave nothing in time (voice only; a text can take as long as it likes)."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Recorded:
    """The caller, who had agreed to it, left a spoken message; `recording` is the carrier's sid of it."""

    id: str
    at: datetime
    recording: str
    seconds: int
    hung_up: bool = False


@dataclass(frozen=True, slots=True)
class HungUp:
    """The caller's call ended, whoever ended it."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Expired:
    """A timer rang that was set at session version `of_version`; at any other version it is void."""

    id: str
    at: datetime
    of_version: int
    timer: str = "session"


Event = Started | Answered | Silent | Recorded | HungUp | Expired
