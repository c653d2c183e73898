"""Whom a case pages when nobody has it yet."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from flows import claims, delivery, handling
from flows.case import CaseState, NoticeKind
from flows.events import Channel
from flows.orders import PageOrder
from flows.pages import PageState
from flows.planning import fallback_place, is_fallback
from flows.policy import Policy
from flows.roster import Contact, Roster, StaffId
from flows.step import NeedPerson
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import (
    ANA,
    BEN,
    CLEO,
    EMPTY_ROSTER,
    PLAIN_POLICY,
    ROSTER,
    SAM,
    STAFF,
    at,
    new_case,
    on_list,
    opening,
    person,
)


def pages_at(desk, second):
    return {(staff, channel) for when, staff, channel in desk.paged if when == second}


def both(*staff):
    return {(one, channel) for one in staff for channel in ("sms", "call")}


def texts_and_no_answers(desk):
    """Calls ring out, so that the next call to the same person may be made."""
    for page in desk.case.pages:
        if page.live_call and not page.over and page.accepted_at + timedelta(seconds=25) <= desk.now:
            desk.take(desk.status_of(page, "no-answer"))


def run(desk, second):
    while desk.second < second:
        desk.until(min(second, desk.second + 5))
        texts_and_no_answers(desk)
        desk.plan()


def test_the_first_step_pages_by_text_and_call_at_once():
    desk = Desk()
    assert desk.paged == [(0, ANA, "sms"), (0, ANA, "call")]
    assert desk.case.state is CaseState.PAGING


def test_the_steps_come_at_the_policys_times_and_then_go_round_again():
    desk = Desk()
    run(desk, 241)
    assert pages_at(desk, 60) == both(BEN)
    assert pages_at(desk, 120) == both(ANA, BEN, CLEO, SAM)
    assert pages_at(desk, 240) == both(ANA)
    assert desk.case.round == 1


def test_from_the_second_round_on_danger_draws_in_the_fallback_number():
    desk = Desk()
    run(desk, 361)
    assert ("fallback:0", "call") in pages_at(desk, 360)
    assert not any(staff == "fallback:0" for when, staff, _ in desk.paged if when < 360)


def test_a_routine_case_never_draws_in_the_fallback_number_while_there_is_staff():
    desk = Desk(new_case(urgency=Urgency.ROUTINE))
    desk.until(8 * 3600)
    assert {staff for _, staff, _ in desk.paged} == {ANA}


def test_a_step_with_nobody_on_call_costs_no_time():
    roster = replace(ROSTER, lists=(on_list("backup", BEN),))
    assert pages_at(Desk(roster=roster), 0) == both(BEN)


def test_steps_that_find_nobody_page_the_supervisor_and_the_fallback_number_at_once():
    policy = Policy.from_plain(
        {
            **PLAIN_POLICY,
            "emergency": {**PLAIN_POLICY["emergency"], "steps": [{"after": 0, "whom": ["nights"]}]},
        }
    )
    desk = Desk(handling.open_case(opening(), policy, at(0))[0])
    assert pages_at(desk, 0) == {*both(SAM), ("fallback:0", "call")}
    assert (0, NoticeKind.NOBODY_TO_PAGE) in desk.told


def test_an_empty_roster_still_has_a_fallback_number_to_page_and_an_alarm():
    desk = Desk(roster=EMPTY_ROSTER)
    assert desk.paged == [(0, "fallback:0", "call")]
    assert (0, NoticeKind.NOBODY_TO_PAGE) in desk.told
    assert is_fallback(StaffId("fallback:0"))
    assert fallback_place(StaffId("fallback:3")) == 3
    assert not is_fallback(ANA)


def test_staff_in_a_bridge_are_skipped_and_their_step_costs_no_time():
    desk = Desk(carrier=False)
    desk.busy = frozenset({BEN})
    desk.until(60)
    assert pages_at(desk, 60) == both(ANA, CLEO, SAM)


def test_an_emergency_that_finds_everybody_on_a_bridged_call_is_texted_to_them_and_the_fallback_number_rings():
    desk = Desk(new_case(), busy=frozenset({ANA, BEN, CLEO, SAM}))
    assert set(desk.paged) == {(0, one, "sms") for one in (ANA, BEN, CLEO, SAM)} | {(0, "fallback:0", "call")}
    run(desk, 121)
    assert {page for page in desk.paged if page[0] > 0} == {(120, *rest) for _, *rest in set(desk.paged)}


def test_staff_on_a_bridged_call_are_not_texted_while_somebody_else_is_free():
    desk = Desk(new_case(), busy=frozenset({ANA, BEN, SAM}))
    run(desk, 250)
    assert {staff for _, staff, _ in desk.paged} == {CLEO, "fallback:0"}  # the second round of a danger rings it too


def test_staff_on_a_bridged_call_are_not_texted_about_less_than_an_emergency_nor_once_they_passed():
    busy = frozenset({ANA, BEN, CLEO, SAM})
    assert {staff for _, staff, _ in Desk(new_case(urgency=Urgency.URGENT), busy=busy).paged} == {"fallback:0"}
    desk = Desk(new_case(), busy=busy, carrier=False)
    desk.do(claims.pass_by(desk.case, BEN, desk.now))
    run(desk, 119)
    assert [page.staff_id for page in desk.case.pages if page.staff_id == BEN and not page.over] == []


def test_those_who_speak_the_callers_language_come_first_and_nobody_waits_for_them():
    roster = replace(ROSTER, lists=(on_list("primary", ANA, BEN),))
    desk = Desk(new_case(language="es"), roster=roster)
    assert [staff for _, staff, _ in desk.paged] == [BEN, BEN, ANA, ANA]


def test_a_person_who_can_only_be_called_is_called_even_where_the_step_asks_for_a_text():
    roster = replace(ROSTER, staff=(person(ANA, contact=(Contact.CALL,)), *STAFF[1:]))
    desk = Desk(new_case(urgency=Urgency.SOON), roster=roster)
    assert desk.paged == [(0, ANA, "call")]


def test_a_person_without_any_contact_is_called():
    roster = replace(ROSTER, staff=(person(ANA, contact=()), *STAFF[1:]))
    assert Desk(roster=roster).paged == [(0, ANA, "call")]


def test_somebody_who_passes_brings_the_next_step_at_once_and_is_left_alone_for_the_round():
    desk = Desk()
    desk.until(10)
    desk.do(claims.pass_by(desk.case, ANA, desk.now))
    assert pages_at(desk, 10) == both(BEN)
    run(desk, 100)
    assert {staff for when, staff, _ in desk.paged if when > 10} == {BEN, CLEO, SAM}
    run(desk, 200)
    assert pages_at(desk, 190) == both(ANA), "next round they are tried again"


def test_a_raise_pages_again_from_the_first_step_of_the_higher_level():
    desk = Desk(new_case(urgency=Urgency.SOON))
    desk.until(30)
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger", ("overdose",)), desk.now))
    assert pages_at(desk, 30) == both(ANA)
    assert desk.case.due_at == at(330)
    run(desk, 91)
    assert pages_at(desk, 90) == both(BEN)


def test_a_need_of_the_same_or_a_lower_level_pages_nobody_again():
    desk = Desk()
    desk.until(30)
    before = desk.paged
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.SOON, "asked", ("overdose",)), desk.now))
    assert desk.paged == before
    assert desk.case.urgency is Urgency.EMERGENCY
    assert desk.case.dangers == ("overdose",)


def test_a_raise_does_not_ring_a_phone_twice_that_rings_already():
    desk = Desk(new_case(urgency=Urgency.URGENT))
    desk.until(10)
    desk.do(handling.raise_case(desk.case, NeedPerson(Urgency.EMERGENCY, "danger"), desk.now))
    assert pages_at(desk, 10) == {(ANA, "sms")}


def test_after_an_outage_everybody_due_is_paged_once_and_at_once():
    desk = Desk(carrier=False)
    desk.now = at(1800)
    desk.plan()
    paged = [one for one in desk.paged if one[0] == 1800]
    assert {(staff, channel) for _, staff, channel in paged} == both(ANA, BEN, CLEO, SAM)
    assert len([line for line in desk.lines if line.what == "paged" and line.at == at(1800)]) == len(paged) == 8


def test_a_page_nobody_took_up_is_ordered_again_every_few_seconds():
    desk = Desk(carrier=False)
    desk.until(11)
    assert [second for second, order in desk.orders if isinstance(order, PageOrder)] == [0, 0, 5, 5, 10, 10]


def test_new_pages_take_the_place_of_older_ones_that_were_never_sent():
    desk = Desk(carrier=False)
    desk.until(125)
    waiting = [page for page in desk.case.pages if page.staff_id == ANA and page.unsent]
    assert {page.step for page in waiting} == {2}
    assert all(page.state is PageState.SUPERSEDED for page in desk.case.pages if page.step == 0)


@pytest.mark.exhaustive
def test_with_nobody_ever_answering_it_still_pages_after_24_hours_and_stays_small():
    desk = Desk(new_case(channel=Channel.SMS))
    hour = 3600
    sizes = []
    for second in range(0, 24 * hour + 1, 600):
        run(desk, second)
        sizes.append(len(json.dumps(desk.case.to_json())))
    last_hour = [staff for when, staff, _ in desk.paged if when > 23 * hour]
    assert set(last_hour) == {ANA, BEN, CLEO, SAM, "fallback:0"}
    assert len(last_hour) > 100
    assert max(sizes) < 20_000
    gaps = [when for when, _, _ in desk.paged]
    assert max(later - sooner for sooner, later in pairwise(gaps)) <= 120


def test_with_nobody_ever_answering_the_caller_is_told_the_truth_and_the_operators_are_alarmed():
    desk = Desk()
    run(desk, 3600)
    told = [(when, kind) for when, kind in desk.told if kind in {"alerted", "still_trying"}]
    assert told == [
        (0, "alerted"),
        (60, "still_trying"),
        (120, "still_trying"),
        (600, "still_trying"),
        (2400, "still_trying"),
    ]
    assert (240, "nobody_answers") in desk.told
    assert (300, "target_missed") in desk.told


def test_nobody_is_told_that_staff_are_alerted_before_the_carrier_has_a_page():
    desk = Desk(carrier=False)
    desk.until(130)
    assert not [kind for _, kind in desk.told if kind in {"alerted", "still_trying"}]
    desk.send(next(page for page in desk.case.pages if page.unsent))
    desk.plan()
    assert [kind for _, kind in desk.told if kind == "alerted"] == ["alerted"]


def test_the_same_plan_made_again_makes_pages_with_the_same_ids():
    assert [page.id for page in Desk(carrier=False).case.pages] == [page.id for page in Desk(carrier=False).case.pages]


def test_a_case_keeps_the_policy_it_was_opened_with():
    desk = Desk()
    assert desk.case.policy == new_case().policy
    assert desk.case.level == desk.case.policy.emergency


def test_somebody_who_left_the_roster_gets_no_page_by_list():
    roster = Roster(
        staff=STAFF[1:], lists=ROSTER.lists, supervisors=ROSTER.supervisors, fallback_numbers=ROSTER.fallback_numbers
    )
    assert {staff for _, staff, _ in Desk(roster=roster).paged} == {BEN}


def test_a_closed_case_with_nothing_left_to_tell_asks_for_no_further_plan():
    desk = Desk(carrier=False)
    desk.take(delivery.page_leased(desk.case, desk.case.pages[0].id, token="t", now=desk.now))
    desk.do(handling.close(desk.case, handling.Outcome.REACHED_ELSEWHERE, by=ANA, now=desk.now))
    assert desk.wake_at is None
