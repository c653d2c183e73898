"""What one step of a conversation gives: what to say, what to wait for, and what must happen besides."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows.safe_times import SafeTimes
from flows.urgency import Urgency

if TYPE_CHECKING:
    from flows.session import Session

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Prompt:
    """One message to convey, by id; the channel looks up its `sms` or `voice` form in the language given."""

    message: str
    language: str
    params: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class Wait(StrEnum):
    """What the channel does after the prompts are said."""

    ANSWER = "answer"  # SMS: wait for the next text. Voice: Gather.
    HOLD = "hold"  # A human is being found. SMS: as ANSWER. Voice: keep the caller on the line, keys stay alive.
    RECORD = "record"  # A spoken message, to which the caller has agreed. SMS: as ANSWER. Voice: Record.
    END = "end"  # The conversation is complete. Voice: hang up after the prompts. SMS: nothing more.


@dataclass(frozen=True, slots=True)
class Listen:
    """How to wait: `several` digits may be given, `hints` help speech recognition, `digits` caps key presses.

    `unhurried`: the caller asked for more time (a relay operator types for them, their hands shake), so wait longer.
    """

    wait: Wait
    hints: tuple[str, ...] = ()
    digits: int | None = 1
    several: bool = False
    unhurried: bool = False


class Consent(StrEnum):
    """The caller's answer to "is it safe for us to call this number?"."""

    UNKNOWN = "unknown"
    CALL_AND_VOICEMAIL = "call_and_voicemail"
    CALL_ONLY = "call_only"
    TEXT_ONLY = "text_only"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class NeedPerson:
    """A human must reach this caller: opens the caller's case, or raises the one that is open; never lowers.

    `reason` is a word for the record ("asked", "triage", "danger", "unclear", "guard"), never the caller's words.
    `dangers` are danger class names. `on_line` says that the caller is holding on a call.
    """

    urgency: Urgency
    reason: str
    dangers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AskForPerson:
    """Content's word for a need for a human at the conversation's urgency, where none was asked for yet."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The caller says a human is no longer needed (their word ends a case that is not in danger)."""


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """How the caller may be reached, from now on."""

    consent: Consent


@dataclass(frozen=True, slots=True)
class GiveSafeTimes:
    """When it is safe to call, from now on: `names` in content (none: any time) and what they mean."""

    names: tuple[str, ...]
    times: SafeTimes = ()


@dataclass(frozen=True, slots=True)
class OptOut:
    """No more texts to this caller; `confirmed_elsewhere` where the carrier already answered the STOP."""

    confirmed_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class OptIn:
    """Texts may be sent again."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Wake this session with `Expired(of_version=the new version, timer=name)` after `after`."""

    name: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a choice for the caller's next contacts, e.g. ("language", "es")."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class Relay:
    """The caller's words go to the staff member who has the case; the bot stays silent."""

    text: str


@dataclass(frozen=True, slots=True)
class Forget:
    """The caller asked, and confirmed, that what is held about them be deleted."""


@dataclass(frozen=True, slots=True)
class KeepQuiet:
    """Quick exit: somebody may be looking, so no word to this caller until they come back to us."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Whether it helped: the caller's answer to the one question after a case, which their conversation remembers."""

    helped: bool


@dataclass(frozen=True, slots=True)
class CaseNote:
    """Something staff should find in the case's timeline: the caller's words or an answer while a case is open."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class UseNumber:
    """Call this caller back at the number they gave and confirmed, from now on; it stands in the session's memory."""


@dataclass(frozen=True, slots=True)
class TextThis:
    """A caller on the phone asked to have what was just answered as a text too; these messages."""

    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepRecording:
    """A spoken message for staff: fetch it from the carrier, keep it sealed, delete it there."""

    recording: str
    seconds: int


@dataclass(frozen=True, slots=True)
class DropRecording:
    """The caller wants to say it anew: the message recorded last (in the session's memory) is deleted everywhere."""


Effect = (
    NeedPerson
    | AskForPerson
    | Withdraw
    | GiveConsent
    | GiveSafeTimes
    | OptOut
    | OptIn
    | Timer
    | Remember
    | Relay
    | Forget
    | KeepQuiet
    | Rate
    | CaseNote
    | UseNumber
    | TextThis
    | KeepRecording
    | DropRecording
)


@dataclass(frozen=True, slots=True)
class Step:
    """The result of `step`: the new session, what to say, how to wait, and the effects to commit with it."""

    session: "Session"
    prompts: tuple[Prompt, ...]
    effects: tuple[Effect, ...]
    listen: Listen
