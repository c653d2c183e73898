"""Due rows in number: handed out many to a job, each looked after once, and none lost with whoever had it."""

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from helpline.outbox import Job, QueueName
from helpline.privacy.vault import Unreadable
from helpline.store import Beat, keys
from tests.helpline.inside import Inside, one_line, somebody  # noqa: F401 - the fixtures
from tests.stories.people import until
from workers.clock import BEAT_TTL, MOST_IN_A_BELL, PATIENCE, Clock, bells_of
from workers.doing import do, wake
from workers.stand_in import clock_is_silent, standing_in

LATER_S = PATIENCE.total_seconds() * 1.1
CALLERS = 45


@pytest.fixture
def left_open(line: Inside, number):
    """Conversations whose question was left open; gives the rows of the due index that say so, all due now."""
    for caller in range(CALLERS):
        line.text(f"+1202555{caller:04d}", "hi")
        line.text(f"+1202555{caller:04d}", "1")
    line.clock.forward(hours=30)
    line.redis.delete(*(f"rq:queue:{name}" for name in QueueName))
    rows = [row for row in line.services.store.due(line.clock()) if row.startswith("timer|")]
    assert len(rows) == CALLERS
    return rows


def rung(redis: Redis):
    """The jobs that were rung for, taken from the queue as a worker that is killed at once takes them."""
    queue = Queue("urgent", connection=redis, serializer=JSONSerializer)
    jobs = []
    while queue.count:
        jobs.append(queue.fetch_job(queue.pop_job_id()))
    return [(Job(job.func_name), tuple(job.args)) for job in jobs]


def still_due(line, rows):
    return line.services.store.still_due(rows, line.clock())


def test_rows_that_ask_only_redis_share_a_job_and_a_case_goes_before_a_question_left_open(line, left_open):
    line.text("+12025559999", "he is not breathing")
    line.clock.forward(seconds=1)
    rung(line.redis)
    line.redis.delete(keys.RUNG)
    Clock(line.services).sweep()
    jobs = [ids for job, ids in rung(line.redis) if job is Job.WAKE]
    assert [len(ids) for ids in jobs] == [20, 20, 6]
    assert jobs[0][0].startswith("case|")
    assert sorted(row for ids in jobs for row in ids[:MOST_IN_A_BELL] if row.startswith("timer")) == sorted(left_open)


def test_what_may_wait_for_the_carrier_shares_no_job():
    rows = ("letter|l1", "timer|s|session|1", "letter|l2", "chore|audit", "recording|RE1|c1", "case|c1")
    assert [(bell.job, bell.ids, bell.queue) for bell in bells_of(rows)] == [
        (Job.POST, ("l1",), QueueName.URGENT),
        (Job.POST, ("l2",), QueueName.URGENT),
        (Job.CHORE, ("audit",), QueueName.DEFAULT),
        (Job.RECORDING, ("RE1", "c1"), QueueName.DEFAULT),
        (Job.WAKE, ("timer|s|session|1", "case|c1"), QueueName.URGENT),
    ]


def test_two_clocks_ring_once_for_a_row_and_two_workers_with_the_same_rows_come_to_the_same(line, left_open):
    clocks = [Clock(line.services), Clock(line.services)]
    for clock in clocks * 2:
        clock.sweep()
    jobs = rung(line.redis)
    assert sorted(row for _, ids in jobs for row in ids) == sorted(left_open)
    for job, ids in jobs:
        do(line.services, job, ids)
    after = {row: line.services.store.transact(lambda tx, row=row: tx.session(row.split("|")[1])) for row in left_open}
    for job, ids in jobs:
        do(line.services, job, ids)
    assert still_due(line, left_open) == ()
    assert after == {
        row: line.services.store.transact(lambda tx, row=row: tx.session(row.split("|")[1])) for row in left_open
    }


def test_rows_of_a_worker_that_died_with_them_are_done_by_the_clock_after_its_patience(line, left_open):
    clock = Clock(line.services)
    clock.sweep()
    (_, half), *_lost = rung(line.redis)
    wake(line.services, half[:7])  # and then it was killed
    clock.sweep()
    assert len(still_due(line, left_open)) == CALLERS - 7
    line.clock.forward(seconds=LATER_S)
    clock.sweep()
    assert still_due(line, left_open) == ()


