"""Owner first, then the caller; and what happens when either does not come, or leaves."""

from dataclasses import replace

import pytest

from flows import bridging, claims, handling
from flows.case import CaseState, LineKind, NoticeKind, Outcome, Reason, Refused
from flows.events import Channel
from flows.notices import still_true
from flows.orders import BridgeCaller, CancelCall, CheckCalls, JoinHolding, RingOwner
from flows.pages import Purpose
from flows.step import Consent, NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, at, new_case


def kinds(desk):
    return [kind for _, kind in desk.told]


def on_hold(**changes):
    return Desk(new_case(channel=Channel.VOICE, on_line_call="CA-caller", **changes))


def test_owner_and_caller_are_rung_in_this_order_and_talk():
    desk = Desk()
    desk.claims(ANA)
    assert [order.page.staff_id for order in desk.of(RingOwner)] == [ANA]
    assert not desk.of(BridgeCaller)
    desk.owner_joins()
    assert len(desk.of(BridgeCaller)) == 1
    desk.caller_joins()
    assert desk.case.state is CaseState.CONNECTED
    assert desk.case.contact_at == at(0)
    assert [line.what for line in desk.lines if line.what is LineKind.CONNECTED]


def test_a_caller_on_the_line_is_moved_into_the_bridge_and_not_called():
    desk = on_hold()
    desk.claims(ANA)
    desk.owner_joins()
    assert [(order.call, order.n) for order in desk.of(JoinHolding)] == [("CA-caller", 1)]
    assert not desk.of(BridgeCaller)
    desk.until(5)
    assert len(desk.of(JoinHolding)) == 2, "again, in case the order was lost"
    desk.do(bridging.caller_joined(desk.case, "CA-caller", desk.now))
    assert desk.case.state is CaseState.CONNECTED
    assert desk.case.on_line_call == ""


def test_a_caller_who_calls_in_while_being_called_back_is_joined_and_the_other_phone_stopped():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(bridging.call_started(desk.case, "CA-in", desk.now))
    assert [order.call for order in desk.of(JoinHolding)] == ["CA-in"]
    desk.do(bridging.caller_joined(desk.case, "CA-in", desk.now))
    assert Purpose.CALLER in {order.page.purpose for order in desk.of(CancelCall)}


def test_a_second_phone_of_the_callers_cannot_join():
    desk = Desk()
    desk.connect(ANA)
    call = desk.case.bridge.caller_call
    assert bridging.caller_joined(desk.case, "CA-second", desk.now) == Refused(Reason.OTHER_CALL)
    assert bridging.caller_joined(desk.case, call, desk.now) == (desk.case, ())


def test_a_phone_of_staff_is_never_taken_for_the_callers():
    desk = Desk()
    desk.claims(ANA)
    (ringing,) = desk.case.live(Purpose.OWNER)
    assert bridging.caller_joined(desk.case, ringing.sids[0], desk.now) == Refused(Reason.OTHER_CALL)


def test_nobody_joins_a_bridge_that_is_not_there():
    case = new_case()
    assert bridging.staff_joined(case, "CA1", at(1)) == Refused(Reason.NO_BRIDGE)
    assert bridging.caller_joined(case, "CA1", at(1)) == Refused(Reason.NO_BRIDGE)
    assert bridging.staff_left(case, at(1)) == Refused(Reason.NO_BRIDGE)
    assert bridging.caller_left(case, at(1)) == Refused(Reason.NO_BRIDGE)
    assert bridging.call_ended(case, "CA1", at(1)) == Refused(Reason.OTHER_CALL)
    assert bridging.call_ended(case, "", at(1)) == Refused(Reason.OTHER_CALL)


def test_no_second_member_of_staff_joins_the_bridge():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    assert bridging.staff_joined(desk.case, "CA-other", desk.now) == Refused(Reason.OTHER_CALL)
    assert bridging.staff_joined(desk.case, desk.case.bridge.staff_call, desk.now) == (desk.case, ())


def test_the_lease_starts_anew_when_the_owner_is_in():
    desk = Desk()
    desk.claims(ANA)
    desk.until(100)
    desk.do(bridging.staff_joined(desk.case, desk.case.live(Purpose.OWNER)[0].sids[0], desk.now))
    assert desk.case.claim.until == at(220)


