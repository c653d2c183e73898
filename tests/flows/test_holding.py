"""What somebody on hold hears: the truth when it is news, and music between."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import bridging, claims, holding
from flows.case import CaseState, ClaimVia
from flows.events import Channel
from flows.holding import AGAIN_AFTER_ROUNDS, ENOUGH_WAITS, Told
from flows.urgency import Urgency
from tests.flows.escalation.line import ANA, at, new_case, seconds

HALF_A_MINUTE = 26  # a round: the music, and a moment of listening


def on_hold(**changes):
    case = new_case(channel=Channel.VOICE, on_line_call="CA-caller")
    return replace(case, **{"state": CaseState.PAGING, **changes})


def hears(case, told=None, *, place=1, minutes=None, now=0.0, own=()):
    return holding.next_round(case, told or Told(), place=place, minutes=minutes, now=at(now), own=own)


def test_what_a_place_says_of_its_own_keys_comes_before_the_keys_of_every_call_on_hold():
    assert hears(on_hold(), own=("worse",)).messages[-2:] == ("worse", "hold_keys")
    assert hears(on_hold(), now=100_000, own=("worse",)).messages[-2:] == ("worse", "hold_long")
    assert "worse" not in hears(on_hold(state=CaseState.BRIDGING), own=("worse",)).messages


@pytest.mark.parametrize(
    ("tried", "says"), [((), "hold_paging"), (("a",), "hold_trying_one"), (("a", "b"), "hold_trying")]
)
def test_only_what_was_really_tried_is_said(tried, says):
    assert hears(on_hold(tried=tried)).messages[0] == says


def test_the_place_is_always_said_and_a_typical_wait_only_when_one_is_known():
    assert hears(on_hold()).messages == ("hold_paging", "hold_place", "hold_keys")
    with_wait = hears(on_hold(), minutes=4)
    assert with_wait.messages == ("hold_paging", "hold_place", "hold_typical", "hold_keys")
    assert with_wait.params == {"place": "1", "minutes": "4"}


def test_the_same_is_not_said_again_for_a_hundred_seconds():
    case = on_hold(tried=("a",))
    first = hears(case)
    told, quiet = first.told, 0
    while (later := hears(case, told)).messages in {(), ("hold_safety",)}:
        told, quiet = later.told, quiet + 1
    assert later.messages == first.messages
    assert (quiet + 1) * HALF_A_MINUTE > 100


def test_in_danger_the_safety_message_comes_once_between():
    case = on_hold(tried=("a",), urgency=Urgency.EMERGENCY)
    told, said = Told(), []
    for _ in range(AGAIN_AFTER_ROUNDS + 1):
        one = hears(case, told)
        said.append(one.messages)
        told = one.told
    assert said.count(("hold_safety",)) == 1


@pytest.mark.parametrize(
    "news",
    [
        {"tried": ("a", "b")},
        {"state": CaseState.CLAIMED, "claim": claims.Claim(ANA, at(60), ClaimVia.SMS, at(0)), "next_try_at": at(0)},
    ],
    ids=["one more was tried", "somebody took it"],
)
def test_news_is_said_at_once(news):
    case = on_hold(tried=("a",))
    told = hears(case).told
    assert hears(replace(case, **news), told).messages


def test_after_the_longest_hold_a_call_back_and_the_fallback_number_are_offered_and_the_caller_may_stay():
    case = on_hold(tried=("a",))
    limit = case.level.max_hold.total_seconds()
    assert "hold_keys" in hears(case, now=limit - 1).messages
    assert "hold_long" in hears(case, now=limit).messages


def test_whoever_lost_their_human_hears_that_and_not_that_somebody_is_coming():
    case = new_case(channel=Channel.VOICE, on_line_call="CA-caller")
    held = claims.claim(case, ANA, via=ClaimVia.CALL, now=at(1), call="CA-ana").case
    joined = bridging.staff_joined(held, "CA-ana", at(2))[0]
    talking = bridging.caller_joined(joined, "CA-caller", at(3))[0]
    left = bridging.staff_left(talking, at(30))[0]
    assert hears(left, now=31).messages[0] == "hold_back"
    assert "hold_claimed" in hears(held, now=2).messages


def test_serious_first_then_who_lost_a_human_then_who_waits_longest():
    waiting = {
        "first": on_hold(urgency=Urgency.URGENT),
        "later": on_hold(urgency=Urgency.URGENT, opened_at=at(9)),
        "lost": on_hold(urgency=Urgency.URGENT, opened_at=at(20), contact_at=at(30)),
        "danger": on_hold(urgency=Urgency.EMERGENCY, opened_at=at(60)),
        "calm": on_hold(urgency=Urgency.ROUTINE, opened_at=at(-900)),
    }
    assert sorted(waiting, key=lambda name: holding.rank(waiting[name])) == ["danger", "lost", "first", "later", "calm"]


def test_nobody_is_in_line_who_does_not_hold_or_has_somebody():
    assert holding.rank(on_hold(on_line_call="")) is None
    assert holding.rank(on_hold(state=CaseState.CLAIMED)) is None


def test_a_typical_wait_is_the_middle_one_of_enough():
    assert holding.typical_minutes([60.0] * (ENOUGH_WAITS - 1)) is None
    assert holding.typical_minutes([30, 61, 61, 600, 90]) == 2
    assert holding.typical_minutes([5] * ENOUGH_WAITS) == 1


@given(st.lists(st.floats(0, 1e6), min_size=ENOUGH_WAITS, max_size=50))
def test_a_typical_wait_is_never_shorter_than_half_of_those_recorded(waits):
    minutes = holding.typical_minutes(waits)
    assert sum(wait <= minutes * 60 for wait in waits) >= len(waits) / 2


def test_a_wait_is_recorded_once_when_a_human_is_there():
    before = on_hold()
    after = replace(before, contact_at=before.opened_at + seconds(90))
    assert holding.waited(before, after) == 90
    assert holding.waited(after, after) is None
    assert holding.waited(before, before) is None
