"""Taking a case, giving it back, handing it on."""

import pytest

from flows import bridging, claims, handling
from flows.case import CALLER, CaseState, ClaimVia, NoticeKind, Outcome, Reason, Refused
from flows.claims import AlreadyClosed, Claimed, StaleCode, TakenBy, claim
from flows.orders import CancelCall, RingOwner
from flows.pages import PageState, Purpose
from flows.step import Consent, NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, CLEO, SAM, at, new_case


def test_the_first_to_claim_has_it():
    desk = Desk()
    desk.claims(ANA)
    assert desk.case.owner == ANA
    assert desk.case.claim.until == at(120)
    assert (0, NoticeKind.TAKEN) in desk.told


def test_second_claimer_is_told_who_has_it():
    desk = Desk()
    desk.claims(ANA)
    assert claim(desk.case, BEN, via=ClaimVia.CALL, now=at(1), call="CA9") == TakenBy(ANA)


def test_claiming_a_closed_case_tells_how_it_ended():
    desk = Desk()
    desk.do(handling.close(desk.case, Outcome.REACHED_ELSEWHERE, by=BEN, now=desk.now))
    result = claim(desk.case, ANA, via=ClaimVia.SMS, now=at(2))
    assert result == AlreadyClosed(Outcome.REACHED_ELSEWHERE, BEN)


def test_a_code_of_another_case_claims_nothing():
    assert claim(new_case(), ANA, via=ClaimVia.SMS, now=at(1), code="2A2A") == StaleCode("2A2A")
    assert isinstance(claim(new_case(), ANA, via=ClaimVia.SMS, now=at(1), code="7F3K"), Claimed)


def test_claiming_ones_own_case_again_changes_nothing():
    desk = Desk()
    desk.claims(ANA)
    assert claim(desk.case, ANA, via=ClaimVia.SMS, now=at(5)) == Claimed(desk.case, ())


def test_a_key_pressed_on_a_call_brings_that_call_into_the_bridge_and_does_not_cut_it():
    desk = Desk()
    call = next(page for page in desk.case.pages if page.sids and page.channel == "call")
    desk.claims(ANA, call=call.sids[0], via=ClaimVia.CALL)
    assert desk.case.state is CaseState.BRIDGING
    assert desk.case.bridge.staff_call == call.sids[0]
    assert not desk.of(CancelCall)
    assert not desk.of(RingOwner)


def test_a_key_pressed_on_a_call_whose_sid_was_never_saved_does_not_cut_it_either():
    desk = Desk(carrier=False)
    desk.claims(ANA, call="CA-lost", via=ClaimVia.CALL)
    desk.until(60)
    assert not desk.of(CancelCall)


def test_who_claimed_by_text_and_then_presses_1_is_joined_on_that_call():
    desk = Desk()
    desk.claims(ANA)
    assert desk.case.state is CaseState.BRIDGING
    desk.claims(ANA, call="CA-ana", via=ClaimVia.CALL)
    assert desk.case.bridge.staff_call == "CA-ana"
    assert desk.case.bridge.n == 2
    assert [order.page.purpose for order in desk.of(CancelCall)] == [Purpose.PAGE, Purpose.OWNER]


def test_who_is_already_in_the_bridge_cannot_join_it_a_second_time():
    desk = Desk()
    desk.claims(ANA)
    desk.owner_joins()
    assert claim(desk.case, ANA, via=ClaimVia.CALL, now=desk.now, call="CA2") == Claimed(desk.case, ())


def test_after_a_claim_the_phones_of_the_others_stop_ringing_and_nobody_is_paged():
    desk = Desk()
    desk.until(61)
    before = desk.paged
    desk.claims(BEN)
    stopped = {order.page.staff_id for order in desk.of(CancelCall)}
    assert stopped == {ANA, BEN}
    desk.until(110)
    assert desk.paged == before
    assert not any(page.unsent and page.purpose is Purpose.PAGE for page in desk.case.pages)


def test_stopping_a_phone_is_ordered_until_the_carrier_says_it_is_still_or_it_cannot_ring_any_more():
    desk = Desk()
    desk.claims(BEN)
    assert len(desk.of(CancelCall)) == 1
    desk.until(60)
    assert len(desk.of(CancelCall)) > 2
    (page,) = {order.page.id: order.page for order in desk.of(CancelCall)}.values()
    known = desk.case.page(page.id)
    desk.do(desk.status_of(known, "canceled"))
    before = len(desk.of(CancelCall))
    desk.until(69)
    assert len(desk.of(CancelCall)) == before


