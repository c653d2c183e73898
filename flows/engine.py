"""`step`: what one event does to one conversation. Total and pure: the same session and event give the same step.

The order for an answer is the product: danger, then opt-out, then a person, then the question's own choices.
"""

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import assert_never

from flows import commands, greeting, hearing, languages, questions, timers, waiting, walking
from flows.definition import Command, Flow
from flows.ending import finish, listen
from flows.events import Answered, Channel, Event, Expired, HungUp, Recorded, Silent, Started, Via
from flows.moving import move
from flows.nodes import Person
from flows.session import Session
from flows.step import Step
from flows.turn import HELPED, LEFT, NEEDED, Turn
from flows.urgency import Urgency


def begin(flow: Flow, *, id: str, caller_key: str, channel: Channel, language: str, at: datetime) -> Session:  # noqa: A002
    """Give a fresh conversation at the flow's start; a language the content lacks becomes the default one."""
    return Session(
        id=id,
        caller_key=caller_key,
        channel=channel,
        language=language if language in flow.languages else flow.language,
        content=flow.version,
        node=flow.start,
        started_at=at,
        last_at=at,
    )


def waiting_for_person(flow: Flow, session: Session, urgency: Urgency) -> Session:
    """Give the fresh conversation of somebody whom the line itself has called: they wait for a human."""
    memory = MappingProxyType({**session.memory, NEEDED: "1"})
    return replace(session, node=flow.places.person, turns=1, version=1, urgency=urgency, memory=memory)


def step(flow: Flow, session: Session, event: Event) -> Step:
    """Give what the event leads to. The event answered last is answered again with the same words and no effects.

    A timer set at another version than the session's is void: the session comes back as it is.
    """
    here, readable = move(session, flow)
    if session.last_event == event.id:
        return Step(session, session.said, (), listen(flow, here))
    if isinstance(event, Expired) and event.of_version != session.version:
        return Step(session, (), (), listen(flow, here))
    begun = Turn(flow, replace(here, turns=here.turns + 1), event.at)
    over = () if isinstance(event, Expired) else (HELPED, LEFT) if isinstance(event, Answered) else (LEFT,)
    turn = waiting.see(begun.remember(**dict.fromkeys(over, "")))
    return finish(commands.reminded(_decide(turn, event, readable=readable)), event)


def _decide(turn: Turn, event: Event, *, readable: bool) -> Turn:
    match event:
        case Answered():
            channel = Channel.SMS if event.via is Via.TEXT else Channel.VOICE
            return _answered(greeting.begun(turn.on(channel)), event, readable=readable)
        case Started():
            return greeting.called(greeting.begun(turn.on(Channel.VOICE)))
        case Silent():
            return questions.silent(greeting.begun(turn))
        case Recorded():
            return questions.recorded(turn, event)
        case HungUp():
            return timers.hung_up(turn)
        case Expired():
            return timers.expired(turn, event)
        case _:
            assert_never(event)


def _answered(turn: Turn, event: Answered, *, readable: bool) -> Turn:
    heard = None if event.via is Via.KEYS else hearing.hear(turn, event.text)
    if heard is not None:
        return heard
    opted = commands.texting(turn, event)
    if opted is not None:
        return opted
    command = commands.asked(turn, event)
    relayed = None if command is Command.EXIT else waiting.relayed(turn, event.text)
    if relayed is not None:
        return relayed
    if turn.session.turns > turn.flow.guards.max_turns and not isinstance(turn.node, Person):
        return walking.too_long(turn)
    return _asked_or_read(turn, event, command, readable=readable)


def _asked_or_read(turn: Turn, event: Answered, command: Command | None, *, readable: bool) -> Turn:
    if command is not None:
        return greeting.obeyed(turn, command, event)
    switched = languages.switched(turn, event)
    if switched is not None:
        return walking.ask_again(switched)
    return greeting.greeted(turn, event) or questions.read(turn, event, readable=readable)
