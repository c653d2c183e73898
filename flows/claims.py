"""Who has a case: taking it, passing it by, giving it back or on. A claim is a lease, and only one person holds it.

The store makes these decisions exclusive by comparing versions when it writes; these functions only decide.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from flows.case import (
    NOBODY,
    Bridge,
    Case,
    CaseState,
    Claim,
    ClaimVia,
    Line,
    LineKind,
    Lines,
    NoticeKind,
    Outcome,
    Reason,
    Refused,
)
from flows.handling import Transition, restarted
from flows.notices import finished, with_notice
from flows.pages import Page, Purpose, outcome, superseded
from flows.roster import Contact, StaffId


@dataclass(frozen=True, slots=True)
class Claimed:
    """The case is theirs once this is committed; not before that are they told so."""

    case: Case
    lines: Lines


@dataclass(frozen=True, slots=True)
class TakenBy:
    """Somebody else has it."""

    staff_id: StaffId


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """There is nothing left to take."""

    outcome: Outcome
    by: str


@dataclass(frozen=True, slots=True)
class StaleCode:
    """The code given is not this case's."""

    code: str


ClaimResult = Claimed | TakenBy | AlreadyClosed | StaleCode


def claim(
    case: Case, staff_id: StaffId, *, via: ClaimVia, now: datetime, code: str | None = None, call: str = ""
) -> ClaimResult:
    """What becomes of "I take it". `call` is the sid of the staff member's own call if a key was pressed on it.

    Taking one's own case again changes nothing, except that a key press on a call brings that call into the bridge.
    """
    if code is not None and code != case.code:
        return StaleCode(code)
    if case.outcome is not None:
        return AlreadyClosed(case.outcome, case.closed_by)
    if case.owner == staff_id:
        return _again(case, now, call)
    if case.owner is not None:
        return TakenBy(case.owner)
    lease = Claim(staff_id, now + case.level.claim_lease, via, now)
    taken = replace(_paging_stopped(case, staff_id, now, call), claim=lease, state=CaseState.CLAIMED, caller_tries=0)
    ready = _bridging(taken, now, call) if call and case.joinable else replace(taken, next_try_at=now)
    if ready.opted_out or ready.quiet:
        ready = with_notice(ready, NoticeKind.NO_TEXTS, now, staff_id=staff_id)
    line = Line(now, LineKind.CLAIMED, staff_id, {"via": via})
    return Claimed(*finished(_decision_asked(with_notice(ready, NoticeKind.TAKEN, now), now), line))


def _decision_asked(case: Case, now: datetime) -> Case:
    """Whoever takes the case of a caller whom nobody may reach is asked at once how it ends, and has time to say."""
    if case.reachable or case.claim is None:
        return case
    lease = replace(case.claim, until=now + max(case.level.claim_lease, case.policy.outcome_reminder), reminded=True)
    return with_notice(replace(case, claim=lease), NoticeKind.ASK_OUTCOME, now, staff_id=lease.staff_id)


def _again(case: Case, now: datetime, call: str) -> Claimed:
    """The owner presses the key on a call: it becomes the bridge, unless another call of theirs is that already."""
    waits_for_staff = case.state is CaseState.CLAIMED or (
        case.state is CaseState.BRIDGING and case.bridge is not None and not case.bridge.staff_call
    )
    if not call or not case.joinable or not waits_for_staff:
        return Claimed(case, ())
    return Claimed(*finished(_bridging(_paging_stopped(case, case.owner or NOBODY, now, call), now, call)))


def _bridging(case: Case, now: datetime, call: str) -> Case:
    """The case with a bridge that the staff member's present call is about to enter."""
    n = case.bridges + 1
    bridge = Bridge(n=n, started_at=now, join_at=now, staff_call=call)
    return replace(case, state=CaseState.BRIDGING, bridge=bridge, bridges=n, next_try_at=None)


def _paging_stopped(case: Case, staff_id: StaffId, now: datetime, call: str) -> Case:
    """Every page stopped; the call on which the key was pressed is known to be picked up, so that it is not cut."""
    return replace(case, pages=tuple(_stopped(page, staff_id, now, call) for page in case.pages))


