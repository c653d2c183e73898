"""A third person in the call: a colleague or the crisis line, brought in by the owner, who may then leave.

Nobody can press keys to us from inside a conference (Twilio docs, Conference), so the owner steps out with `*`; the
caller holds meanwhile, and with the owner's return a new bridge begins.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from flows.bridge_end import picked_up, without_bridge
from flows.case import (
    CALLER,
    NOBODY,
    Case,
    CaseState,
    Claim,
    ClaimVia,
    Guest,
    GuestKind,
    Line,
    LineKind,
    Reason,
    Refused,
)
from flows.claims import Claimed, claim
from flows.handling import Transition
from flows.notices import finished
from flows.pages import Purpose
from flows.roster import StaffId

BACK_WITHIN = timedelta(seconds=60)
"""An owner who stepped out and does not come back is rung like one whose call dropped."""


def stepped_out(case: Case, call: str, now: datetime) -> Transition:
    """The owner left the room to ask for something; their call lives on, and the caller holds."""
    bridge, held = case.bridge, case.claim
    if case.closed or held is None or (bridge is not None and call != bridge.staff_call):
        return Refused(Reason.NO_BRIDGE)
    on_line = bridge.caller_call if bridge is not None and bridge.caller_in else case.on_line_call
    if not on_line or case.awaits_outcome:
        return Refused(Reason.NO_BRIDGE)
    out = replace(
        case if bridge is None else without_bridge(case, bridge, now),
        state=CaseState.CLAIMED,
        claim=replace(held, until=now + case.level.claim_lease, reminded=False),
        next_try_at=now + BACK_WITHIN,
        on_line_call=on_line,
        on_line_since=now,
        hold_told=False,
        guest=None,
    )
    return finished(out, Line(now, LineKind.STEPPED_OUT, held.staff_id))


def invite(case: Case, kind: GuestKind, call: str, now: datetime) -> Transition:
    """The owner goes back into the room and somebody else is called to it."""
    owner = case.owner
    if owner is None or case.closed:
        return Refused(Reason.NOT_CLAIMED)
    back = claim(case, owner, via=ClaimVia.CALL, now=now, call=call)
    if not isinstance(back, Claimed) or back.case.bridge is None:
        return Refused(Reason.NO_BRIDGE)
    guest = Guest(kind=kind, n=back.case.bridge.n, asked_at=now)
    line = Line(now, LineKind.GUEST_ASKED, owner, {"whom": kind})
    return finished(replace(back.case, guest=guest), *back.lines, line)


def takes_part(case: Case, staff_id: StaffId, call: str, now: datetime) -> Transition:
    """A colleague pressed the key, or the crisis line picked up: the first of them comes, other phones are stopped."""
    guest = case.guest
    if case.closed or guest is None:
        return Refused(Reason.NO_BRIDGE)
    if guest.call not in {"", call}:
        return Refused(Reason.OTHER_CALL)
    coming = replace(guest, call=call, staff_id=staff_id)
    return finished(replace(case, guest=coming, pages=picked_up(case, Purpose.GUEST, call, now)))


def is_here(case: Case, call: str, now: datetime) -> Transition:
    """The third person is in the room."""
    guest = case.guest
    if guest is None or guest.call != call:
        return Refused(Reason.OTHER_CALL)
    if guest.here:
        return case, ()
    return finished(replace(case, guest=replace(guest, here=True)), Line(now, LineKind.GUEST_JOINED, guest.staff_id))


def is_gone(case: Case, now: datetime) -> Transition:
    """The third person left, or never came."""
    who = NOBODY if case.guest is None else case.guest.staff_id
    return finished(replace(case, guest=None), Line(now, LineKind.GUEST_LEFT, who))


def stays_with_guest(case: Case, now: datetime) -> Transition | None:
    """The owner leaves while caller and guest talk: the call goes on without them. None where it does not.

    A colleague then has the case; after the crisis line the owner still says how it ended.
    """
    guest, bridge, held = case.guest, case.bridge, case.claim
    if guest is None or not guest.here or bridge is None or held is None or not bridge.caller_in:
        return None
    left = Line(now, LineKind.STAFF_LEFT, held.staff_id, {"bridge": str(bridge.n)})
    if guest.kind is GuestKind.COLLEAGUE:
        lease = Claim(guest.staff_id, now + case.level.claim_lease, ClaimVia.GIVEN, now)
        given = replace(case, claim=lease, bridge=replace(bridge, staff_call=guest.call), guest=None)
        return finished(given, left, Line(now, LineKind.GIVEN, held.staff_id, {"to": guest.staff_id}))
    alone = replace(
        without_bridge(case, bridge, now), state=CaseState.CONNECTED, ask_at=now, next_try_at=None, guest=None
    )
    return finished(alone, left, Line(now, LineKind.CALLER_LEFT, CALLER, {"bridge": str(bridge.n)}))
