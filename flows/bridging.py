"""Joining owner and caller: staff first, then the caller, and what becomes of the case when either leaves."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from flows import third_party
from flows.bridge_end import picked_up, without_bridge
from flows.case import (
    CALLER,
    NOBODY,
    Bridge,
    Case,
    CaseState,
    Claim,
    Guest,
    Line,
    LineKind,
    NoticeKind,
    Reason,
    Refused,
)
from flows.events import Channel
from flows.handling import Transition, back_to_owner
from flows.notices import finished, with_notice
from flows.pages import Purpose

AT_ONCE = timedelta(seconds=3)
"""Sooner than anybody back on hold could hear that they were lost and hang up: the two have hung up together."""


def room_of(case: Case) -> str:
    """The room of the bridge: each has its own, so that a phone left over from an earlier one meets nobody."""
    return f"{case.id}.{case.bridges}"


def of_room(case: Case, n: int) -> bool:
    """Whether a report about the room of bridge `n` is about the present one; 0: it does not say which."""
    return n in {0, case.bridges}


def call_started(case: Case, call: str, now: datetime) -> Transition:
    """The caller is on the line and holds; an owner who has already talked to them is called back."""
    if case.closed:
        return Refused(Reason.CLOSED)
    channels = tuple(dict.fromkeys((*case.channels, Channel.VOICE)))
    holding = replace(case, on_line_call=call, on_line_since=now, hold_told=False, channels=channels)
    if case.awaits_outcome:
        holding = back_to_owner(holding, now)
    elif case.state is CaseState.CLAIMED:
        holding = replace(holding, next_try_at=now)
    return finished(holding, Line(now, LineKind.CALL_STARTED, CALLER))


def staff_joined(case: Case, call: str, now: datetime) -> Transition:
    """The owner is in the bridge; the lease starts anew, because now it is the caller's turn."""
    bridge, claim = case.bridge, case.claim
    if bridge is None or claim is None:
        return Refused(Reason.NO_BRIDGE)
    if bridge.staff_call not in {"", call}:
        return Refused(Reason.OTHER_CALL)
    if bridge.staff_in:
        return case, ()
    joined = replace(
        case,
        bridge=replace(bridge, staff_in=True, staff_call=call, join_at=now),
        claim=replace(claim, until=now + case.level.claim_lease),
        pages=picked_up(case, Purpose.OWNER, call, now),
    )
    line = Line(now, LineKind.STAFF_JOINED, claim.staff_id, {"bridge": str(bridge.n)})
    return _joined(joined, line, now)


def caller_joined(case: Case, call: str, now: datetime) -> Transition:
    """The caller is in the bridge; a second phone of theirs that rings is stopped."""
    bridge = case.bridge
    if bridge is None:
        return Refused(Reason.NO_BRIDGE)
    if any(call in page.sids for page in case.pages if page.purpose is not Purpose.CALLER):
        return Refused(Reason.OTHER_CALL)  # a phone of staff, perhaps of who had the case before: not the caller
    if bridge.caller_in:
        return (case, ()) if bridge.caller_call == call else Refused(Reason.OTHER_CALL)
    joined = replace(
        case,
        bridge=replace(bridge, caller_in=True, caller_call=call),
        on_line_call="",
        on_line_since=None,
        pages=picked_up(case, Purpose.CALLER, call, now),
    )
    return _joined(joined, Line(now, LineKind.CALLER_JOINED, CALLER, {"bridge": str(bridge.n)}), now)


def _joined(case: Case, line: Line, now: datetime) -> Transition:
    """The case, connected once both are in."""
    bridge = case.bridge
    if bridge is None or not (bridge.staff_in and bridge.caller_in):
        return finished(case, line)
    connected = replace(
        case,
        state=CaseState.CONNECTED,
        bridge=replace(bridge, connected_at=now),
        contact_at=case.contact_at or now,
        next_try_at=None,
        ask_at=None,
    )
    return finished(connected, line, Line(now, LineKind.CONNECTED, case.owner or NOBODY, {"bridge": str(bridge.n)}))


def call_ended(case: Case, call: str, now: datetime) -> Transition:
    """A call of the owner's or the caller's ended, whoever hung up."""
    bridge = case.bridge
    if case.closed:
        return Refused(Reason.CLOSED)
    if case.guest is not None and call and call == case.guest.call:
        return third_party.is_gone(case, now)
    if bridge is not None and call == bridge.staff_call:
        return staff_left(case, now)
    if bridge is not None and call == bridge.caller_call:
        return caller_left(case, now)
    if call and call == case.on_line_call:
        return _hold_ended(case, now)
    return Refused(Reason.OTHER_CALL)


