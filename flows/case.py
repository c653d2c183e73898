"""A case: the durable obligation to reach one caller, and everything that is known about keeping it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Self

from flows.case_parts import NOBODY, Bridge, Claim, Guest, Line, Lines, Notice, Opening, Refused
from flows.case_words import CaseState, ClaimVia, GuestKind, Hearer, LineKind, NoticeKind, Outcome, Reason
from flows.events import Channel
from flows.pages import Page, Purpose
from flows.plain import from_plain, to_plain
from flows.policy import Level, Policy
from flows.roster import StaffId
from flows.safe_times import SafeTimes, next_safe
from flows.safety.dangers import Danger
from flows.step import Consent
from flows.urgency import Urgency

__all__ = [
    "CALLER", "NOBODY", "SCHEMA", "Bridge", "Case", "CaseState", "Claim", "ClaimVia", "Guest", "GuestKind", "Hearer",
    "Line", "LineKind", "Lines", "Notice", "NoticeKind", "Opening", "Outcome", "Reason", "Refused", "changed",
]  # fmt: skip

SCHEMA = 1
CALLER = "caller"
"""Who did something, in a timeline or a closing, when it was not a staff member."""

SOMEBODY_NEAR = (Danger.VIOLENCE_TO_ME, Danger.ASSAULT, Danger.CHILD)
"""Dangers that come from somebody who may hear the telephone."""

_NO_COUNTS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case. `version` rises by one with every transition.

    `step`, `round`, `step_at`: the next step to page and when. `exhausted` counts whole
    rounds without a claim. `passed` said no in this round. `tried` were paged at
    least once. `tally` counts pages that are no longer kept, by how they ended; `notices_made` numbers notices.
    `next_try_at`: when owner and caller are next to be called; None: not by machine. `bridges` counts bridges,
    `caller_tries` the calls the caller did not take, `talked` how long owner and caller have talked so far.
    `chat`: the owner writes with the caller from the console, and the bot keeps silent.
    `safe_times` are when the caller said it is safe to call, `safe_said_at` how urgent it was when they said so;
    `call_anyway`: the owner decided that the next call goes out all the same.
    `alarmed` are alarms given once. `due_at` is the target for contact with a human, `contact_at` when it was made.
    """

    id: str
    code: str
    caller_key: str
    sessions: tuple[str, ...]
    channels: tuple[Channel, ...]
    urgency: Urgency
    reason: str
    language: str
    opened_at: datetime
    due_at: datetime
    policy: Policy
    step_at: datetime
    next_notice_at: datetime
    version: int = 1
    state: CaseState = CaseState.OPEN
    dangers: tuple[str, ...] = ()
    consent: Consent = Consent.UNKNOWN
    opted_out: bool = False
    quiet: bool = False
    safe_times: SafeTimes = ()
    safe_said_at: Urgency = Urgency.ROUTINE
    call_anyway: bool = False
    anonymous: bool = False
    synthetic: bool = False
    chat: bool = False
    step: int = 0
    round: int = 0
    paged_in_round: int = 0
    exhausted: int = 0
    passed: tuple[StaffId, ...] = ()
    tried: tuple[StaffId, ...] = ()
    pages: tuple[Page, ...] = ()
    tally: Mapping[str, int] = field(default_factory=lambda: _NO_COUNTS)
    claim: Claim | None = None
    bridge: Bridge | None = None
    guest: Guest | None = None
    rated: bool = False
    bridges: int = 0
    on_line_call: str = ""
    on_line_since: datetime | None = None
    hold_told: bool = False
    next_try_at: datetime | None = None
    caller_tries: int = 0
    talked: timedelta = timedelta(0)
    notices: tuple[Notice, ...] = ()
    notices_made: int = 0
    told: tuple[NoticeKind, ...] = ()
    alarmed: tuple[NoticeKind, ...] = ()
    ask_at: datetime | None = None
    asked: int = 0
    check_at: datetime | None = None
    contact_at: datetime | None = None
    outcome: Outcome | None = None
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def level(self) -> Level:
        """What the policy asks for at the case's present urgency."""
        return self.policy.level(self.urgency)

    @property
    def closed(self) -> bool:
        return self.state is CaseState.CLOSED

    @property
    def waiting(self) -> bool:
        """True while nobody has the case."""
        return self.state in {CaseState.OPEN, CaseState.PAGING}

    @property
    def in_danger(self) -> bool:
        return self.urgency >= Urgency.URGENT

    @property
    def awaits_outcome(self) -> bool:
        """True once owner and caller have talked or written and the owner has not said how it ended."""
        return self.state is CaseState.CONNECTED and self.bridge is None

    @property
    def owner(self) -> StaffId | None:
        return None if self.claim is None else self.claim.staff_id

    @property
    def may_text(self) -> bool:
        """True if the caller may be sent texts: they write to us or asked for it, and nothing speaks against it."""
        wanted = Channel.SMS in self.channels or self.consent is Consent.TEXT_ONLY
        return wanted and not (self.opted_out or self.quiet or self.anonymous or self.consent is Consent.NO_CONTACT)

    @property
    def may_call(self) -> bool:
        """True if the caller may be called: they said so, or were not asked yet and called us or are in danger."""
        if self.quiet or self.anonymous or self.consent in {Consent.TEXT_ONLY, Consent.NO_CONTACT}:
            return False
        return self.consent is not Consent.UNKNOWN or self.in_danger or Channel.VOICE in self.channels

    def call_from(self, now: datetime) -> datetime:
        """From when on the caller, who may be called, may be rung: now, or at the next time they called safe.

        An emergency that came up after they had named their times goes before, but not where somebody hurts them: then
        whoever is beside them is the danger. The owner can overrule the times for one call.
        """
        new_emergency = self.urgency is Urgency.EMERGENCY > self.safe_said_at
        near = any(danger in self.dangers for danger in SOMEBODY_NEAR)
        return now if self.call_anyway or (new_emergency and not near) else next_safe(self.safe_times, now)

    @property
    def may_leave_message(self) -> bool:
        """True if a neutral message may be left on the caller's machine: only if they said so."""
        return self.may_call and self.consent is Consent.CALL_AND_VOICEMAIL

    @property
    def joinable(self) -> bool:
        """True if a call can bring owner and caller together; if not, they write."""
        return self.may_call or bool(self.on_line_call)

    @property
    def try_due_at(self) -> datetime | None:
        """When owner and caller are to be called for a bridge; None if no machine can join the caller to one."""
        return self.next_try_at if self.state is CaseState.CLAIMED and self.joinable else None

    @property
    def hold_over_at(self) -> datetime | None:
        """When a caller on hold is to be told that it takes long; None if they are not holding or were told."""
        holds = self.on_line_since is not None and not self.hold_told and self.state is not CaseState.CONNECTED
        return self.on_line_since + self.level.max_hold if holds and self.on_line_since else None

    @property
    def remind_at(self) -> datetime:
        """When the owner of a claim is reminded that it runs out: in the middle of its last lease."""
        return (self.claim.until if self.claim else self.opened_at) - self.level.claim_lease / 2

    def notice_after(self, now: datetime) -> datetime:
        """When a waiting caller is told, after `now`, how things stand."""
        times = (self.opened_at + after for after in self.level.notices)
        return next((time for time in times if time > now), now + self.level.notice_every)

    @property
    def live_calls(self) -> tuple[str, ...]:
        """The sids of calls believed to be live in the bridge or on hold."""
        bridged = (self.bridge.staff_call, self.bridge.caller_call) if self.bridge else ()
        return tuple(dict.fromkeys(call for call in (*bridged, self.on_line_call) if call))

    @property
    def reachable(self) -> bool:
        """True if there is any way to the caller; if not, only their next contact or a human's decision helps."""
        return self.may_call or self.may_text or bool(self.on_line_call)

    @property
    def relay(self) -> bool:
        """True while the caller's texts go to the owner, and the owner's to them, and the bot keeps silent."""
        writing = self.chat or not self.may_call or self.awaits_outcome
        return self.owner is not None and self.may_text and self.bridge is None and not self.closed and writing

    def page(self, page_id: str) -> Page | None:
        return next((page for page in self.pages if page.id == page_id), None)

    def live(self, purpose: Purpose) -> tuple[Page, ...]:
        """The attempts of one purpose that are not over."""
        return tuple(page for page in self.pages if page.purpose is purpose and not page.over)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values with a schema number; `from_json` gives back an equal case."""
        return {"schema": SCHEMA, **to_plain(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: the record was written by a schema this program does not know, or is damaged.

        """
        if data.get("schema") != SCHEMA:
            raise ValueError(f"case schema {data.get('schema')!r} is not {SCHEMA}: run the release step first")
        plain = {name: value for name, value in data.items() if name != "schema"}
        if isinstance(policy := plain.get("policy"), Mapping):
            plain["policy"] = _policy(json.dumps(policy))
        return from_plain(cls, plain)


@lru_cache(maxsize=64)
def _policy(plain: str) -> Policy:
    """A policy as cases carry it. All that opened under one content carry the same, so it is read once for them."""
    return from_plain(Policy, json.loads(plain))


def changed(case: Case, **fields: Any) -> Case:
    """The next version of the case."""
    return replace(case, version=case.version + 1, **fields)