def test_an_owner_who_does_not_answer_is_rung_again_until_the_lease_is_over():
    desk = Desk()
    desk.claims(ANA)
    desk.until(25)
    desk.do(desk.status_of(desk.case.live(Purpose.OWNER)[0], "no-answer"))
    assert desk.case.state is CaseState.CLAIMED
    desk.until(30)
    assert [order.page.n for order in desk.of(RingOwner)] == [1, 2]
    desk.until(121)
    assert desk.case.waiting


def test_an_owner_in_another_bridge_is_rung_when_that_is_over():
    desk = Desk()
    desk.busy = frozenset({ANA})
    desk.claims(ANA)
    desk.until(30)
    assert not desk.of(RingOwner)
    desk.busy = frozenset()
    desk.until(35)
    assert len(desk.of(RingOwner)) == 1


def test_a_caller_who_does_not_answer_is_tried_as_often_as_the_policy_says_and_then_a_human_decides():
    desk = Desk(new_case(consent=Consent.CALL_ONLY))
    desk.claims(ANA)
    for tries, wait in ((1, 30), (2, 120)):
        desk.owner_joins()
        desk.caller_does_not_answer()
        assert desk.case.caller_tries == tries
        desk.until(desk.second + wait)
    desk.owner_joins()
    desk.caller_does_not_answer()
    assert len(desk.of(BridgeCaller)) == 3
    assert {NoticeKind.CALLER_NOT_REACHED, NoticeKind.ASK_OUTCOME, NoticeKind.MISSED_YOU} <= set(kinds(desk))
    assert not desk.case.closed
    until = desk.second + 300
    desk.until(until - 1)
    assert desk.case.owner == ANA
    desk.until(until)
    assert desk.case.waiting, "nobody decided, so somebody else is asked"


def test_a_call_that_somebody_picks_up_without_pressing_a_key_has_not_reached_the_caller():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(desk.status_of(desk.case.live(Purpose.CALLER)[0], "completed"))
    assert desk.case.caller_tries == 1


@pytest.mark.parametrize("then", ["2", "GIVE", "DONE"])
def test_an_owner_who_waits_on_the_phone_is_told_that_the_caller_did_not_answer_whatever_they_text_in_that_second(then):
    """The notice carries the call: dropped with the claim, the phone stayed in the room, alone and busy, for hours."""
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    call = desk.case.bridge.staff_call
    desk.take(desk.status_of(desk.case.live(Purpose.CALLER)[0], "completed"))
    match then:
        case "2":
            desk.take(claims.release(desk.case, ANA, desk.now))
        case "GIVE":
            desk.take(claims.give(desk.case, ANA, to=BEN, now=desk.now))
        case "DONE":
            desk.take(handling.close(desk.case, Outcome.UNREACHABLE, by=ANA, now=desk.now))
    waiting = [notice for notice in desk.case.notices if notice.call == call]
    assert [notice.kind for notice in waiting] == [NoticeKind.CALLER_NOT_REACHED]


def test_an_owner_is_not_told_on_a_call_that_is_in_the_next_bridge_by_then():
    """To say it then would take them out of the talk."""
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    bridge = desk.case.bridge
    desk.take(desk.status_of(desk.case.live(Purpose.CALLER)[0], "completed"))
    (notice,) = [one for one in desk.case.notices if one.call == bridge.staff_call]
    assert still_true(desk.case, notice)
    assert not still_true(replace(desk.case, bridge=bridge), notice)
    assert still_true(replace(desk.case, bridge=replace(bridge, staff_call="CA-other")), notice)


def test_a_call_back_that_fails_while_the_caller_holds_on_another_line_counts_for_nothing():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(bridging.call_started(desk.case, "CA-in", desk.now))
    desk.caller_does_not_answer()
    assert desk.case.caller_tries == 0
    assert desk.case.state is CaseState.BRIDGING


def test_after_a_real_talk_the_owner_is_asked_how_it_ended_until_they_say():
    desk = Desk()
    desk.connect(ANA)
    desk.until(60)
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.caller_call, desk.now))
    assert desk.case.awaits_outcome
    desk.until(60 + 300 + 600 + 1)
    asked = [when for when, kind in desk.told if kind == NoticeKind.ASK_OUTCOME]
    assert asked == [60, 360, 960]
    assert (960, NoticeKind.OUTCOME_MISSING) in desk.told
    assert not any(when > 60 for when, _, _ in desk.paged)
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now))
    assert desk.case.closed