def room_left(case: Case, call: str, now: datetime, *, on_line: bool, n: int = 0) -> Transition:
    """Somebody is out of bridge `n`'s room; `on_line`: their call lives on, which only the room's end brings about.

    A caller whose call lives on has not hung up: it was the owner who left, whichever of the two reports comes first.
    """
    bridge = case.bridge
    if case.closed or not of_room(case, n):
        return Refused(Reason.CLOSED if case.closed else Reason.NO_BRIDGE)
    if case.guest is not None and call and call == case.guest.call:
        return third_party.is_gone(case, now)
    if bridge is None or not call or call not in {bridge.staff_call, bridge.caller_call}:
        return Refused(Reason.OTHER_CALL)
    if call == bridge.staff_call or on_line:
        return staff_left(case, now)
    return caller_left(case, now)


def seen_in_room(case: Case, n: int, inside: Collection[str], now: datetime) -> Transition:
    """Who the carrier says is in the room of a bridge in which both were: a report that somebody left may be lost.

    A caller alone outside is brought back to the owner, who waits for them; an owner alone outside is about to say why.
    """
    bridge = case.bridge
    if bridge is None or bridge.n != n or bridge.connected_at is None or case.guest is not None:
        return Refused(Reason.NO_BRIDGE)
    if bridge.connected_at + case.policy.ring_again > now or bridge.caller_call in inside:
        return Refused(Reason.NOT_DUE)
    if bridge.staff_call not in inside:
        return staff_left(case, now)
    return _caller_outside(case, bridge, now)


def _caller_outside(case: Case, bridge: Bridge, now: datetime) -> Transition:
    """The caller's call lives and is not in the room: they hold, and are moved in again."""
    apart = without_bridge(case, bridge, now)
    waits = replace(bridge, caller_in=False, caller_call="", connected_at=None, join_at=now)
    lease = case.claim and replace(case.claim, until=now + case.level.claim_lease, reminded=False)
    holds = replace(
        apart,
        state=CaseState.BRIDGING,
        bridge=waits,
        claim=lease,
        on_line_call=bridge.caller_call,
        on_line_since=now,
        hold_told=False,
    )
    return finished(holds, Line(now, LineKind.CALLER_LEFT, CALLER, {"bridge": str(bridge.n), "on_line": "true"}))


def staff_left(case: Case, now: datetime) -> Transition:
    """The owner's call ended. A caller still in the bridge is on hold; unless they hang up at once, paging goes on."""
    bridge, claim = case.bridge, case.claim
    if bridge is None or claim is None:
        return Refused(Reason.NO_BRIDGE)
    if (with_guest := third_party.stays_with_guest(case, now)) is not None:
        return with_guest
    line = Line(now, LineKind.STAFF_LEFT, claim.staff_id, {"bridge": str(bridge.n)})
    left = replace(without_bridge(case, bridge, now), state=CaseState.CLAIMED)
    if not bridge.caller_in:
        return finished(replace(left, next_try_at=now + case.policy.ring_again), line)
    brief = replace(claim, until=now + case.policy.talk_at_least, reminded=True)
    on_hold = replace(
        left, claim=brief, next_try_at=None, on_line_call=bridge.caller_call, on_line_since=now, hold_told=False
    )
    return finished(on_hold, line)


def caller_left(case: Case, now: datetime) -> Transition:
    """The caller left the bridge. After a real talk the owner says how it ended; otherwise the lease runs on."""
    bridge, claim = case.bridge, case.claim
    if bridge is None or claim is None or not bridge.caller_in:
        return Refused(Reason.NO_BRIDGE)
    line = Line(now, LineKind.CALLER_LEFT, CALLER, {"bridge": str(bridge.n)})
    left = _guest_told(without_bridge(case, bridge, now), case.guest, now)
    if left.talked >= case.policy.talk_at_least:
        return finished(replace(left, state=CaseState.CONNECTED, ask_at=now), line)
    return finished(_left_early(left, claim, bridge.staff_call, now), line)


def _guest_told(case: Case, guest: Guest | None, now: datetime) -> Case:
    """A third person would sit in the room alone once the owner has left it too: nobody else ends it for them."""
    if guest is None or not guest.call:
        return case
    return with_notice(case, NoticeKind.CALLER_LEFT, now, staff_id=guest.staff_id, call=guest.call)


