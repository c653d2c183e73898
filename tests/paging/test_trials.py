"""Each fault at its place, once for every change and many times for docs/reliability.md."""

from collections import Counter

import pytest

from tests.paging.trials import TRIALS, tried


def chosen():
    """The first trials of each point; all of them in `make soak` and, many times, in `make reliability`."""
    tried_of = Counter()
    for trial in TRIALS:
        tried_of[trial.point] += 1
        marks = [] if tried_of[trial.point] <= 2 else [pytest.mark.soak]
        yield pytest.param(trial, id=trial.name, marks=marks)


@pytest.mark.parametrize("trial", list(chosen()))
def test_a_call_for_help_survives(world, trial):
    house, came_of = tried(world, trial, seed=1)
    assert not came_of.lost, (came_of, house.seen, house.people.paged, house.people.told)
    assert came_of.faulty == ()
    assert came_of.most_requests <= max(2, trial.crashes + 1)
    if trial.crashes:
        assert came_of.struck >= 1, "the fault never struck, so this would say nothing"
