"""Reads what Twilio posts about a person: who, on which channel, what they gave; trusts nothing of the form's shape."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from flows.events import Answered, Channel, Event, HungUp, Recorded, Silent, Started, Via
from helpline.paging.dialable import Dialable
from helpline.privacy.vault import CallerKey, Vault

CALL_OVER = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
"""Twilio's words for a call that has ended."""

LONGEST_TEXT = 10_000  # characters; Twilio sends at most 1,600, a test or an attacker more
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
SID = re.compile(r"[A-Za-z]{2}[0-9A-Za-z]{8,64}\Z")
ANSWERED_BY_CARRIER = frozenset({"STOP", "START", "HELP"})
WITHHELD = frozenset({"+266696687", "+7378742833", "+2562533", "+8656696", "+86282452253"})
"""Numbers that spell ANONYMOUS, RESTRICTED, BLOCKED, UNKNOWN, UNAVAILABLE on a keypad (Twilio, "anonymous caller")."""


class Malformed(ValueError):
    """The machine that posted left out what no turn can be without; says which parameter."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One event of one person, as the line sees it."""

    caller_key: CallerKey
    number: str | None
    channel: Channel
    session_id: str
    event: Event
    call_sid: str | None = None
    media: int = 0

    @property
    def event_key(self) -> str:
        """What this event's answer is remembered under."""
        return self.event.id


@lru_cache(maxsize=1_024)  # whoever texts or presses a key does so again within the minute
def callable_number(raw: str) -> str | None:
    """The number in E.164 if it can be called back; None for "anonymous", a short code, a name or a withheld number."""
    return None if raw in WITHHELD else in_e164(raw, None)


def in_e164(raw: str, home: str | None) -> str | None:
    """The number in E.164 if it can be called; one without a country is read as one of `home`, if that is given."""
    try:
        parsed = phonenumbers.parse(raw, home)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def takes_texts(number: str) -> bool:
    """Whether a text to the number can arrive: not at a landline, as far as the numbering plan tells them apart."""
    kind = phonenumbers.number_type(phonenumbers.parse(number, None))
    return kind not in {PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE}


def text_session(key: CallerKey) -> str:
    """The id of a caller's conversation by text: one for each caller."""
    return f"sms-{key}"


def text_message(form: Mapping[str, str], vault: Vault, now: datetime, dialable: Dialable | None = None) -> Arrival:
    """The arrival of a text; `dialable` tells a number that may be called back.

    Raises:
        Malformed: without a MessageSid it cannot be told from its own repetition.

    """
    sid, body = _sid(form, "MessageSid"), clean(form.get("Body", ""))
    sender = form.get("From", "").strip()
    number = callable_number(sender)
    key = vault.caller_key(number or sender or sid)
    return Arrival(
        caller_key=key,
        number=number,
        channel=Channel.SMS,
        session_id=text_session(key),
        event=Answered(id=sid, at=now, text=body, carrier=_opt_out_type(form), number=_to_call_back(body, dialable)),
        media=count(form.get("NumMedia", "0")),
    )


def call(form: Mapping[str, str], vault: Vault, now: datetime) -> Arrival:
    """The arrival of a call."""
    return _call(form, vault, lambda sid: Started(id=sid, at=now))


def call_again(form: Mapping[str, str], vault: Vault, now: datetime) -> Arrival:
    """A call that comes back after a failure: a new event each time, for it only asks the present question again."""
    return _call(form, vault, lambda sid: Started(id=f"{sid}-{now.timestamp():.3f}", at=now))


def call_turn(
    form: Mapping[str, str], vault: Vault, now: datetime, version: str, dialable: Dialable | None = None
) -> Arrival:
    """What the caller pressed or said at the Gather of session version `version`; nothing at all is silence."""
    digits, speech = form.get("Digits", "").strip(), clean(form.get("SpeechResult", ""))

    def event(sid: str) -> Event:
        event_id = f"{sid}-{version}"
        if digits:
            return Answered(event_id, now, digits, Via.KEYS, number=_to_call_back(digits, dialable))
        if speech:
            return Answered(event_id, now, speech, Via.SPEECH, number=_to_call_back(speech, dialable))
        return Silent(id=event_id, at=now)

    return _call(form, vault, event)


def recording(form: Mapping[str, str], vault: Vault, now: datetime) -> Arrival:
    """A spoken message that the caller left.

    Raises:
        Malformed: without the sids of the call and of the recording.

    """
    sid, seconds = _sid(form, "RecordingSid"), count(form.get("RecordingDuration", "0"))
    gone = form.get("Digits", "") == "hangup" or form.get("CallStatus", "") == "completed"

    def event(call_sid: str) -> Event:
        return Recorded(id=f"{call_sid}-{sid}", at=now, recording=sid, seconds=seconds, hung_up=gone)

    return _call(form, vault, event)


def call_ended(form: Mapping[str, str], vault: Vault, now: datetime) -> Arrival:
    """The end of a caller's call."""
    return _call(form, vault, lambda sid: HungUp(id=f"{sid}-ended", at=now))


def _to_call_back(text: str, dialable: Dialable | None) -> str:
    return "" if dialable is None else dialable.number(text)


def voice_session(call_sid: str) -> str:
    """The id of a call's conversation."""
    return f"voice-{call_sid}"


def clean(text: str) -> str:
    """The person's words without control characters, which XML cannot carry, and not endless."""
    return CONTROL.sub(" ", text[:LONGEST_TEXT])


def _call(form: Mapping[str, str], vault: Vault, event: Callable[[str], Event]) -> Arrival:
    sid = _sid(form, "CallSid")
    ours = form.get("Direction", "").startswith("outbound")
    number = callable_number(form.get("To" if ours else "From", "").strip())
    return Arrival(
        caller_key=vault.caller_key(number or sid),
        number=None if ours else number,
        channel=Channel.VOICE,
        session_id=voice_session(sid),
        event=event(sid),
        call_sid=sid,
    )


def _sid(form: Mapping[str, str], name: str) -> str:
    sid = form.get(name, "")
    if not SID.match(sid):
        raise Malformed(f"{name} is missing or malformed: this address expects Twilio's webhook parameters")
    return sid


def _opt_out_type(form: Mapping[str, str]) -> str:
    """The opt-out word Twilio has answered itself, under Advanced Opt-Out."""
    word = form.get("OptOutType", "").strip().upper()
    return word if word in ANSWERED_BY_CARRIER else ""


def count(raw: str) -> int:
    """A small number as people and machines give it; anything else, and what no number is, is 0."""
    return int(raw) if raw.isdecimal() and len(raw) < 5 else 0