def _left_early(case: Case, claim: Claim, staff_call: str, now: datetime) -> Case:
    """The caller is gone after a few words, and wanted to be as far as anybody knows: the owner is told and decides."""
    again = replace(claim, until=now + case.level.claim_lease, reminded=True)
    left = replace(case, state=CaseState.CLAIMED, claim=again, next_try_at=None)
    told = with_notice(left, NoticeKind.CALLER_LEFT, now, staff_id=claim.staff_id, call=staff_call)
    return with_notice(told, NoticeKind.ASK_OUTCOME, now, staff_id=claim.staff_id)


def _hold_ended(case: Case, now: datetime) -> Transition:
    """The caller hung up while holding."""
    line = Line(now, LineKind.CALL_ENDED, CALLER)
    gone = replace(case, on_line_call="", on_line_since=None)
    if case.state is not CaseState.CLAIMED or case.next_try_at is not None or case.claim is None:
        return finished(gone, line)
    if case.talked >= case.policy.talk_at_least:
        return finished(replace(gone, state=CaseState.CONNECTED, ask_at=now), line)
    if not gone.may_call or now - (case.on_line_since or now) < AT_ONCE:
        return finished(_left_early(gone, case.claim, "", now), line)
    again = replace(case.claim, until=now + case.level.claim_lease)
    return finished(replace(gone, claim=again, next_try_at=now), line)


def owner_unreached(case: Case, now: datetime) -> Case:
    """The owner did not take the call for the bridge: they are rung again until the lease is over."""
    again = replace(case, state=CaseState.CLAIMED, bridge=None, next_try_at=now + case.policy.ring_again)
    if case.bridge is not None and case.bridge.caller_in:
        return replace(again, on_line_call=case.bridge.caller_call, on_line_since=now)
    return again


def caller_unreached(case: Case, why: str, now: datetime) -> tuple[Case, Line]:
    """The caller did not take the call: again as often as the policy says, then a text and a human decides."""
    bridge, claim = case.bridge, case.claim
    line = Line(now, LineKind.CALLER_NOT_REACHED, CALLER, {"why": why, "try": str(case.caller_tries + 1)})
    if bridge is None or claim is None or bridge.caller_in or case.on_line_call:
        return case, line
    tries, level = case.caller_tries + 1, case.level
    left = replace(without_bridge(case, bridge, now), state=CaseState.CLAIMED, caller_tries=tries, call_anyway=False)
    left = with_notice(left, NoticeKind.CALLER_NOT_REACHED, now, staff_id=claim.staff_id, call=bridge.staff_call)
    if tries < level.callback_tries:
        next_at = left.call_from(now + level.callback_spacing[tries - 1])
        return replace(left, claim=replace(claim, until=next_at + level.claim_lease), next_try_at=next_at), line
    asked = with_notice(left, NoticeKind.ASK_OUTCOME, now, staff_id=claim.staff_id)
    last = replace(claim, until=now + case.policy.outcome_reminder, reminded=True)
    return replace(with_notice(asked, NoticeKind.MISSED_YOU, now), claim=last, next_try_at=None), line


def call_now(case: Case, staff_id: str, now: datetime) -> Transition:
    """The owner asks that both be called at once (`CALL` and the code)."""
    if case.closed:
        return Refused(Reason.CLOSED)
    if case.claim is None or case.owner != staff_id:
        return Refused(Reason.NOT_YOURS if case.claim else Reason.NOT_CLAIMED)
    if case.bridge is not None:
        return Refused(Reason.IN_CALL)
    if not case.joinable:
        return Refused(Reason.NO_CALLS)
    lease = replace(case.claim, until=now + case.level.claim_lease, reminded=False)
    trying = replace(
        case, state=CaseState.CLAIMED, claim=lease, next_try_at=now, caller_tries=0, ask_at=None, call_anyway=True
    )
    return finished(trying, Line(now, LineKind.NOTE, staff_id, {"asked": "call"}))


def relayed(case: Case, staff_id: str, now: datetime) -> Transition:
    """The owner's text is going to the caller: contact with a human is made, and the owner says how it ended."""
    if case.closed:
        return Refused(Reason.CLOSED)
    if case.owner != staff_id:
        return Refused(Reason.NOT_YOURS if case.claim else Reason.NOT_CLAIMED)
    if not case.may_text:
        return Refused(Reason.NO_TEXTS)
    written = replace(case, contact_at=case.contact_at or now)
    if case.bridge is None:
        written = replace(
            written, state=CaseState.CONNECTED, next_try_at=None, ask_at=now + case.policy.outcome_reminder
        )
    return finished(written, Line(now, LineKind.RELAYED, staff_id))
