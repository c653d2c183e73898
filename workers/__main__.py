"""`python -m workers QUEUE`: one RQ worker on one queue (with two queues a kill after the pop loses the job)."""

import time
from datetime import timedelta
from typing import Any

import click
import structlog
from rq import Queue, SimpleWorker
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import current_timestamp

from config.settings import from_environment
from helpline.outbox import TRIES, QueueName
from helpline.store import Beat, Unavailable
from helpline.wiring import connect
from workers.runtime import services
from workers.stand_in import standing_in

log = structlog.get_logger()

WORKER_TTL_S = 20
MAINTENANCE_S = 5
BEAT_TTL = timedelta(minutes=2)
ONCE_IN_S = 1.0
LISTED_LONGER_S = 60  # than it is kept: an execution of a worker that died (rq 3.0.0, ExecutionRegistry.add)


class LineWorker(SimpleWorker):
    """A worker that says it is alive, every few seconds and never more often than it helps.

    RQ would say so five times a job, set the same state twice and ask each time whether somebody suspended it; with
    what it asks after each job, three quarters of a job's trips to Redis, most of them written to disk (rq 3.0.0).
    """

    _beat_s = _asked_s = float("-inf")

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a job; if it was left over by a worker that died, without what RQ still lists of that and cannot read.

        Without this the job is done, then fails in RQ's own tidying up ("Execution … not found"), three times over.
        """
        if job.retries_left is not None and job.retries_left < TRIES:
            job.execution_registry.cleanup(current_timestamp() + LISTED_LONGER_S)
        super().execute_job(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Called by RQ before, in and after each job and whenever it has waited for one in vain."""
        if timeout is not None or pipeline is not None:  # a job begins: its own time is kept with it
            super().heartbeat(timeout, pipeline)
        elif (now_s := time.monotonic()) - self._beat_s >= ONCE_IN_S:
            super().heartbeat()
            self._beat_s = now_s
            self._beat()

    def check_for_suspension(self, burst: bool) -> None:  # noqa: FBT001 - RQ's own signature
        """`rq suspend` is heard within a second."""
        if (now_s := time.monotonic()) - self._asked_s >= ONCE_IN_S:
            self._asked_s = now_s
            super().check_for_suspension(burst)

    def set_state(self, state: str, pipeline: Any = None) -> None:
        """Written when it is another than before."""
        if pipeline is not None or state != self._state:
            super().set_state(state, pipeline)

    def handle_job_success(
        self, job: Job, queue: Queue, started_job_registry: StartedJobRegistry, execution: Execution
    ) -> None:
        """A job of ours that went well at once leaves nothing: it has no result, no dependents and one execution.

        RQ would ask for all of these, eight more trips to Redis, each time.
        """
        if job.result_ttl != 0 or job.retries_left != TRIES or job.started_at is None or job.ended_at is None:
            super().handle_job_success(job, queue, started_job_registry, execution)
            return
        with self.connection.pipeline() as pipe:
            self.increment_successful_job_count(pipeline=pipe)
            self.increment_total_working_time(job.ended_at - job.started_at, pipe)
            self.cleanup_execution(job, pipeline=pipe, execution=execution)
            pipe.delete(job.key)
            pipe.execute()

    def _beat(self) -> None:
        line = services()
        try:
            for queue in self.queue_names():
                line.store.beat(Beat.of_worker(queue), line.clock(), BEAT_TTL)
        except Unavailable as fault:  # not what ends a worker: RQ waits for its own connection to come back
            log.warning("beat_failed", fault=str(fault))


@click.command()
@click.argument("queue", type=click.Choice([name.value for name in QueueName]))
def main(queue: str) -> None:
    """Work through one queue until told to stop.

    `SimpleWorker` runs jobs in this process: 400 against 78 jobs a second (measured, rq 3.0.0). What forking would
    isolate, the lease and the due index already make harmless.
    """
    worker = LineWorker(
        [queue],
        connection=connect(from_environment(), answer_s=None),
        serializer=JSONSerializer,
        worker_ttl=WORKER_TTL_S,
        maintenance_interval=MAINTENANCE_S,
    )
    with standing_in(services()):
        worker.work(with_scheduler=False, logging_level="WARNING")


if __name__ == "__main__":
    main()
