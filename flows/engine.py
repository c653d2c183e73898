"""`step`: what one event does to one conversation. Total and pure: every session and event give a step, always the same.

The order for an answer is the product: danger, then opt-out, then a person, then the question's own choices.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from flows import commands, hearing, questions, timers, waiting, walking
from flows.definition import Ask, Command, End, Flow, Person
from flows.events import Answered, Channel, Event, Expired, HungUp, Silent, Started, Via
from flows.moving import move
from flows.session import Session
from flows.step import Listen, Step, Wait
from flows.turn import ENDED, NEEDED, SEEN, Turn

KEPT = frozenset({"language", "consent"})  # memory that outlives a conversation
HINTS = 40  # Twilio takes 500 hints; more than a few dozen no longer help recognition


def begin(flow: Flow, *, id: str, caller_key: str, channel: Channel, language: str, at: datetime) -> Session:  # noqa: A002
    """Give a fresh conversation at the flow's start; a language the content lacks becomes the default one."""
    spoken = language if language in flow.languages else flow.language
    return Session(
        id=id,
        caller_key=caller_key,
        channel=channel,
        language=spoken,
        content=flow.version,
        node=flow.start,
        started_at=at,
        last_at=at,
    )


def step(flow: Flow, session: Session, event: Event) -> Step:
    """Give what the event leads to. The event answered last is answered again with the same words and no effects."""
    here, readable = move(session, flow)
    if session.last_event == event.id:
        return Step(session, session.said, (), listen(flow, here))
    if isinstance(event, Expired) and event.of_version != session.version:
        return Step(session, (), (), listen(flow, here))
    turn = Turn(flow, replace(here, turns=here.turns + 1), event.at)
    return _finish(_decide(turn, event, readable=readable), session, event)


def _decide(turn: Turn, event: Event, *, readable: bool) -> Turn:
    turn = _settled(waiting.see(turn))
    match event:
        case Answered():
            return _answered(_on_channel(turn, event), event, readable=readable)
        case Started():
            return _started(_on(turn, Channel.VOICE))
        case Silent():
            return questions.silent(turn)
        case HungUp():
            return timers.hung_up(turn)
        case Expired():
            return timers.expired(turn, event)
        case _:
            assert_never(event)


def _settled(turn: Turn) -> Turn:
    """A human has closed the case this conversation had: its answers are theirs now, and new ones count anew."""
    if not waiting.closed(turn):
        return turn
    return turn.with_session(replace(turn.session, answers={})).remember(**{NEEDED: "", SEEN: "", "closed": "1"})


def _answered(turn: Turn, event: Answered, *, readable: bool) -> Turn:
    spoken = event.via is not Via.KEYS
    heard = hearing.hear(turn, event.text) if spoken else None
    if heard is not None:
        return heard
    opted = commands.texting(turn, event)
    return opted if opted is not None else _unopted(turn, event, readable=readable)


def _unopted(turn: Turn, event: Answered, *, readable: bool) -> Turn:
    command = commands.asked(turn, event)
    relayed = waiting.relayed(turn, event.text) if command is not Command.EXIT else None
    if relayed is not None:
        return relayed
    if _too_many(turn):
        return walking.go(turn.say(turn.flow.lines.too_long), turn.flow.places.person, "guard")
    ended = turn.recalls(ENDED) or isinstance(turn.node, End)
    if turn.session.fresh or ended:
        return _greeted(turn, event, command)
    if command is not None:
        return commands.obey(turn, command, event)
    return commands.switched(turn, event) or _read(turn, event, readable=readable)


def _read(turn: Turn, event: Answered, *, readable: bool) -> Turn:
    """The answer to the present question, if it is still the question the caller was asked."""
    if not readable:
        return walking.ask_again(turn.say(turn.flow.lines.moved))
    if _back_after_expiry(turn):
        return walking.aside(turn, turn.flow.places.welcome_back)
    return questions.read(turn, event)


def _greeted(turn: Turn, event: Answered, command: Command | None) -> Turn:
    """A first contact, or a new one after the last was complete."""
    session = turn.session
    kept = {key: value for key, value in session.memory.items() if key in KEPT}
    anew = turn.with_session(replace(session, node=turn.flow.start, answers={}, memory=kept, trail=(), tries=0))
    if command is Command.PERSON:
        return commands.obey(anew, command, event)
    return walking.go(hearing_language(anew, event), turn.flow.start)


def hearing_language(turn: Turn, event: Answered) -> Turn:
    """Greet people in the language they name or plainly write in."""
    named = commands.switched(turn, event)
    return named if named is not None else hearing.in_their_language(turn, event.text)


def _started(turn: Turn) -> Turn:
    return walking.go(turn, turn.flow.start) if turn.session.fresh else walking.ask_again(turn)


def _on_channel(turn: Turn, event: Answered) -> Turn:
    return _on(turn, Channel.SMS if event.via is Via.TEXT else Channel.VOICE)


def _on(turn: Turn, channel: Channel) -> Turn:
    return turn.with_session(replace(turn.session, channel=channel))


def _back_after_expiry(turn: Turn) -> bool:
    """Whether the caller comes back after the conversation had expired, in the middle of a question."""
    quiet = turn.at - turn.session.last_at
    at_menu = turn.session.node in {turn.flow.places.menu, turn.flow.places.welcome_back}
    return isinstance(turn.node, Ask) and not at_menu and quiet > turn.flow.expiry[turn.session.channel]


def _too_many(turn: Turn) -> bool:
    return turn.session.turns > turn.flow.guards.max_turns and not isinstance(turn.node, Person)


def _finish(turn: Turn, before: Session, event: Event) -> Step:
    done = timers.watched(turn)
    session = replace(
        done.session,
        version=before.version + 1,
        urgency=max(before.urgency, done.session.urgency),
        last_at=max(before.last_at, event.at),
        last_event=event.id,
        said=done.prompts,
    )
    return Step(session, done.prompts, done.effects, listen(done.flow, session))


def listen(flow: Flow, session: Session) -> Listen:
    """Give how the channel waits at the node the session is at."""
    match flow.nodes.get(session.node):
        case Ask() as ask:
            words = (word for choice in ask.choices for word in choice.words.get(session.language, ()))
            return Listen(Wait.ANSWER, tuple(words)[:HINTS], ask.digits, ask.several)
        case Person():
            return Listen(Wait.HOLD)
        case _:
            return Listen(Wait.END)
