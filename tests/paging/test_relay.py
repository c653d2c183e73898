"""Words between a caller who writes and their counselor: whoever wrote is told when they did not arrive."""

import pytest

from flows.case import CaseState, LineKind
from tests.paging.house import House
from tests.paging.people import ANA, BEN, NOBODY, People, caller

HELLO = "Hello, this is Ana. Are you safe?"


@pytest.fixture
def writing(world):
    """Ana has the case of somebody in danger who wants texts only."""
    house = House(world, People(NOBODY))
    house.people.says(caller(1), "i took all my pills")
    house.people.says(caller(1), "text only")
    house.run(until=5)
    (house.writing,) = house.open_cases()
    assert "write here" in house.people.says(ANA, f"1 {house.writing.code}").lower()
    house.run(until=5)
    return house


def texts_to(house, number):
    return [leg.body for leg in house.carrier.legs.values() if (leg.kind, leg.to) == ("sms", number)]


@pytest.mark.parametrize("code", ["30003", "30006", "30008"])
def test_the_owner_is_told_of_a_first_text_that_did_not_arrive_and_the_case_does_not_count_as_answered(writing, code):
    writing.carrier.dead[caller(1)] = code
    writing.people.says(ANA, HELLO)
    writing.run(until=30)
    assert HELLO in texts_to(writing, caller(1))
    assert any("did not reach the caller" in body for body in texts_to(writing, ANA))
    case = writing.case(writing.writing.id)
    assert case.contact_at is None
    assert case.owner == "ana"
    writing.run(until=125)
    assert writing.case(case.id).owner is None
    writing.run(until=70)
    assert any(case.code in body and "Reply 1" in body for body in texts_to(writing, BEN))


def test_a_text_that_the_carrier_refuses_is_told_as_well(writing):
    writing.carrier.answers.append("21614")
    writing.people.says(ANA, HELLO)
    writing.run(until=30)
    assert any("did not reach the caller" in body for body in texts_to(writing, ANA))


def test_one_text_that_failed_is_told_once_however_often_the_carrier_says_so(writing):
    writing.carrier.dead[caller(1)] = "30003"
    writing.chances.callback_twice = 1.0
    writing.people.says(ANA, HELLO)
    writing.run(until=60)
    assert sum("did not reach the caller" in body for body in texts_to(writing, ANA)) == 1


def test_a_text_that_arrives_is_contact_and_nobody_is_told_anything(writing):
    writing.people.says(ANA, HELLO)
    writing.run(until=60)
    assert writing.case(writing.writing.id).state is CaseState.CONNECTED
    assert not any("did not reach" in body for body in (*texts_to(writing, ANA), *texts_to(writing, caller(1))))


def test_the_caller_is_told_when_their_words_did_not_reach_the_owner(writing):
    writing.people.says(ANA, HELLO)
    writing.run(until=10)
    writing.carrier.dead[ANA] = "30005"
    writing.people.says(caller(1), "yes but i am scared")
    writing.run(until=30)
    assert "yes but i am scared" in texts_to(writing, ANA)
    (told,) = [body for body in texts_to(writing, caller(1)) if "did not reach" in body]
    assert "911" in told
    lines = [line.detail for line in writing.store.timeline(writing.writing.id) if line.what is LineKind.NOTE]
    assert any("did not arrive (relay: 30005)" in detail.get("text", "") for detail in lines)
