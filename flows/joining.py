"""When a plan rings the owner, and when the caller: staff first, and never two phones for one bridge."""

from dataclasses import replace
from datetime import datetime

from flows.bridge_end import without_bridge
from flows.case import CALLER, NOBODY, Bridge, CaseState, GuestKind, Line, LineKind, NoticeKind
from flows.notices import with_notice
from flows.pages import Page, PageState, Purpose, page_id
from flows.planning import LIFELINE, Work
from flows.roster import Contact, StaffId, everyone

NOT_RUNG = frozenset({PageState.DUE, PageState.FAILED_RETRY})
"""A call that certainly has not reached the caller's phone yet."""

MOST_ASKED = 3
"""Colleagues who are rung at once for a third person; the first to press the key comes."""


def await_safe_time(work: Work) -> Work:
    """A call back that has fallen due waits until the caller called it safe to call; its owner keeps the case."""
    case, now = work.case, work.now
    due = case.try_due_at is not None and case.try_due_at <= now and not case.on_line_call
    safe_at = case.call_from(now)
    return _put_off(work, safe_at, call="") if due and safe_at > now else work


def _put_off(work: Work, safe_at: datetime, *, call: str) -> Work:
    """Nobody is rung before `safe_at`; the owner is told, on `call` if they wait there, and may decide otherwise."""
    case, claim = work.case, work.case.claim
    lease = claim and replace(claim, until=max(claim.until, safe_at + case.level.claim_lease), reminded=False)
    later = replace(case, state=CaseState.CLAIMED, claim=lease, next_try_at=safe_at)
    told = with_notice(later, NoticeKind.NOT_SAFE_YET, work.now, staff_id=case.owner or NOBODY, call=call)
    return replace(work, case=told)


def ring_owner(work: Work) -> Work:
    """The owner's phone, once it is time and there is a caller who can be joined to it."""
    case, now = work.case, work.now
    if case.state is not CaseState.CLAIMED or case.try_due_at is None or case.try_due_at > now:
        return work
    owner = case.owner or NOBODY
    if owner in work.busy:
        return work.replacing(next_try_at=now + case.policy.ring_again)
    n = case.bridges + 1
    page = _call(work, Purpose.OWNER, owner, n)
    bridge = Bridge(n=n, started_at=now, join_at=now)
    line = Line(now, LineKind.RINGING_OWNER, owner, {"bridge": str(n)})
    ready = work.replacing(state=CaseState.BRIDGING, bridge=bridge, bridges=n, next_try_at=None)
    return ready.with_page(page).noting(line)


def ring_caller(work: Work) -> Work:
    """The caller's phone, once the owner waits in the bridge and the caller is not already on the line."""
    case, bridge = work.case, work.case.bridge
    if bridge is None or not bridge.staff_in or bridge.caller_in or case.on_line_call:
        return work
    if not case.may_call:
        return _nobody_to_join(work, bridge)
    page = _call(work, Purpose.CALLER, StaffId(""), bridge.n)
    known, safe_at = case.page(page.id), case.call_from(work.now)
    if safe_at > work.now and (known is None or known.state in NOT_RUNG):
        return _put_off(replace(work, case=without_bridge(case, bridge, work.now)), safe_at, call=bridge.staff_call)
    if known is not None:
        return work
    return work.with_page(page).noting(Line(work.now, LineKind.RINGING_CALLER, CALLER, {"bridge": str(bridge.n)}))


def _nobody_to_join(work: Work, bridge: Bridge) -> Work:
    """The caller hung up and may not be called: the owner is told and decides."""
    now, owner = work.now, work.case.owner or NOBODY
    alone = replace(work.case, state=CaseState.CLAIMED, bridge=None, guest=None, next_try_at=None)
    told = with_notice(alone, NoticeKind.CALLER_LEFT, now, staff_id=owner, call=bridge.staff_call)
    return replace(work, case=with_notice(told, NoticeKind.ASK_OUTCOME, now, staff_id=owner))


def ring_guest(work: Work) -> Work:
    """The phones of those who may come as the third person, once the owner is back, each rung once."""
    case, guest = work.case, work.case.guest
    if guest is None or guest.call or case.bridge is None or not case.bridge.staff_in:
        return work
    if guest.rung:
        return work if case.live(Purpose.GUEST) else work.replacing(guest=None)
    for staff_id in _guests(work, guest.kind):
        work = work.with_page(_call(work, Purpose.GUEST, staff_id, guest.n))
    return work.replacing(guest=replace(guest, rung=True))


def _guests(work: Work, kind: GuestKind) -> tuple[StaffId, ...]:
    if kind is GuestKind.LIFELINE:
        return (LIFELINE,)
    asked = everyone(work.roster, work.now)
    return tuple(one for one in asked if one != work.case.owner and one not in work.busy)[:MOST_ASKED]


def _call(work: Work, purpose: Purpose, staff_id: StaffId, n: int) -> Page:
    return Page(
        id=page_id(work.case.id, purpose, n, *((staff_id,) if purpose is Purpose.GUEST else ())),
        staff_id=staff_id,
        channel=Contact.CALL,
        round=work.case.round,
        step=work.case.step,
        n=n,
        due_at=work.now,
        next_at=work.now,
        purpose=purpose,
    )
