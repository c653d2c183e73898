"""One RQ worker of the line on a real Redis: what a worker that died leaves behind does not trip the next one."""

import functools

import pytest
from redis import Redis
from rq import Queue, Retry, SimpleWorker
from rq.executions import Execution
from rq.serializers import JSONSerializer
from rq.suspension import suspend
from rq.utils import current_timestamp

import workers.__main__
from helpline.outbox import TRIES, Bell, Job, Outbox
from helpline.running.embedded_redis import EmbeddedRedis
from tests.helpline.inside import inside
from workers.__main__ import LineWorker

KEPT_S = 90


class Worker(LineWorker):
    """Without the beat, which needs a whole line."""

    heartbeat = SimpleWorker.heartbeat


@pytest.fixture
def redis(tmp_path):
    with EmbeddedRedis(tmp_path) as server:
        client = Redis.from_url(server.address)
        yield client
        client.close()


@pytest.fixture
def left_over(redis):
    """A job whose worker was killed: queued again, while its execution is listed and, after its time, not kept."""
    queue = Queue("urgent", connection=redis, serializer=JSONSerializer)
    job = queue.enqueue("os.getpid", retry=Retry(max=TRIES), result_ttl=0)
    job.retries_left = TRIES - 1
    job.save()
    with redis.pipeline() as pipe:
        execution = Execution.create(job, KEPT_S, pipe, worker_name="killed")
        pipe.execute()
    redis.delete(execution.key)
    redis.zadd(job.execution_registry.key, {execution.id: current_timestamp() + 30})
    return queue, job


def test_a_job_that_a_killed_worker_left_over_is_done_once_and_nothing_fails(redis, left_over, caplog):
    queue, job = left_over
    worker = Worker([queue], connection=redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")
    assert "Traceback" not in caplog.text
    assert not redis.exists(job.key)
    assert queue.failed_job_registry.get_job_count() == 0


def test_an_execution_that_still_runs_elsewhere_stays_listed(redis, left_over):
    queue, job = left_over
    with redis.pipeline() as pipe:
        living = Execution.create(job, KEPT_S, pipe, worker_name="living")
        pipe.execute()
    job.refresh()
    worker = Worker([queue], connection=redis, serializer=JSONSerializer)
    seen = []
    worker.perform_job = lambda job, *_: seen.extend(job.execution_registry.get_execution_ids())
    worker.work(burst=True, logging_level="WARNING")
    assert living.id in seen


def test_a_beat_that_cannot_be_written_does_not_end_the_worker(redis, monkeypatch, tmp_path):
    with inside(tmp_path / "line") as line:
        monkeypatch.setattr(workers.__main__, "services", lambda: line.services)
        worker = LineWorker(["urgent"], connection=redis, serializer=JSONSerializer)
        worker.register_birth()
        line.redis.shutdown(nosave=True)
        worker.heartbeat()
        assert Worker.all(connection=redis)[0].last_heartbeat is not None


@pytest.fixture
def beats(monkeypatch):
    """The queues whose worker said that it lives."""
    said = []

    class Store:
        def beat(self, kind, _now, _ttl):
            said.append(kind)

    class Line:
        store = Store()
        clock = staticmethod(lambda: None)

    monkeypatch.setattr(workers.__main__, "services", Line)
    return said


def test_a_busy_worker_says_that_it_lives_once_a_second_and_not_with_every_job(redis, beats, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(workers.__main__.time, "monotonic", lambda: now[0])
    queue = Queue("urgent", connection=redis, serializer=JSONSerializer)
    worker = LineWorker([queue], connection=redis, serializer=JSONSerializer)
    for second in range(3):
        now[0] += 1.0
        for _ in range(10):
            queue.enqueue("os.getpid", result_ttl=0)
        worker.work(burst=True, logging_level="WARNING")
        assert len(beats) == second + 1
        assert queue.count == 0


def test_a_worker_that_was_suspended_by_rqs_own_command_hears_of_it_within_a_second(redis, beats, monkeypatch):
    now = [1_000.0]
    monkeypatch.setattr(workers.__main__.time, "monotonic", lambda: now[0])
    queue = Queue("urgent", connection=redis, serializer=JSONSerializer)
    worker = LineWorker([queue], connection=redis, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="WARNING")
    suspend(redis)
    queue.enqueue("os.getpid", result_ttl=0)
    now[0] += 1.0
    worker.work(burst=True, logging_level="WARNING")
    assert queue.count == 1


def test_a_job_that_went_well_leaves_nothing_behind_and_is_counted(redis, beats):
    with redis.pipeline() as pipe:
        pipe.multi()
        for _ in range(3):
            Outbox(redis).push(pipe, Bell(Job.STAY, ("c1",)))
        pipe.execute()
    queue = Queue("urgent", connection=redis, serializer=JSONSerializer)
    worker = LineWorker([queue], connection=redis, serializer=JSONSerializer)
    worker.perform_job = functools.partial(performed, worker)
    worker.work(burst=True, logging_level="WARNING")
    assert int(redis.hget(worker.key, "successful_job_count")) == 3
    assert float(redis.hget(worker.key, "total_working_time")) > 0
    left = {key.decode() for key in redis.scan_iter()}
    assert {key.split(":")[1] for key in left} <= {"worker", "workers", "queues", "clean_registries", "clean_groups"}, (
        left
    )


def performed(worker, job, queue, execution):
    """Do nothing instead of the job."""
    job.func_name = "os.getpid"
    job.args = ()
    return SimpleWorker.perform_job(worker, job, queue, execution)
