"""What silence and hang-ups do: check-ins after danger, and a call that ends in the middle."""

from datetime import timedelta

from flows import walking
from flows.events import Channel, Expired
from flows.step import Timer
from flows.turn import ENDED, WATCH, WITH_A_HUMAN, Turn

CHECK_IN = "checkin"


def hung_up(turn: Turn) -> Turn:
    """The call is over; what was heard on it stands, and a case that was opened goes on without it."""
    return turn.remember(**{ENDED: "1", WATCH: ""})


def expired(turn: Turn, event: Expired) -> Turn:
    """A timer of this very version rang; after danger and silence the caller is asked whether they are safe."""
    gone = _gone_out(turn)
    if event.timer != CHECK_IN or gone is None or _with_a_human(turn) or gone >= len(turn.flow.check_ins.after):
        return turn
    return walking.aside(turn.remember(**{WATCH: str(gone + 1)}), turn.flow.places.check_in)


def watched(turn: Turn) -> Turn:
    """Set the next check-in while danger was heard and nobody has the caller; a text is the only way to ask."""
    gone, times = _gone_out(turn), turn.flow.check_ins.after
    if gone is None or gone >= len(times) or turn.session.channel is not Channel.SMS or _with_a_human(turn):
        return turn
    before = times[gone - 1] if gone else timedelta(0)
    return turn.do(Timer(CHECK_IN, times[gone] - before))


def _gone_out(turn: Turn) -> int | None:
    """How many check-ins have gone out since danger was heard; None when none was heard."""
    watch = turn.session.memory.get(WATCH)
    return int(watch) if watch else None


def _with_a_human(turn: Turn) -> bool:
    return turn.case is not None and turn.case.state in WITH_A_HUMAN
