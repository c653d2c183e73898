"""What a caller can ask for at every question: no more texts, a person, back, menu, repeat, help, quick exit."""

from typing import assert_never

from flows import walking
from flows.definition import Command
from flows.events import Answered, Channel, Via
from flows.hearing import in_their_language
from flows.nodes import BACK, Ask, Person
from flows.reading import says, wholly
from flows.safety import OptOut, asks_for_person, opt_out
from flows.step import KeepQuiet, NeedPerson, OptIn
from flows.step import OptOut as StopTexts
from flows.turn import ENDED, NEEDED, OFFERED, STOPPED, UNHURRIED, WATCH, Turn

MORE_TIME = "*"


def texting(turn: Turn, event: Answered) -> Turn | None:
    """Answer an opt-out, an opt-in or HELP, each said once; None when the text is none of them."""
    match _opted(turn, event):
        case OptOut.STOP:
            return _stopped(turn, event)
        case OptOut.START:
            started = turn.remember(**{STOPPED: ""}).do(OptIn())
            started = started if event.carrier else started.say(turn.flow.lines.started)
            return walking.go(started, turn.flow.places.person if turn.recalls(NEEDED) else turn.flow.places.menu)
        case OptOut.HELP:
            return turn if event.carrier else walking.ask_again(turn.say(turn.flow.lines.help))
        case OptOut.NONE:
            return None
        case unknown:
            assert_never(unknown)


def _stopped(turn: Turn, event: Answered) -> Turn:
    """No more texts; confirmed exactly once (CTIA Messaging Principles), by the carrier or else by us."""
    confirmed = bool(event.carrier) or turn.recalls(STOPPED)
    stopped = turn.remember(**{ENDED: "1", STOPPED: "1", WATCH: "", OFFERED: ""}).do(
        StopTexts(confirmed_elsewhere=bool(event.carrier))
    )
    return stopped if confirmed else stopped.say(turn.flow.lines.stopped)


def reminded(turn: Turn) -> Turn:
    """Somebody who stopped our texts now needs a human: say that we cannot write first, and how to change it."""
    needs = any(isinstance(effect, NeedPerson) for effect in turn.effects)
    away = turn.recalls(STOPPED) and not turn.recalls(ENDED) and turn.session.channel is Channel.SMS
    return turn.say(turn.flow.lines.texts_stopped) if needs and away else turn


def _opted(turn: Turn, event: Answered) -> OptOut:
    if event.carrier:
        return next((word for word in OptOut if word.value == event.carrier.lower()), OptOut.NONE)
    return opt_out(event.text, turn.flow.lexicon) if event.via is Via.TEXT else OptOut.NONE


def asked(turn: Turn, event: Answered) -> Command | None:
    """Give the command in the answer; keys count only where the question has not given them another meaning."""
    text = event.text.strip()
    taken = _keys_taken(turn)
    for entry in turn.flow.commands:
        if text in entry.keys and text not in taken:
            return entry.command
    if event.via is Via.KEYS:
        return None
    if asks_for_person(text, turn.flow.lexicon):
        return Command.PERSON
    said = wholly(text, turn.flow.tongues)
    return next((entry.command for entry in turn.flow.commands if says(said, entry.words)), None)


def obey(turn: Turn, command: Command, event: Answered) -> Turn:  # noqa: PLR0911  one line for each command
    """Do what was asked for."""
    places = turn.flow.places
    match command:
        case Command.PERSON:
            return to_a_person(in_their_language(turn, event.text))
        case Command.MENU:
            return walking.go(turn, places.menu)
        case Command.BACK:
            return walking.go(turn, BACK)
        case Command.REPEAT:
            return _repeat(turn, event)
        case Command.HELP:
            return walking.ask_again(turn.say(turn.flow.lines.help))
        case Command.EXIT:
            return walking.go(turn.remember(**{WATCH: ""}).do(KeepQuiet()), places.exit)
        case Command.DELETE:
            return walking.aside(turn, places.delete)
        case _:
            assert_never(command)


def to_a_person(turn: Turn) -> Turn:
    """A human was asked for: at once, from anywhere."""
    return walking.go(turn, turn.flow.places.person, "asked")


def _repeat(turn: Turn, event: Answered) -> Turn:
    if event.text.strip() == MORE_TIME:
        return walking.ask_again(turn.remember(**{UNHURRIED: "1"}).say(turn.flow.lines.more_time))
    said = turn.session.said
    return Turn(turn.flow, turn.session, turn.at, said, turn.effects) if said else walking.ask_again(turn)


def _keys_taken(turn: Turn) -> frozenset[str]:
    node = turn.node
    own = {key for choice in node.choices for key in choice.keys} if isinstance(node, Ask | Person) else set()
    offered = turn.session.memory.get(OFFERED, "")
    return frozenset(own | {str(n + 1) for n in range(len(offered.split()))})