def test_a_phone_that_cannot_ring_any_more_is_left_alone_though_no_callback_came():
    desk = Desk()
    desk.claims(BEN)
    desk.owner_joins()
    desk.caller_joins()
    desk.until(600)
    assert max(second for second, order in desk.orders if isinstance(order, CancelCall)) <= 70


def test_a_claim_not_connected_in_time_reopens_and_both_are_told():
    desk = Desk(new_case(consent=Consent.CALL_ONLY))
    desk.claims(ANA)
    desk.until(119)
    assert desk.case.owner == ANA
    assert (60, NoticeKind.CLAIM_SOON_OVER) in desk.told
    desk.until(120)
    assert desk.case.owner is None
    assert desk.case.state is CaseState.PAGING
    assert (120, NoticeKind.CLAIM_OVER) in desk.told
    assert (120, NoticeKind.LOOKING_AGAIN) in desk.told
    assert any(when == 120 for when, _, _ in desk.paged)


def test_whoever_lets_a_claim_run_out_is_paged_again():
    desk = Desk()
    desk.claims(ANA)
    desk.until(121)
    assert (120, ANA, "sms") in desk.paged


def test_a_claim_is_not_expired_early_nor_when_there_is_none():
    desk = Desk()
    assert claims.claim_expired(desk.case, at(1)) == Refused(Reason.NOT_CLAIMED)
    desk.claims(ANA)
    assert claims.claim_expired(desk.case, at(119)) == Refused(Reason.NOT_DUE)
    desk.do(claims.claim_expired(desk.case, at(120)))
    assert desk.case.waiting


def test_who_takes_a_case_whose_caller_nobody_may_reach_is_asked_for_a_decision_and_has_time_for_it():
    desk = Desk(new_case(consent=Consent.NO_CONTACT))
    desk.claims(ANA)
    assert (0, NoticeKind.ASK_OUTCOME) in desk.told
    desk.until(299)
    assert desk.case.owner == ANA
    desk.do(handling.close(desk.case, Outcome.UNREACHABLE, by=ANA, now=desk.now))
    assert desk.case.closed


def test_releasing_pages_others_at_once_but_not_the_one_who_released():
    desk = Desk()
    desk.claims(ANA)
    desk.until(10)
    desk.do(claims.release(desk.case, ANA, desk.now))
    assert {staff for when, staff, _ in desk.paged if when == 10} == {BEN}
    assert (10, NoticeKind.LOOKING_AGAIN) in desk.told


def test_a_pass_from_the_owner_gives_the_case_back():
    desk = Desk()
    desk.claims(ANA)
    desk.do(claims.pass_by(desk.case, ANA, desk.now))
    assert desk.case.waiting


def test_releasing_in_the_middle_of_a_talk_puts_the_caller_back_on_hold():
    desk = Desk()
    desk.connect(ANA)
    call = desk.case.bridge.caller_call
    desk.until(60)
    desk.do(claims.release(desk.case, ANA, desk.now))
    assert desk.case.on_line_call == call
    assert desk.case.on_line_since == at(60)


def test_a_case_can_be_handed_to_a_colleague_who_is_rung_next():
    desk = Desk()
    desk.claims(ANA)
    desk.do(claims.give(desk.case, ANA, to=CLEO, now=desk.now))
    assert desk.case.owner == CLEO
    assert desk.of(RingOwner)[-1].page.staff_id == CLEO
    assert {kind for _, kind in desk.told} >= {NoticeKind.GIVEN, NoticeKind.GAVE_AWAY}
    assert [page.state for page in desk.case.pages if page.staff_id == ANA and page.purpose is Purpose.OWNER] == [
        PageState.SUPERSEDED
    ]


def test_a_case_cannot_be_handed_on_in_the_middle_of_a_call():
    desk = Desk()
    desk.connect(ANA)
    assert claims.give(desk.case, ANA, to=BEN, now=at(1)) == Refused(Reason.IN_CALL)


@pytest.mark.parametrize(
    "act",
    [
        lambda case, who: claims.release(case, who, at(1)),
        lambda case, who: claims.give(case, who, to=SAM, now=at(1)),
        lambda case, who: bridging.relayed(case, who, at(1)),
        lambda case, who: bridging.call_now(case, who, at(1)),
    ],
)
def test_only_the_owner_acts_on_a_case(act):
    desk = Desk()
    assert act(desk.case, ANA) == Refused(Reason.NOT_CLAIMED)
    desk.claims(ANA)
    assert act(desk.case, BEN) == Refused(Reason.NOT_YOURS)
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now))
    assert act(desk.case, ANA) == Refused(Reason.CLOSED)


