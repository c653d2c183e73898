"""What each job does, for whoever does it: a worker that was rung for, or the clock when none came."""

from typing import assert_never

from rq.timeouts import BaseTimeoutException

from helpline.outbox import Bell, Job, QueueName
from helpline.store import Unavailable
from helpline.wiring import Services


def do(line: Services, job: Job, ids: tuple[str, ...]) -> None:  # noqa: C901, PLR0912 - one line for each job
    """Do one job; each is harmless when done twice, late or for nothing."""
    match job:
        case Job.ADVANCE:
            line.dispatch.advance(*ids)
        case Job.SEND:
            line.pager.send(*ids)
        case Job.RECONCILE:
            line.pager.reconcile(*ids)
        case Job.STOP:
            line.pager.stop(*ids)
        case Job.TELL:
            line.errands.tell(*ids)
        case Job.JOIN:
            line.errands.join(*ids)
        case Job.CHECK:
            line.errands.check(*ids)
        case Job.STAY:
            line.errands.stay(*ids)
        case Job.POST:
            line.post.deliver(*ids)
        case Job.CHORE:
            line.chores.run(*ids)
        case Job.RECORDING:
            line.voicemail.settle(*ids)
        case Job.TIMER:
            session_id, name, version = ids
            line.errands.timer(session_id, name, int(version))
        case Job.WAKE:
            wake(line, ids)
        case _:
            assert_never(job)


def wake(line: Services, rows: tuple[str, ...]) -> None:
    """Look after due rows, one after the other; one that fails costs those behind it nothing, and then the job fails.

    Rows that somebody has looked after meanwhile are left out: the clock does not wait for ever.
    """
    failed: Exception | None = None
    for row in line.store.still_due(rows, line.clock()):
        bell = bell_of(row)
        try:
            do(line, bell.job, bell.ids)
        except (BaseTimeoutException, Unavailable):  # this job's own time is over; Redis is gone, for all of them
            raise
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with one of them
            failed = failed or fault
    if failed is not None:
        raise failed


def bell_of(row: str) -> Bell:
    """The doorbell of one due row."""
    match row.split("|"):
        case ["chore", name]:
            return Bell(Job.CHORE, (name,), QueueName.DEFAULT)
        case ["timer", session_id, name, version]:
            return Bell(Job.TIMER, (session_id, name, version))
        case ["recording", sid, case_id]:
            return Bell(Job.RECORDING, (sid, case_id), QueueName.DEFAULT)
        case ["letter", letter_id]:
            return Bell(Job.POST, (letter_id,))
        case parts:
            return Bell(Job.ADVANCE, (parts[1] if len(parts) > 1 else parts[0],))
