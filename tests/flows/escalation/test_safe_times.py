"""Calls to a caller wait for the times they called safe, unless a new emergency or the owner says otherwise."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import bridging, handling
from flows.case import Case, CaseState, NoticeKind
from flows.orders import BridgeCaller, RingOwner, Tell
from flows.pages import Purpose
from flows.safe_times import SafeTime, next_safe
from flows.step import NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, START, at, new_case

HOUR = 3600  # START is 17:00 in New York
LATER = SafeTime("19:00", "21:00", "America/New_York")
NOW = SafeTime("16:00", "18:00", "America/New_York")
MORNING = SafeTime("08:00", "12:00", "America/New_York")


def soon(*times, urgency=Urgency.SOON, **more):
    """A case whose caller named these times."""
    case = new_case(urgency=urgency, **more)
    return handling.give_safe_times(case, times, START)[0]


def rung(desk):
    return [second for second, order in desk.orders if isinstance(order, BridgeCaller)]


def test_a_call_back_waits_for_the_safe_time_and_its_owner_is_told_and_keeps_the_case():
    desk = Desk(soon(LATER))
    desk.claims(ANA)
    assert desk.of(RingOwner) == []
    assert NoticeKind.NOT_SAFE_YET.value in [kind for _, kind in desk.told]
    desk.until(2 * HOUR - 1)
    assert desk.case.owner == ANA
    assert desk.of(RingOwner) == []
    desk.until(2 * HOUR)
    assert len(desk.of(RingOwner)) == 1
    desk.owner_joins()
    desk.caller_joins()
    assert desk.case.state is CaseState.CONNECTED
    assert rung(desk) == [2 * HOUR]


def test_within_the_safe_time_nothing_waits():
    desk = Desk(soon(NOW))
    desk.claims(ANA)
    desk.owner_joins()
    assert rung(desk) == [0]
    assert NoticeKind.NOT_SAFE_YET.value not in [kind for _, kind in desk.told]


def test_staff_who_took_it_in_a_call_are_told_in_that_call_and_the_caller_s_phone_stays_still():
    desk = Desk(soon(LATER))
    desk.claims(ANA, call="CA-ana")
    desk.do(bridging.staff_joined(desk.case, "CA-ana", desk.now))
    assert rung(desk) == []
    (notice,) = [order.notice for order in desk.of(Tell) if order.notice.kind is NoticeKind.NOT_SAFE_YET]
    assert notice.call == "CA-ana"
    assert (desk.case.state, desk.case.bridge) == (CaseState.CLAIMED, None)
    assert desk.case.try_due_at == at(2 * HOUR)


def test_further_tries_wait_too_and_count_on_the_next_day():
    case = soon(NOW)
    spaced = replace(case.policy.soon, callback_spacing=(case.policy.soon.callback_spacing[0] * 120,) * 2)  # an hour
    desk = Desk(replace(case, policy=replace(case.policy, soon=spaced)))
    desk.claims(ANA)
    desk.owner_joins()
    desk.caller_does_not_answer()
    desk.until(22 * HOUR - 60)
    assert rung(desk) == [0]
    desk.until(22 * HOUR)  # 16:00 the next day: 23 hours, less the one that summer time takes away
    assert desk.case.owner == ANA
    assert len(desk.of(RingOwner)) == 2


def test_a_call_that_waits_for_the_carrier_is_not_made_once_the_time_is_over():
    desk = Desk(soon(NOW), carrier=False)
    desk.claims(ANA)
    desk.carrier = True
    desk.send(desk.case.live(Purpose.OWNER)[0])
    desk.carrier = False
    desk.owner_joins()
    (page,) = desk.case.live(Purpose.CALLER)
    desk.now = at(HOUR)
    desk.plan()
    assert desk.case.page(page.id) is None or desk.case.page(page.id).over
    assert desk.case.bridge is None


def test_the_owner_may_decide_that_it_must_be_now_for_one_call():
    desk = Desk(soon(LATER))
    desk.claims(ANA)
    desk.do(bridging.call_now(desk.case, ANA, desk.now))
    desk.owner_joins()
    assert rung(desk) == [0]
    desk.caller_does_not_answer()
    desk.until(2 * HOUR - 1)
    assert rung(desk) == [0]


def test_a_new_emergency_goes_before_the_times_named_earlier():
    desk = Desk(soon(LATER))
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger", ("overdose",)), desk.now))
    desk.claims(ANA)
    desk.owner_joins()
    assert rung(desk) == [0]


@pytest.mark.parametrize("danger", ["violence_to_me", "assault", "child"])
def test_but_not_where_somebody_near_the_telephone_is_the_danger(danger):
    desk = Desk(soon(LATER))
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger", (danger,)), desk.now))
    desk.claims(ANA)
    assert desk.of(RingOwner) == []


def test_times_named_in_the_emergency_itself_are_kept():
    desk = Desk(soon(LATER, urgency=Urgency.EMERGENCY))
    desk.claims(ANA)
    assert desk.of(RingOwner) == []
    assert desk.case.due_at == new_case().due_at, "the supervisor still hears that nobody has reached them"


def test_an_emergency_opens_with_the_times_of_an_earlier_contact_and_calls_all_the_same():
    desk = Desk(new_case(safe_times=(LATER,)))
    desk.claims(ANA)
    desk.owner_joins()
    assert rung(desk) == [0]


def test_a_caller_on_the_line_is_joined_whatever_they_named():
    desk = Desk(soon(LATER, on_line_call="CA-caller"))
    desk.claims(ANA)
    assert len(desk.of(RingOwner)) == 1


def test_the_target_of_a_case_that_is_not_in_danger_waits_as_the_caller_wished():
    assert soon(LATER).due_at == at(2 * HOUR + 7200)
    assert soon(NOW).due_at == new_case(urgency=Urgency.SOON).due_at
    assert soon(LATER, urgency=Urgency.URGENT).due_at == new_case(urgency=Urgency.URGENT).due_at


def test_any_time_lifts_what_was_named_before():
    case = handling.give_safe_times(soon(LATER), (), START)[0]
    desk = Desk(case)
    desk.claims(ANA)
    assert len(desk.of(RingOwner)) == 1


def test_the_times_go_through_json():
    case = soon(LATER, MORNING)
    assert Case.from_json(case.to_json()) == case


@given(
    times=st.lists(st.sampled_from([LATER, NOW, MORNING]), min_size=1, unique=True),
    steps=st.lists(
        st.tuples(st.integers(min_value=1, max_value=7 * HOUR), st.sampled_from(["no", "call in", "left"])), max_size=8
    ),
)
def test_whatever_happens_no_machine_rings_outside_the_times_a_caller_named(times, steps):
    desk = Desk(soon(*times))
    desk.claims(ANA)
    for wait, what in steps:
        desk.until(desk.second + wait)
        if desk.case.owner is None:
            desk.claims(ANA)
        if desk.case.live(Purpose.OWNER):
            desk.owner_joins()
        if what == "no" and desk.case.live(Purpose.CALLER):
            desk.caller_does_not_answer()
        if what == "left" and desk.case.bridge is not None and desk.case.bridge.staff_in:
            desk.do(bridging.staff_left(desk.case, desk.now))
    for second in rung(desk):
        assert next_safe(tuple(times), at(second)) == at(second)
