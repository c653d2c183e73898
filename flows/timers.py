"""What happens when nobody answers: hang-ups, check-ins after danger, and questions left open for good."""

from collections.abc import Iterator
from datetime import timedelta

from flows import walking
from flows.dropped import DROPPED
from flows.events import Channel, Expired
from flows.nodes import Ask
from flows.step import CaseNote, Listen, Timer, Wait
from flows.survey import SURVEY
from flows.turn import AFTER, ENDED, GONE, HELPED, LEFT, NEEDED, WATCH, WITH_A_HUMAN, Turn
from flows.waiting import SETTLED

SESSION = "session"
CHECK_IN = "checkin"


def hung_up(turn: Turn) -> Turn:
    """The call ended. Mid-triage a neutral text offers to go on; staff see it where there is a case.

    The prompts of this step can only be sent as a text.
    """
    gone = turn.remember(**{GONE: "1"})
    if gone.recalls(NEEDED):
        gone = gone.do(CaseNote("hung_up", "The call ended."))
    if _open_question(turn) is None:
        return gone
    kept = gone.remember(**{AFTER: gone.session.memory.get(AFTER) or gone.session.node})
    return kept.at_node(turn.flow.places.welcome_back).say(turn.flow.lines.dropped)


def expired(turn: Turn, event: Expired) -> Turn:
    """A timer that still counts: are you safe? shall we go on by text? or a question that was left open for good."""
    if event.timer == CHECK_IN:
        return _check_in(turn)
    if event.timer == SURVEY:
        return walking.go(turn.remember(**{SETTLED: ""}), turn.flow.places.survey)
    if event.timer == DROPPED:
        return turn.say(turn.flow.lines.dropped)
    question = _open_question(turn)
    return turn.remember(**{LEFT: "1"}) if question is None else turn.answer(question, None)


def _open_question(turn: Turn) -> str | None:
    """The scored question the caller was asked and has not answered; not answering it is an answer.

    Once staff have closed the case that came of it, silence is not the next one.
    """
    if turn.recalls(HELPED):
        return None
    at = turn.flow.nodes.get(turn.session.node)
    if turn.session.node == turn.flow.places.welcome_back:
        at = turn.flow.nodes.get(turn.session.memory.get(AFTER, ""))
    question = at.question if isinstance(at, Ask) else ""
    return question if turn.scored(question) and question not in turn.session.answers else None


def _check_in(turn: Turn) -> Turn:
    if not _watching(turn):
        return turn
    counted = turn.remember(**{WATCH: str(_checked(turn) + 1)})
    place = turn.flow.places.check_in
    if turn.session.node != place:
        return walking.aside(counted, place)
    node = turn.node
    return counted.say(node.again or node.say) if isinstance(node, Ask) else counted


def timers(turn: Turn, waits: Listen) -> Iterator[Timer]:
    """Give the timers that go with this turn; those of earlier turns are void by their version."""
    if _watching(turn) and waits.wait is not Wait.END:
        yield Timer(CHECK_IN, _until_next(turn))
    if turn.recalls(LEFT):
        return
    if waits.wait is Wait.ANSWER or (turn.recalls(GONE) and _open_question(turn) is not None):
        patience = Channel.VOICE if turn.recalls(GONE) else turn.session.channel
        yield Timer(SESSION, turn.flow.expiry[patience])


def _watching(turn: Turn) -> bool:
    """Whether silence should be asked about: by text, and as long as no human is with the caller."""
    with_a_human = turn.case is not None and turn.case.state in WITH_A_HUMAN
    more = turn.recalls(WATCH) and _checked(turn) < len(turn.flow.check_ins.after)
    return more and not with_a_human and not turn.recalls(ENDED) and turn.session.channel is Channel.SMS


def _checked(turn: Turn) -> int:
    return int(turn.session.memory[WATCH])


def _until_next(turn: Turn) -> timedelta:
    times = (timedelta(0), *turn.flow.check_ins.after)
    done = _checked(turn)
    return times[done + 1] - times[done]