def test_a_talk_too_short_for_a_hand_over_reopens_unless_the_owner_says_how_it_ended():
    desk = Desk()
    desk.connect(ANA)
    desk.until(10)
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.caller_call, desk.now))
    assert desk.case.state is CaseState.CLAIMED
    assert {NoticeKind.CALLER_LEFT, NoticeKind.ASK_OUTCOME} <= set(kinds(desk))
    desk.until(131)
    assert desk.case.waiting


def test_when_the_owner_drops_out_the_caller_is_on_hold_and_paging_goes_on_shortly():
    desk = Desk()
    desk.connect(ANA)
    desk.until(60)
    caller_call, staff_call = desk.case.bridge.caller_call, desk.case.bridge.staff_call
    desk.do(bridging.call_ended(desk.case, staff_call, desk.now))
    assert desk.case.on_line_call == caller_call
    desk.until(80)
    assert desk.case.waiting
    assert any(when == 80 for when, _, _ in desk.paged)


def seen(desk, inside, n=1):
    return bridging.seen_in_room(desk.case, n, inside, desk.now)


def talking():
    """A bridge of a minute, with the calls of owner and caller."""
    desk = Desk()
    desk.connect(ANA)
    desk.until(60)
    return desk, desk.case.bridge.staff_call, desk.case.bridge.caller_call


def test_a_caller_who_is_out_of_the_room_unnoticed_is_moved_back_to_the_owner_who_waits_there():
    desk, staff_call, caller_call = talking()
    desk.do(seen(desk, (staff_call,)))
    assert (desk.case.owner, desk.case.state) == (ANA, CaseState.BRIDGING)
    assert [(order.call, order.n) for order in desk.of(JoinHolding)] == [(caller_call, 1)]
    assert not [when for when, _, _ in desk.paged if when == 60]
    desk.do(bridging.caller_joined(desk.case, caller_call, desk.now))
    assert desk.case.state is CaseState.CONNECTED
    assert desk.case.talked.total_seconds() == 60


def test_a_room_that_ended_unnoticed_puts_the_caller_on_hold_and_others_are_paged():
    desk, _, caller_call = talking()
    desk.do(seen(desk, ()))
    assert (desk.case.bridge, desk.case.on_line_call) == (None, caller_call)
    desk.until(80)
    assert desk.case.waiting


def test_what_the_carrier_sees_in_a_room_changes_nothing_while_they_talk_or_have_just_begun_or_it_is_another():
    desk, staff_call, caller_call = talking()
    assert seen(desk, (staff_call, caller_call)) == Refused(Reason.NOT_DUE)
    assert seen(desk, (), n=2) == Refused(Reason.NO_BRIDGE)
    began = Desk()
    began.connect(ANA)
    assert seen(began, ()) == Refused(Reason.NOT_DUE)
    assert seen(Desk(), ()) == Refused(Reason.NO_BRIDGE)


def test_reports_about_the_room_of_another_bridge_are_refused():
    desk, staff_call, _ = talking()
    assert bridging.room_left(desk.case, staff_call, desk.now, on_line=False, n=2) == Refused(Reason.NO_BRIDGE)
    assert bridging.room_of(desk.case) == f"{desk.case.id}.1"
    assert [bridging.of_room(desk.case, n) for n in (0, 1, 2)] == [True, True, False]


def test_when_both_hang_up_after_a_real_talk_owner_first_nobody_is_paged():
    desk = Desk()
    desk.connect(ANA)
    desk.until(60)
    caller_call, staff_call = desk.case.bridge.caller_call, desk.case.bridge.staff_call
    desk.do(bridging.call_ended(desk.case, staff_call, desk.now))
    desk.until(65)
    desk.do(bridging.call_ended(desk.case, caller_call, desk.now))
    assert desk.case.awaits_outcome


def test_when_the_owner_drops_out_at_once_and_the_caller_gives_up_both_are_called_again():
    desk = Desk()
    desk.connect(ANA)
    desk.until(5)
    caller_call, staff_call = desk.case.bridge.caller_call, desk.case.bridge.staff_call
    desk.do(bridging.call_ended(desk.case, staff_call, desk.now))
    desk.until(9)
    desk.do(bridging.call_ended(desk.case, caller_call, desk.now))
    assert desk.case.state is CaseState.BRIDGING
    assert [order.page.n for order in desk.of(RingOwner)] == [1, 2]


