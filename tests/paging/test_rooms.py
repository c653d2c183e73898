"""Nobody is left alone in a room, and nobody is taken out of a talk, whatever happens to reports about rooms."""

import pytest

from flows.case import CaseState, ClaimVia, LineKind
from tests.paging.carrier import Chances
from tests.paging.house import House
from tests.paging.people import ANA, Habits, People, caller

TALKERS = Habits(owner_picks_up=1.0, caller_picks_up=1.0, presses_one=1.0, says_done=1.0)


@pytest.fixture
def house(world):
    """Whoever talks goes on until the test ends it."""
    made = House(world, People(TALKERS))
    made.people.talk = lambda _: made.seen.update(talks=1)
    return made


def talking(house):
    """A caller who called in and the owner, in their room; gives the case and both legs."""
    house.people.calls(1)
    (case,) = house.open_cases()
    (theirs,) = [leg for leg in house.carrier.legs.values() if leg.to == caller(1)]
    house.line.dispatch.claim(case.id, "ana", via=ClaimVia.SMS, call="")
    house.run(until=60)
    assert house.case(case.id).state is CaseState.CONNECTED
    (anas,) = [leg for leg in house.carrier.legs.values() if leg.to == ANA and leg.status == "in-progress"]
    assert anas.room
    assert anas.room == theirs.room
    return case, theirs, anas


def patient(house):
    """The caller does not give up."""
    house.random.expovariate = lambda _: 1e6


def test_a_caller_thrown_out_of_the_room_meets_the_owner_who_waits_there_again(house):
    """A document that cannot be fetched sends a caller to hold; the owner must not be taken for gone."""
    patient(house)
    case, theirs, anas = talking(house)
    house.chances = Chances(room_event_lost=1.0)
    house.carrier.goes_on(theirs, house.address("/twilio/voice/hold"))
    assert theirs.room == ""
    house.chances = Chances()
    house.run(until=120)
    assert theirs.room
    assert anas.room == theirs.room
    assert (house.case(case.id).state, house.case(case.id).owner) == (CaseState.CONNECTED, "ana")
    assert not [number for _, number, _ in house.people.paged if number != ANA]
    assert house.faulty == []


def test_a_caller_whose_coming_is_reported_late_is_not_moved_out_of_the_talk(house):
    patient(house)
    house.chances = Chances(room_event_lost=1.0)
    moved, redirect = [], house.carrier.redirect
    house.carrier.redirect = lambda sid, url: (moved.append(sid), redirect(sid, url))
    house.people.calls(1)
    (case,) = house.open_cases()
    house.line.dispatch.claim(case.id, "ana", via=ClaimVia.SMS, call="")
    house.run(until=180)
    assert house.case(case.id).state is CaseState.CONNECTED
    assert len(moved) == 1
    words = [line.what for line in house.store.timeline(case.id)]
    assert words.count(LineKind.CONNECTED) == 1


def test_an_owner_whose_claim_ended_while_they_waited_in_the_room_is_led_out_of_it(house):
    """The caller never comes: whoever waited hears that the case is open again, and the next owner meets nobody old."""
    house.people.habits.caller_picks_up = 0.0
    house.people.needs_help(1)
    (case,) = house.open_cases()
    house.line.dispatch.claim(case.id, "ana", via=ClaimVia.SMS, call="")
    house.run(until=25)
    (anas,) = [leg for leg in house.carrier.legs.values() if leg.to == ANA and leg.status == "in-progress"]
    old = anas.room
    assert old
    house.line.dispatch.release(case.id, "ana")
    house.run(until=30)
    assert anas.room == ""
    house.line.dispatch.claim(case.id, "ben", via=ClaimVia.SMS, call="")
    house.run(until=30)
    assert old not in {leg.room for leg in house.carrier.legs.values()}
    assert house.faulty == []