def test_passing_a_closed_case_is_refused():
    desk = Desk()
    desk.do(handling.close(desk.case, Outcome.UNREACHABLE, by=ANA, now=desk.now))
    assert claims.pass_by(desk.case, ANA, at(2)) == Refused(Reason.CLOSED)


def test_the_owner_is_told_when_the_case_grows_more_serious():
    desk = Desk(new_case(urgency=Urgency.SOON))
    desk.claims(ANA)
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger"), desk.now))
    assert desk.case.owner == ANA
    assert NoticeKind.RAISED in {kind for _, kind in desk.told}


class TestClosing:
    def test_only_the_owner_closes_a_case_that_somebody_has(self):
        desk = Desk()
        desk.claims(ANA)
        assert handling.close(desk.case, Outcome.HANDED_OVER, by=BEN, now=at(1)) == Refused(Reason.NOT_YOURS)

    def test_any_staff_member_closes_a_case_that_nobody_has(self):
        desk = Desk()
        desk.do(handling.close(desk.case, Outcome.REACHED_ELSEWHERE, by=CLEO, now=desk.now))
        assert (desk.case.outcome, desk.case.closed_by, desk.case.closed_at) == ("reached_elsewhere", CLEO, at(0))

    def test_it_cannot_be_closed_twice(self):
        desk = Desk()
        desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=CLEO, now=desk.now))
        assert handling.close(desk.case, Outcome.UNREACHABLE, by=ANA, now=at(2)) == Refused(Reason.CLOSED)

    def test_no_machine_closes_a_case(self):
        assert handling.close(new_case(), Outcome.UNREACHABLE, by="", now=at(1)) == Refused(Reason.HUMAN_DECIDES)

    @pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.WITHDRAWN_BY_CALLER])
    def test_the_caller_can_only_withdraw(self, outcome):
        assert handling.close(new_case(), outcome, by=CALLER, now=at(1)) == Refused(Reason.HUMAN_DECIDES)

    @pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.EMERGENCY])
    def test_the_caller_cannot_withdraw_while_in_danger(self, urgency):
        case = new_case(urgency=urgency)
        result = handling.close(case, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=at(1))
        assert result == Refused(Reason.IN_DANGER)

    @pytest.mark.parametrize("urgency", [Urgency.ROUTINE, Urgency.SOON])
    def test_the_caller_can_withdraw_otherwise_and_the_owner_is_told(self, urgency):
        desk = Desk(new_case(urgency=urgency))
        desk.claims(ANA)
        desk.do(handling.close(desk.case, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=desk.now))
        assert desk.case.closed
        assert NoticeKind.WITHDRAWN in {kind for _, kind in desk.told}

    def test_a_withdrawn_case_that_nobody_had_tells_nobody(self):
        desk = Desk(new_case(urgency=Urgency.SOON))
        desk.do(handling.close(desk.case, Outcome.WITHDRAWN_BY_CALLER, by=CALLER, now=desk.now))
        assert NoticeKind.WITHDRAWN not in {kind for _, kind in desk.told}

    def test_a_closed_case_stops_the_phones_that_ring_for_it(self):
        desk = Desk()
        desk.do(handling.close(desk.case, Outcome.REACHED_ELSEWHERE, by=ANA, now=desk.now))
        assert [order.page.staff_id for order in desk.of(CancelCall)] == [ANA]
        assert desk.wake_at is not None, "until the carrier says that they are still"

    @pytest.mark.parametrize(
        "act",
        [
            lambda case: handling.raise_case(case, NeedPerson(Urgency.EMERGENCY, "danger"), at(2)),
            lambda case: handling.give_consent(case, Consent.CALL_ONLY, at(2)),
            lambda case: handling.opt_out(case, at(2)),
            lambda case: handling.join_session(case, "s2", "sms", at(2)),
            lambda case: bridging.call_started(case, "CA1", at(2)),
            lambda case: bridging.call_ended(case, "CA1", at(2)),
        ],
    )
    def test_nothing_opens_it_again(self, act):
        desk = Desk()
        desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now))
        assert act(desk.case) == Refused(Reason.CLOSED)

    def test_a_note_can_still_be_added(self):
        desk = Desk()
        desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now))
        noted, (line,) = handling.note(desk.case, ANA, "She is with her sister now.", at(2))
        assert noted.closed
        assert line.detail == {"text": "She is with her sister now."}
