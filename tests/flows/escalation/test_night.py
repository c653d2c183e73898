"""Twelve hours, 300 callers, faults at random: nobody is lost."""

import sys

import pytest

from flows.case import CALLER, Outcome
from flows.urgency import Urgency
from tests.flows.escalation.night import HOURS, TEAM, Night

pytestmark = pytest.mark.exhaustive


@pytest.fixture(
    scope="module",
    params=[1, pytest.param(20261124, marks=pytest.mark.soak), pytest.param(988, marks=pytest.mark.soak)],
)
def night(request):
    finished = Night(seed=request.param).run()
    sys.stdout.write(f"\nnight with seed {request.param}: {dict(sorted(finished.seen.items()))}\n")
    return finished


def test_every_case_is_closed_by_the_word_of_a_human_or_the_caller(night):
    assert len(night.cases()) == night.callers
    still_open = [(case.id, case.state, case.opened_at) for case in night.cases() if not case.closed]
    assert still_open == []
    assert {case.closed_by for case in night.cases()} <= {*TEAM, CALLER}


def test_nobody_in_danger_withdrew(night):
    withdrawn = [case for case in night.cases() if case.outcome is Outcome.WITHDRAWN_BY_CALLER]
    assert withdrawn
    assert all(case.urgency < Urgency.URGENT for case in withdrawn)


def test_nobody_was_paged_after_a_claim_nor_told_what_was_not_so_nor_dialled_twice_at_a_time(night):
    assert night.faulty == []


def test_no_page_was_requested_more_than_twice(night):
    assert max(night.requests.values()) == 2
    assert min(night.requests.values()) == 1


def test_somebody_was_paged_for_every_case_and_soon(night):
    assert set(night.first_page) == {case.id for case in night.cases()} - _withdrawn_at_once(night)
    danger = {case.id for case in night.cases() if case.urgency >= Urgency.URGENT}
    waits = sorted(night.first_page.values())
    sys.stdout.write(f"first page: median {waits[len(waits) // 2]:.1f} s, longest {waits[-1]:.1f} s\n")
    assert waits[len(waits) // 2] < 5
    assert waits[-1] < 120
    assert max(wait for case_id, wait in night.first_page.items() if case_id in danger) < 60


def test_records_stay_small_all_night(night):
    assert night.largest < 20_000


def test_the_night_was_a_hard_one(night):
    """The faults did happen: otherwise the tests above would say nothing."""
    assert night.seen["talks"] > 50
    assert night.seen["claim refused: TakenBy"] > 20
    assert night.seen["told claim_over"] > 10
    assert night.seen["written to"] > 5
    assert (night.now - night.cases()[0].opened_at).total_seconds() > HOURS * 3600


def _withdrawn_at_once(night):
    return {case.id for case in night.cases() if case.outcome is Outcome.WITHDRAWN_BY_CALLER and not case.tally}
