"""What each job does, for whoever does it: a worker that was rung for, or the clock when none came."""

from typing import assert_never

from helpline.outbox import Job
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
        case _:
            assert_never(job)
