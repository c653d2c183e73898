"""The end of a turn: one version more, effects in the order they are committed, timers, and how to wait."""

from collections.abc import Iterator
from dataclasses import replace

from flows.definition import Flow
from flows.events import Channel, Event, Expired
from flows.nodes import Ask, Choice, End, Free, Person
from flows.session import Session
from flows.step import Effect, Listen, NeedPerson, Step, Wait
from flows.timers import timers
from flows.turn import ENDED, GONE, OFFERED, UNHURRIED, Turn

HINTS = 40  # Twilio takes 500 hints; more than a few dozen no longer help recognition


def finish(turn: Turn, event: Event) -> Step:
    """Give the step: the session one version on, one need for a human at most and first of all effects."""
    session = replace(
        turn.session,
        version=turn.session.version + 1,
        last_event=event.id,
        last_at=turn.session.last_at if isinstance(event, Expired) else max(turn.session.last_at, event.at),
        said=turn.prompts,
    )
    waits = listen(turn.flow, session)
    effects = (*_needs(turn.effects), *_others(turn.effects), *timers(turn, waits))
    return Step(session, turn.prompts, effects, waits)


def _needs(effects: tuple[Effect, ...]) -> Iterator[NeedPerson]:
    """All needs as one: the highest urgency, the reason of the first that had it, every danger."""
    needs = [effect for effect in effects if isinstance(effect, NeedPerson)]
    if needs:
        highest = max(needs, key=lambda need: need.urgency)
        dangers = dict.fromkeys(danger for need in needs for danger in need.dangers)
        yield NeedPerson(highest.urgency, highest.reason, tuple(dangers))


def _others(effects: tuple[Effect, ...]) -> Iterator[Effect]:
    return (effect for effect in effects if not isinstance(effect, NeedPerson))


def listen(flow: Flow, session: Session) -> Listen:
    """Give how to wait where the conversation now stands."""
    waits = _listen(flow, session)
    return replace(waits, unhurried=True) if session.memory.get(UNHURRIED) else waits


def _listen(flow: Flow, session: Session) -> Listen:
    node = flow.nodes[session.node]
    if session.memory.get(ENDED) or session.memory.get(GONE) or isinstance(node, End):
        return Listen(Wait.END)
    match node:
        case Person(choices=choices):
            return Listen(Wait.HOLD, _hints(choices, session, session.language))
        case Ask(free=Free.RECORDING):
            return Listen(Wait.RECORD)
        case Ask() if not session.memory.get(OFFERED):
            language = node.speaks or session.language
            return Listen(Wait.ANSWER, _hints(node.choices, session, language), node.digits, several=node.several)
        case _:
            return Listen(Wait.ANSWER)


def _hints(choices: tuple[Choice, ...], session: Session, language: str) -> tuple[str, ...]:
    if session.channel is Channel.SMS:
        return ()  # hints are for the recognition of speech
    words = (word for choice in choices for word in choice.words.get(language, ()))
    return tuple(dict.fromkeys(words))[:HINTS]
