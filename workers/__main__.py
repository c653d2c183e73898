"""`python -m workers QUEUE`: one RQ worker on one queue (with two queues a kill after the pop loses the job)."""

from datetime import timedelta
from typing import Any

import click
import structlog
from rq import Queue, SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.utils import current_timestamp

from config.settings import from_environment
from helpline.outbox import TRIES, QueueName
from helpline.store import Beat, Unavailable
from helpline.wiring import connect
from workers.runtime import services

log = structlog.get_logger()

WORKER_TTL_S = 20
MAINTENANCE_S = 5
BEAT_TTL = timedelta(minutes=2)
LISTED_LONGER_S = 60  # than it is kept: an execution of a worker that died (rq 3.0.0, ExecutionRegistry.add)


class LineWorker(SimpleWorker):
    """A worker that says it is alive, at every job and every few seconds between."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Run a job; if it was left over by a worker that died, without what RQ still lists of that and cannot read.

        Without this the job is done, then fails in RQ's own tidying up ("Execution … not found"), three times over.
        """
        if job.retries_left is not None and job.retries_left < TRIES:
            job.execution_registry.cleanup(current_timestamp() + LISTED_LONGER_S)
        super().execute_job(job, queue)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Called by RQ before each job and whenever it has waited for one in vain."""
        super().heartbeat(*args, **kwargs)
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
    worker.work(with_scheduler=False, logging_level="WARNING")


if __name__ == "__main__":
    main()