def test_a_clock_that_died_with_rows_in_hand_leaves_them_to_the_other_within_two_seconds(line, left_open, monkeypatch):
    class Died(BaseException):
        pass

    def dies(*_ids):
        raise Died

    first, second = Clock(line.services), Clock(line.services)
    first.sweep()
    rung(line.redis)
    line.clock.forward(seconds=LATER_S)
    with monkeypatch.context() as patched:
        patched.setattr("workers.clock.do", dies)
        with pytest.raises(Died):
            first.sweep()
    second.sweep()
    assert len(still_due(line, left_open)) == CALLERS, "who has just taken them is given time"
    line.clock.forward(seconds=LATER_S)
    second.sweep()
    assert still_due(line, left_open) == ()


def test_rows_somebody_has_looked_after_are_left_out(line, left_open, monkeypatch):
    wake(line.services, left_open[:5])
    done = []
    monkeypatch.setattr("workers.doing.do", lambda _line, _job, ids: done.append(ids[0]))
    wake(line.services, left_open)
    assert done == [row.split("|")[1] for row in left_open[5:]]


def test_a_row_that_cannot_be_done_costs_those_behind_it_nothing_and_the_job_fails(line, left_open):
    broken = left_open[0].split("|")[1]
    line.redis.set(keys.session(broken), b"not sealed by us")
    with pytest.raises(Unreadable):
        wake(line.services, left_open)
    assert still_due(line, left_open) == (left_open[0],)


def test_a_row_that_cannot_be_done_does_not_end_the_clock_which_tries_it_once_in_its_patience(line, left_open):
    broken, tried = left_open[0], []
    line.redis.set(keys.session(broken.split("|")[1]), b"not sealed by us")
    clock = Clock(line.services)
    clock.sweep()
    rung(line.redis)
    for _ in range(3):
        line.clock.forward(seconds=LATER_S)
        before = line.redis.zscore(keys.RUNG, broken)
        for _ in range(5):
            clock.sweep()
        tried.append(line.redis.zscore(keys.RUNG, broken) - before)
    assert still_due(line, left_open) == (broken,)
    assert tried == [pytest.approx(LATER_S * 1_000)] * 3


def test_a_worker_stands_in_for_a_clock_that_is_silent(line, left_open):
    line.redis.delete(keys.heartbeat(Beat.CLOCK))
    assert clock_is_silent(line.services)
    with standing_in(line.services):
        until("every row rung for", lambda: line.redis.zcard(keys.RUNG) == CALLERS)
    assert line.services.store.last_beat(Beat.CLOCK) is None, "it does not say that it is a clock"
    assert sorted(row for _, ids in rung(line.redis) for row in ids) == sorted(left_open)


def test_nobody_stands_in_for_a_clock_that_lives(line, left_open, monkeypatch):
    looked = []
    monkeypatch.setattr("workers.stand_in.clock_is_silent", lambda of: looked.append(clock_is_silent(of)))
    line.services.store.beat(Beat.CLOCK, line.clock(), BEAT_TTL)
    with standing_in(line.services):
        until("two looks", lambda: len(looked) >= 2)
    assert not any(looked)
    assert line.redis.zcard(keys.RUNG) == 0, left_open


def test_a_check_in_is_on_its_way_with_the_commit_whoever_dies_then_and_once_however_often_it_is_woken(line, number):
    line.text(number, "i want to kill myself")
    line.clock.forward(hours=1)
    (check_in,) = (row for row in line.services.store.due(line.clock()) if row.startswith("timer|"))
    for _ in range(2):
        do(line.services, Job.TIMER, tuple(check_in.split("|")[1:]))
    (letter_row,) = (row for row in line.services.store.due(line.clock()) if row.startswith("letter|"))
    letter = line.services.post.letter(letter_row.split("|")[1])
    assert letter.to == number
    assert "safe" in letter.text.lower()
    assert rung(line.redis)[-1] == (Job.POST, (letter.id,))