@pytest.mark.parametrize("first", ["owner", "caller"])
def test_of_two_who_hang_up_together_soon_after_the_first_words_neither_is_rung_and_the_owner_decides(first):
    desk = Desk()
    desk.connect(ANA)
    desk.until(5)
    calls = [desk.case.bridge.staff_call, desk.case.bridge.caller_call]
    for place, call in enumerate(calls if first == "owner" else calls[::-1]):
        desk.until(5 + place)
        report = bridging.call_ended(desk.case, call, desk.now)
        if (first, place) == ("caller", 1):
            assert report == Refused(Reason.OTHER_CALL), "there is no bridge any more"
        else:
            desk.do(report)
    assert desk.case.state is CaseState.CLAIMED
    assert len(desk.of(RingOwner)) == 1
    assert {NoticeKind.CALLER_LEFT, NoticeKind.ASK_OUTCOME} <= set(kinds(desk))
    desk.until(140)
    assert desk.case.waiting, "unless the owner says how it ended, others are asked"


def test_a_caller_who_gives_up_on_hold_and_may_not_be_called_leaves_the_decision_to_the_owner_who_is_told():
    desk = Desk(new_case(channel=Channel.VOICE, on_line_call="CA-caller", consent=Consent.NO_CONTACT))
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(bridging.caller_joined(desk.case, "CA-caller", desk.now))
    desk.until(5)
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.staff_call, desk.now))
    desk.until(15)
    desk.do(bridging.call_ended(desk.case, "CA-caller", desk.now))
    assert len(desk.of(RingOwner)) == 1
    assert {NoticeKind.CALLER_LEFT, NoticeKind.ASK_OUTCOME} <= set(kinds(desk))


def test_an_owner_who_drops_out_before_the_caller_is_there_is_rung_again_and_the_callers_phone_stopped():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.staff_call, desk.now))
    assert Purpose.CALLER in {order.page.purpose for order in desk.of(CancelCall)}
    desk.until(5)
    assert [order.page.n for order in desk.of(RingOwner)] == [1, 2]


def test_a_caller_who_gives_up_on_hold_before_a_claim_is_called_when_somebody_has_claimed():
    desk = on_hold()
    desk.do(bridging.call_ended(desk.case, "CA-caller", at(0)))
    assert desk.case.on_line_since is None
    desk.claims(ANA)
    desk.owner_joins()
    assert len(desk.of(BridgeCaller)) == 1


def test_a_caller_who_hangs_up_and_may_not_be_called_leaves_the_decision_to_the_owner():
    desk = on_hold(consent=Consent.NO_CONTACT)
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(bridging.call_ended(desk.case, "CA-caller", desk.now))
    assert desk.case.state is CaseState.CLAIMED
    assert not desk.of(BridgeCaller)
    assert {NoticeKind.CALLER_LEFT, NoticeKind.ASK_OUTCOME} <= set(kinds(desk))


def test_a_caller_alone_in_a_bridge_whose_owner_never_came_is_back_on_hold():
    desk = on_hold()
    desk.claims(ANA)
    desk.do(bridging.caller_joined(desk.case, "CA-caller", desk.now))
    assert desk.case.state is CaseState.BRIDGING
    desk.do(desk.status_of(desk.case.live(Purpose.OWNER)[0], "busy"))
    assert desk.case.on_line_call == "CA-caller"


def test_a_caller_who_leaves_before_the_owner_comes_is_called_again():
    desk = on_hold()
    desk.claims(ANA)
    desk.do(bridging.caller_joined(desk.case, "CA-caller", desk.now))
    desk.do(bridging.call_ended(desk.case, "CA-caller", desk.now))
    assert desk.case.state is CaseState.CLAIMED


def test_somebody_who_writes_only_is_answered_by_text_and_never_called():
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    assert not desk.of(RingOwner)
    desk.do(bridging.relayed(desk.case, ANA, desk.now))
    assert desk.case.awaits_outcome
    assert desk.case.contact_at == at(0)
    desk.until(299)
    assert NoticeKind.ASK_OUTCOME not in kinds(desk)
    desk.until(301)
    assert NoticeKind.ASK_OUTCOME in kinds(desk)


@pytest.mark.parametrize("call", ["", "CA-page"])
def test_whoever_takes_the_case_of_somebody_who_wants_texts_only_is_led_into_no_room_to_wait(call):
    """On the telephone, too: they would wait for nobody and hear that the caller had hung up, who has not."""
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA, call=call)
    assert (desk.case.owner, desk.case.bridge, desk.case.relay) == (ANA, None, True)
    desk.claims(ANA, call="CA-late")
    assert desk.case.bridge is None
    assert NoticeKind.CALLER_LEFT not in kinds(desk)


