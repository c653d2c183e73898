"""Names the background jobs and puts their doorbells on a transaction; the due index, not the job, is the memory.

The only module outside `workers` that knows RQ. A bell carries ids only, for a job's arguments stand in Redis in
clear. RQ's `unique=True` ignores the pipeline and a repeated job id is queued twice (rq 3.0.0), so neither is used:
every job is harmless when rung twice.
"""

from dataclasses import dataclass
from enum import StrEnum

from redis import Redis
from redis.client import Pipeline
from rq import Queue, Retry
from rq.serializers import JSONSerializer


class QueueName(StrEnum):
    """One worker process listens on one queue: with two, a kill between pop and start loses the job (rq 3.0.0)."""

    URGENT = "urgent"
    DEFAULT = "default"


class Job(StrEnum):
    """The jobs, by the dotted name a worker resolves; a rule test resolves each one."""

    ADVANCE = "workers.jobs.advance"  # (case id): plan, write the plan down, ring for its orders
    SEND = "workers.jobs.send"  # (case id, page id): hand one page or call to the carrier
    RECONCILE = "workers.jobs.reconcile"  # (case id, page id): ask the carrier what became of it
    STOP = "workers.jobs.stop"  # (case id, page id): stop a phone that rings for nothing
    TELL = "workers.jobs.tell"  # (case id, notice id): tell the caller, the owner or the operators
    JOIN = "workers.jobs.join"  # (case id): move the holding caller into the bridge
    CHECK = "workers.jobs.check"  # (case id): are the calls believed to be live still live?
    STAY = "workers.jobs.stay"  # (case id): the owner may leave the room without ending it
    POST = "workers.jobs.post"  # (letter id): hand a letter to the carrier
    CHORE = "workers.jobs.chore"  # (name): do what the line does by the clock
    RECORDING = "workers.jobs.recording"  # (recording, case id or ""): fetch a spoken message, or delete it there
    TIMER = "workers.jobs.timer"  # (session id, timer, version): wake a conversation
    WAKE = "workers.jobs.wake"  # (row of the due index, ...): look after these, whatever each stands for


@dataclass(frozen=True, slots=True)
class Bell:
    """One doorbell: which job, with which ids, on which queue."""

    job: Job
    ids: tuple[str, ...]
    queue: QueueName = QueueName.URGENT


JOB_TIMEOUT_S = 30
TRIES = 3  # at once: a pause would need RQ's scheduler, and the due index already comes back for what fails


class Outbox:
    """Pushes bells onto the transaction that makes them true."""

    def __init__(self, redis: Redis) -> None:
        """Open the queues; nothing is sent until a pipeline executes."""
        self._queues = {name: Queue(name.value, connection=redis, serializer=JSONSerializer) for name in QueueName}

    def length(self, name: QueueName) -> int:
        """How many bells wait in a queue."""
        return int(self._queues[name].count)

    def push(self, pipe: Pipeline, bell: Bell) -> None:
        """Queue the job when, and only when, the pipeline executes. Call after `pipe.multi()`."""
        self._queues[bell.queue].enqueue(
            bell.job.value,
            *bell.ids,
            pipeline=pipe,
            retry=Retry(max=TRIES),
            job_timeout=JOB_TIMEOUT_S,
            result_ttl=0,
            failure_ttl=86_400,
            description=bell.job.value,
        )