def _stopped(page: Page, staff_id: StaffId, now: datetime, call: str) -> Page:
    theirs = page.staff_id == staff_id and page.channel is Contact.CALL and page.purpose is not Purpose.CALLER
    if call and theirs and (call in page.sids or not page.sids):
        return superseded(outcome(page, call, "in-progress", "", now), now)
    return superseded(page, now)


def pass_by(case: Case, staff_id: StaffId, now: datetime) -> Transition:
    """Not me, this time: no further page to them in this round; from its owner this gives the case back."""
    if case.closed:
        return Refused(Reason.CLOSED)
    if case.owner == staff_id:
        return release(case, staff_id, now)
    pages = tuple(superseded(page, now) if page.staff_id == staff_id else page for page in case.pages)
    passed = tuple(dict.fromkeys((*case.passed, staff_id)))
    return finished(replace(case, passed=passed, pages=pages), Line(now, LineKind.PASSED, staff_id))


def release(case: Case, staff_id: StaffId, now: datetime) -> Transition:
    """The owner gives the case back: others are paged at once, the caller is told."""
    if reason := _not_owner(case, staff_id):
        return Refused(reason)
    back = reopened(case, now)
    return finished(replace(back, passed=(staff_id,)), Line(now, LineKind.RELEASED, staff_id))


def give(case: Case, staff_id: StaffId, *, to: StaffId, now: datetime) -> Transition:
    """The owner hands the case to a colleague, who then has it for one lease; not in the middle of a call."""
    if reason := _not_owner(case, staff_id):
        return Refused(reason)
    if case.bridge is not None and (case.bridge.staff_in or case.bridge.staff_call):
        return Refused(Reason.IN_CALL)
    lease = Claim(to, now + case.level.claim_lease, ClaimVia.GIVEN, now)
    pages = tuple(superseded(page, now) for page in case.pages)
    given = replace(
        case,
        state=CaseState.CLAIMED,
        claim=lease,
        bridge=None,
        chat=False,
        pages=pages,
        next_try_at=now,
        caller_tries=0,
        ask_at=None,
    )
    given = with_notice(given, NoticeKind.GIVEN, now, staff_id=to)
    given = with_notice(given, NoticeKind.GAVE_AWAY, now, staff_id=staff_id)
    given = with_notice(given, NoticeKind.TAKEN, now)
    return finished(_decision_asked(given, now), Line(now, LineKind.GIVEN, staff_id, {"to": to}))


def claim_expired(case: Case, now: datetime) -> Transition:
    """The lease ran out before owner and caller were joined: paging goes on, both are told."""
    if case.claim is None or case.state not in {CaseState.CLAIMED, CaseState.BRIDGING}:
        return Refused(Reason.NOT_CLAIMED)
    if case.claim.until > now:
        return Refused(Reason.NOT_DUE)
    line = Line(now, LineKind.CLAIM_EXPIRED, case.claim.staff_id)
    return finished(reopened(case, now), line)


def reopened(case: Case, now: datetime) -> Case:
    """The case without an owner, at the first step of a new round; a caller in the bridge is back on hold."""
    owner, bridge = case.owner or NOBODY, case.bridge
    on_line = bridge.caller_call if bridge is not None and bridge.caller_in else case.on_line_call
    pages = tuple(superseded(page, now) for page in case.pages)
    free = restarted(
        replace(
            case,
            state=CaseState.PAGING,
            claim=None,
            bridge=None,
            chat=False,
            pages=pages,
            next_try_at=None,
            ask_at=None,
            asked=0,
            talked=case.talked * 0,
            on_line_call=on_line,
            on_line_since=(case.on_line_since or now) if on_line else None,
            next_notice_at=case.notice_after(now),
        ),
        now,
    )
    told = with_notice(free, NoticeKind.LOOKING_AGAIN, now)
    return with_notice(told, NoticeKind.CLAIM_OVER, now, staff_id=owner, call=bridge.staff_call if bridge else "")


def _not_owner(case: Case, staff_id: StaffId) -> Reason | None:
    if case.closed:
        return Reason.CLOSED
    if case.owner is None:
        return Reason.NOT_CLAIMED
    return None if case.owner == staff_id else Reason.NOT_YOURS
