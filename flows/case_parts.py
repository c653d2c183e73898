"""What a case is made of: entries of its timeline, who has it, the call between the two, what there is to tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from flows.case_words import ClaimVia, GuestKind, Hearer, LineKind, NoticeKind, Reason
from flows.events import Channel
from flows.roster import StaffId
from flows.safe_times import SafeTimes
from flows.step import Consent
from flows.urgency import Urgency

NOBODY: Final = StaffId("")

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timeline. `who` is a staff id, "caller" or "" for the line itself; no phone numbers anywhere."""

    at: datetime
    what: LineKind
    who: str = ""
    detail: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The case stays as it is, and why."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on the case: over at `until` unless the bridge comes about."""

    staff_id: StaffId
    until: datetime
    via: ClaimVia
    since: datetime
    reminded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """The `n`th call that joins owner and caller. `join_at`: when a caller on hold is to be (again) moved into it."""

    n: int
    started_at: datetime
    join_at: datetime
    staff_call: str = ""
    caller_call: str = ""
    staff_in: bool = False
    caller_in: bool = False
    connected_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A third person called into bridge `n`; `staff_id` and `call` are those of the one who comes."""

    kind: GuestKind
    n: int
    asked_at: datetime
    call: str = ""
    staff_id: StaffId = NOBODY
    rung: bool = False
    here: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something to tell somebody, kept in the case until it was told or is no longer true."""

    id: str
    to: Hearer
    kind: NoticeKind
    made_at: datetime
    next_at: datetime
    staff_id: StaffId = NOBODY
    call: str = ""
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What is known of the caller when a case opens. `on_line_call` is their live call's sid while they hold."""

    id: str
    code: str
    caller_key: str
    session_id: str
    channel: Channel
    urgency: Urgency
    reason: str
    dangers: tuple[str, ...] = ()
    language: str = "en"
    consent: Consent = Consent.UNKNOWN
    opted_out: bool = False
    anonymous: bool = False
    on_line_call: str = ""
    synthetic: bool = False
    safe_times: SafeTimes = ()
