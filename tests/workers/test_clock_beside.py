"""What takes long is done beside the clock's sweep: a page that falls due meanwhile does not wait for it."""

import threading
from dataclasses import replace

import pytest

from helpline.chores import Chore, Chores, every
from helpline.store import keys
from tests.helpline.inside import inside
from workers.clock import PATIENCE, Beside, Clock


@pytest.fixture
def beside():
    made = Beside()
    yield made
    made.end()


def test_a_long_piece_of_work_holds_nobody_up_and_is_not_begun_twice(beside):
    go_on, begun = threading.Event(), []
    beside.take("chore|reconcile", lambda: (begun.append(1), go_on.wait(20)))
    beside.take("chore|reconcile", lambda: begun.append(2))
    beside.take("chore|audit", lambda: begun.append(3))
    go_on.set()
    beside.end()
    assert begun[0] == 1
    assert 2 not in begun


def test_what_is_done_may_be_done_again_also_after_a_fault(beside):
    over, again = threading.Event(), threading.Event()

    def breaks():
        over.set()
        raise RuntimeError

    beside.take("chore|ledger", breaks)
    assert over.wait(20)
    for _ in range(2_000):
        beside.take("chore|ledger", again.set)
        if again.wait(0.01):
            return
    pytest.fail("the row was never taken again")


def test_a_sweep_ends_while_a_chore_nobody_came_for_is_still_under_way(beside, tmp_path):
    go_on, begun = threading.Event(), threading.Event()

    def slow():
        begun.set()
        go_on.wait(20)

    with inside(tmp_path) as line:
        services = line.services
        chores = Chores(services.store, line.clock, {"slow": Chore(slow, every(PATIENCE))})
        clock = Clock(replace(services, chores=chores), beside)
        services.store.wake(keys.chore_member("slow"), line.clock())
        clock.sweep()  # rings
        line.clock.forward(seconds=PATIENCE.total_seconds() * 2)
        assert clock.sweep() >= 1  # nobody came: begun beside it
        assert begun.wait(20)
        clock.sweep()
        assert not go_on.is_set()
        go_on.set()
        beside.end()
