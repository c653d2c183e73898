"""A night on the whole line: callers by text and voice, staff who mostly do not answer, and everything going wrong.

The same night on the pure core, with 300 callers for every change, is in tests/flows/escalation/test_night.py.
"""

import sys

import pytest

from flows.case import CALLER, Outcome
from flows.urgency import Urgency
from helpline.running.fault_points import Point
from tests.paging.carrier import Chances
from tests.paging.house import House
from tests.paging.people import NIGHT, People

FAULTS = Chances(
    busy=0.05,
    broken=0.03,
    unreachable=0.02,
    answer_lost=0.03,
    refused=0.02,
    undelivered=0.08,
    list_lags=0.2,
    callback_lost=0.1,
    callback_twice=0.2,
    room_event_lost=0.05,
    job_lost=0.05,
    died_at=dict.fromkeys(Point, 0.01),
)
LONG = [pytest.mark.soak, pytest.mark.timeout(7200)]


@pytest.fixture(
    scope="module",
    params=[
        (1, 8, 0.5),
        pytest.param((20261125, 300, 12), marks=LONG),
        pytest.param((988, 300, 12), marks=LONG),
    ],
    ids=lambda param: f"seed {param[0]}, {param[1]} callers in {param[2]} h",
)
def night(world, request):
    return lived_through(world, *request.param)


def lived_through(world, seed, callers, hours, faults=FAULTS):
    """A night with this seed, and after it as long as any case is open, though no longer than three times the night."""
    house = House(world, People(NIGHT), seed=seed, chances=faults)
    house.callers = callers
    for number in range(1, callers + 1):
        house.later(house.random.uniform(0, hours * 3600), lambda number=number: somebody(house, number))
    for _ in range(max(1, callers // 50)):
        house.later(house.random.uniform(0, hours * 3600), world.kill_redis)
    house.run(until=hours * 3600)
    until = hours * 3600
    while house.open_cases() and until < 3 * hours * 3600 + 6 * 3600:
        house.run(until=900)
        until += 900
    sys.stdout.write(f"\nnight with seed {seed}: {dict(house.seen)}, deaths {dict(house.deaths.struck)}\n")
    for case in house.open_cases():
        sys.stdout.write(f"still open: {told_again(house, case)}\n")
    house.run(until=1800)  # those who still talk hang up
    return house


def told_again(house, case):
    """Everything known of a case that nobody closed: its record, the end of its timeline, and every live call."""
    lines = [
        f"  {line.at:%d %H:%M:%S} {line.what} {line.who} {dict(line.detail)}" for line in house.store.timeline(case.id)
    ]
    calls = [f"  live: {leg}" for leg in house.carrier.legs.values() if leg.live]
    return "\n".join([str(case), f"  {len(lines)} lines, the last:", *lines[-60:], *calls])


def somebody(house, number):
    if house.random.random() < 0.2:
        house.people.calls(number)
    else:
        house.people.needs_help(number, text_only=house.random.random() < 0.2)


def cases(house):
    ids = {key.decode().partition(":")[2] for key in house.redis.keys("timeline:*")}
    return [house.case(case_id) for case_id in ids]


def test_nobody_is_lost_and_every_case_is_closed_by_the_word_of_a_human_or_the_caller(night):
    assert {case.caller_key for case in cases(night)} >= {
        night.store.vault.caller_key(f"+1202555{number:04d}") for number in range(1, night.callers + 1)
    }
    assert [(case.code, case.state, case.reason) for case in cases(night) if not case.closed] == []
    assert {case.closed_by for case in cases(night)} <= {"ana", "ben", "carla", CALLER}


def test_nobody_in_danger_withdrew(night):
    withdrawn = [case for case in cases(night) if case.outcome is Outcome.WITHDRAWN_BY_CALLER]
    assert all(case.urgency < Urgency.URGENT for case in withdrawn)


def test_no_staff_member_was_phoned_after_the_claim_and_no_caller_dialled_twice(night):
    assert night.faulty == []
    assert night.carrier.most_in_a_room <= 2


def test_nobody_is_left_on_the_telephone_with_nobody(night):
    """Whoever hangs up frees the other; a phone that is left in a room cannot be rung for the next caller."""
    assert [leg for leg in night.carrier.legs.values() if leg.live] == []


def test_the_same_seed_makes_the_same_night(world):
    """So what one night shows can be looked at again; only what is drawn as a secret differs."""
    first, second = (lived_through(world, 7, 4, 0.2).people for _ in range(2))
    assert first.told == second.told
    assert first.paged == second.paged
    assert first.paged


def test_no_page_was_requested_more_than_twice(night):
    assert max(night.carrier.requests.values()) <= 2


def test_the_night_was_a_hard_one(night):
    """The faults did happen: otherwise the tests above would say nothing."""
    assert night.seen["jobs lost"] > 5
    assert night.deaths.struck.total() >= 3
    assert night.seen["talks"] >= 1