def test_a_text_during_a_bridge_is_only_written_down():
    desk = Desk()
    desk.connect(ANA)
    desk.do(bridging.relayed(desk.case, ANA, desk.now))
    assert desk.case.state is CaseState.CONNECTED
    assert desk.case.bridge is not None


def test_no_text_is_relayed_to_a_caller_who_opted_out():
    desk = Desk(new_case(opted_out=True))
    desk.claims(ANA)
    assert bridging.relayed(desk.case, ANA, at(1)) == Refused(Reason.NO_TEXTS)


def test_the_owner_can_have_both_called_at_once():
    desk = Desk(new_case(consent=Consent.CALL_ONLY))
    desk.claims(ANA)
    assert bridging.call_now(desk.case, ANA, at(1)) == Refused(Reason.IN_CALL)
    desk.do(desk.status_of(desk.case.live(Purpose.OWNER)[0], "busy"))
    desk.do(bridging.call_now(desk.case, ANA, desk.now))
    assert [order.page.n for order in desk.of(RingOwner)] == [1, 2]


def test_a_caller_who_may_not_be_called_is_not_called_on_the_owners_wish():
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    assert bridging.call_now(desk.case, ANA, at(1)) == Refused(Reason.NO_CALLS)


def test_a_caller_who_forbids_calls_while_the_phone_rings_is_not_rung_on():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(handling.give_consent(desk.case, Consent.TEXT_ONLY, desk.now))
    assert Purpose.CALLER in {order.page.purpose for order in desk.of(CancelCall)}
    assert desk.case.state is CaseState.CLAIMED


def test_a_caller_who_allows_calls_is_called_if_somebody_has_the_case():
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    desk.do(handling.give_consent(desk.case, Consent.CALL_ONLY, desk.now))
    assert len(desk.of(RingOwner)) == 1


def test_a_caller_who_calls_again_after_a_talk_is_joined_to_the_same_person():
    desk = Desk()
    desk.connect(ANA)
    desk.until(60)
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.caller_call, desk.now))
    desk.until(100)
    desk.do(bridging.call_started(desk.case, "CA-again", desk.now))
    assert NoticeKind.CALLER_IS_BACK in kinds(desk)
    assert desk.of(RingOwner)[-1].page.staff_id == ANA
    desk.until(221)
    assert desk.case.waiting, "the owner did not come, so others are paged"


def test_a_caller_in_danger_again_after_a_talk_is_not_forgotten():
    desk = Desk(new_case(urgency=Urgency.SOON))
    desk.connect(ANA)
    desk.until(60)
    desk.do(bridging.call_ended(desk.case, desk.case.bridge.caller_call, desk.now))
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger"), desk.now))
    assert desk.case.state is CaseState.BRIDGING
    desk.until(181)
    assert desk.case.waiting


def test_a_claimed_case_whose_caller_calls_in_rings_the_owner_at_once():
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    desk.do(bridging.call_started(desk.case, "CA-in", desk.now))
    assert len(desk.of(RingOwner)) == 1


def test_calls_believed_to_be_live_are_checked_with_the_carrier():
    desk = Desk()
    desk.connect(ANA)
    desk.until(121)
    checks = [(when, order.calls) for when, order in desk.orders if isinstance(order, CheckCalls)]
    calls = (desk.case.bridge.staff_call, desk.case.bridge.caller_call)
    assert [when for when, _ in checks] == [60, 120]
    assert checks[0][1] == calls
    desk.do(bridging.call_ended(desk.case, calls[1], desk.now))
    assert desk.case.check_at is None


def test_a_caller_on_a_long_hold_is_offered_a_callback_once():
    desk = on_hold()
    desk.until(3600)
    assert [when for when, kind in desk.told if kind == NoticeKind.HOLD_IS_LONG] == [600]


def test_withheld_number_off_the_line_is_neither_called_nor_texted():
    desk = Desk(new_case(channel=Channel.VOICE, anonymous=True, consent=Consent.CALL_ONLY))
    desk.claims(BEN)
    assert not desk.of(RingOwner)
    assert not [kind for _, kind in desk.told if kind == NoticeKind.TAKEN]


def test_who_was_not_asked_yet_is_called_in_danger_or_if_they_called_and_not_otherwise():
    unknown = replace(new_case(urgency=Urgency.ROUTINE), consent=Consent.UNKNOWN)
    assert not unknown.may_call
    assert replace(unknown, urgency=Urgency.URGENT).may_call
    assert replace(unknown, channels=(Channel.VOICE,)).may_call
