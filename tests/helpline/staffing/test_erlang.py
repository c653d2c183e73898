import heapq
import random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpline.staffing.erlang import Queue, staff_needed

HOUR = 3_600


def simulated(queue: Queue, seconds: float, *, callers: int, seed: int) -> float:
    """The share answered in time, by playing it: nothing of the formula is used."""
    draw = random.Random(seed)
    free = [0.0] * queue.staff
    now, answered = 0.0, []
    for _ in range(callers):
        now += draw.expovariate(queue.arrivals)
        patience = draw.expovariate(1 / queue.patience)
        begins = max(now, free[0])
        if begins - now > patience:
            answered.append(False)
            continue
        heapq.heapreplace(free, begins + draw.expovariate(1 / queue.handling))
        answered.append(begins - now <= seconds)
    return mean(answered[callers // 10 :])


@pytest.mark.parametrize(
    ("per_hour", "handling", "patience", "staff", "seconds"),
    [
        (6, 1_200, 900, 2, 300),
        (20, 900, 600, 5, 60),
        (20, 900, 600, 3, 300),
        (120, 600, 300, 22, 20),
        (600, 720, 400, 110, 60),
    ],
)
def test_the_share_answered_in_time_is_what_a_simulation_finds(per_hour, handling, patience, staff, seconds):
    queue = Queue(per_hour / HOUR, handling, patience, staff)
    played = mean(simulated(queue, seconds, callers=20_000, seed=seed) for seed in (1, 2, 3))
    assert queue.within(seconds) == pytest.approx(played, abs=0.015)


def test_nobody_to_answer_answers_nobody_and_nobody_calling_is_always_answered():
    assert Queue(1 / 60, 600, 600, 0).within(300) == 0
    assert Queue(0, 600, 600, 0).within(0) == 1


def test_the_fewest_who_are_enough_are_enough_and_one_fewer_are_not():
    needed = staff_needed(30 / HOUR, 900, 600, within=60, share=0.9)
    assert Queue(30 / HOUR, 900, 600, needed).within(60) >= 0.9
    assert Queue(30 / HOUR, 900, 600, needed - 1).within(60) < 0.9


def test_a_quiet_hour_needs_nobody_by_the_sum_alone():
    assert staff_needed(0, 900, 600, within=60, share=0.9) == 0


def test_a_national_line_in_a_surge_is_still_a_number():
    needed = staff_needed(274_000 / HOUR, 900, 600, within=60, share=0.9)
    talking_at_once = 274_000 / HOUR * 900
    assert 0.85 * talking_at_once < needed < 1.05 * talking_at_once


def test_what_no_number_of_people_reaches_is_said():
    with pytest.raises(ValueError, match="not even"):
        staff_needed(10_000, 3_600, 60, within=1, share=0.999)


@given(
    per_hour=st.floats(0.1, 500), handling=st.floats(30, 3_600), patience=st.floats(30, 3_600), staff=st.integers(1, 60)
)
@settings(max_examples=60)
def test_more_people_more_time_and_fewer_calls_never_answer_fewer(per_hour, handling, patience, staff):
    queue = Queue(per_hour / HOUR, handling, patience, staff)
    share = queue.within(60)
    assert 0 <= share <= 1 + 1e-6
    assert queue.within(120) >= share - 1e-6
    assert Queue(per_hour / HOUR, handling, patience, staff + 1).within(60) >= share - 1e-6
    assert Queue(per_hour / HOUR / 2, handling, patience, staff).within(60) >= share - 1e-6
    assert queue.served >= share - 1e-6


@pytest.mark.parametrize("wrong", [{"arrivals": -1}, {"handling": 0}, {"patience": -5}, {"staff": -1}])
def test_a_queue_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match="no such queue"):
        Queue(**{"arrivals": 0.1, "handling": 600, "patience": 600, "staff": 3, **wrong})


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_share_that_cannot_be_reached_is_refused(share):
    with pytest.raises(ValueError, match="a share between 0 and 1"):
        staff_needed(1, 60, 60, within=10, share=share)
