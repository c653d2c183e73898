"""Every place where a call can stand between caller and staff has a story in which somebody hangs up there."""

import pytest

from flows.case import GuestKind
from flows.pages import Purpose
from helpline.app import webhooks_of
from tests.helpline.inside import inside
from tests.stories.bridge import POINTS, RINGING, Who

PROMPTS = {
    "/twilio/voice": "the menu",
    "/twilio/voice/turn": "a question of the menus",
    "/twilio/voice/recorded": "after a spoken message",
    "/twilio/voice/fallback": "the question that stood when a document failed",
}
"""Of the caller alone: `tests/stories/test_hang_ups_everywhere.py` hangs up at each prompt."""

NOBODY_STAYS = {
    "/twilio/voice/short": "to whoever calls too often: no case, no bridge",
    "/twilio/voice/survey": "says goodbye",
    "/twilio/staff/outcome": "says that it is done; a key that is none asks again, as staff/told does",
    "/twilio/guest/told": "says that the caller has hung up",
    "/twilio/guest/after": "says goodbye",
    "/twilio/letter": "is said to staff and ends: nobody is to be joined",
}
"""Nothing is asked there and nobody waits: the line itself hangs up after a sentence."""

NO_CALL = {
    "/twilio/sms",
    "/twilio/sms/fallback",
    "/twilio/voice/status",
    "/twilio/status/page",
    "/twilio/status/notice",
}
NO_CALL |= {"/twilio/room"}
"""Texts and reports."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("v")) as line:
        rules = [rule.rule for rule in webhooks_of(line.services).url_map.iter_rules()]
    return {rule for rule in rules if rule.startswith("/twilio/")}


def test_every_address_that_answers_a_call_has_a_story_in_which_somebody_hangs_up_there(addresses):
    stood_at = {point.stands for point in POINTS} - {RINGING}
    known = stood_at | PROMPTS.keys() | NOBODY_STAYS.keys() | NO_CALL
    assert addresses - known == set(), "a place in a call without a hang-up: add a Point to tests/stories/bridge.py"
    assert known - addresses == set(), "named here, and no longer there"
    assert not stood_at & (PROMPTS.keys() | NOBODY_STAYS.keys() | NO_CALL)


def test_at_every_place_each_of_those_who_are_in_it_hangs_up():
    places = {point.place for point in POINTS}
    for place in places:
        who = {point.who for point in POINTS if point.place == place}
        with_guest = place.startswith(("a colleague", "three", "the crisis line"))
        alone = place in {"staff are asked how it went", "the caller is asked", "both have talked"}
        alone |= place in {
            "staff wait for who wants no call",
            "staff hear the offer of a call back",
            "the owner hears what it is about",
        }
        assert alone or {Who.CALLER, Who.OWNER} <= who, place
        assert (Who.GUEST in who) == with_guest, place


def test_phones_of_every_purpose_are_hung_up_while_they_ring_or_at_the_first_words():
    """Of each kind of call that the line makes, with the address of its first document."""
    first = {
        Purpose.PAGE: "/twilio/staff/offer",
        Purpose.OWNER: "/twilio/staff/offer",
        Purpose.CALLER: "/twilio/caller/screen",
        Purpose.GUEST: "/twilio/guest/offer",
    }
    assert first.keys() == set(Purpose)
    assert set(first.values()) <= {point.stands for point in POINTS}
    assert {point.who for point in POINTS if point.stands == RINGING} == {Who.CALLER, Who.OWNER, Who.GUEST}


def test_each_kind_of_third_person_is_hung_up_on_by_everybody():
    places = {GuestKind.COLLEAGUE: "three talk", GuestKind.LIFELINE: "three with the crisis line"}
    assert places.keys() == set(GuestKind)
    for place in places.values():
        assert {point.who for point in POINTS if point.place == place} == {Who.CALLER, Who.OWNER, Who.GUEST}


def test_every_run_has_some_of_them_with_everybody_hanging_up():
    assert {point.who for point in POINTS if point.often} >= {Who.CALLER, Who.OWNER, Who.GUEST}
