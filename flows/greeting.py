"""The first words of a conversation, and those to somebody who comes back."""

from dataclasses import replace
from types import MappingProxyType

from flows import answers, commands, faq, languages, questions, waiting, walking
from flows.definition import Command
from flows.events import Answered, Via
from flows.nodes import Ask, End, Free, Person
from flows.reading import guess
from flows.turn import ENDED, GONE, STOPPED, Turn
from flows.urgency import Urgency

KEPT = frozenset({"language", "consent", STOPPED})  # memory that outlives a conversation


def begun(turn: Turn) -> Turn:
    """A conversation that was over stands at the start again; with a case open, where the caller waits for a human.

    Long after the last word and with no case open it is a new conversation: the humans have had their say, and nothing
    of the old one counts any more.
    """
    if not turn.recalls(ENDED) and not isinstance(turn.node, End):
        return turn
    if turn.case is not None:
        return turn.remember(**{ENDED: "", GONE: ""}).at_node(turn.flow.places.person)
    session = replace(turn.session, node=turn.flow.start, trail=(), tries=0, turns=1)
    again = turn.with_session(session).remember(**{ENDED: "", GONE: ""})
    return _anew(again) if _long_ago(turn) else again


def _anew(turn: Turn) -> Turn:
    kept = {what: value for what, value in turn.session.memory.items() if what in KEPT}
    session = replace(
        turn.session, answers=MappingProxyType({}), memory=MappingProxyType(kept), urgency=Urgency.ROUTINE
    )
    return turn.with_session(replace(session, started_at=turn.at))


def called(turn: Turn) -> Turn:
    """Answer a call: a new caller, one who waits for a human, one whose case is closed, one who was cut off."""
    if isinstance(turn.node, Person):
        return waiting.back_to(turn, turn.node)
    if turn.case is not None:
        return walking.go(turn, turn.flow.places.person)
    if turn.first or turn.session.node == turn.flow.places.welcome_back:
        return walking.ask_again(turn)
    return walking.aside(turn, turn.flow.places.welcome_back)


def greeted(turn: Turn, event: Answered) -> Turn | None:
    """Greet who is new, and ask who has been away long whether to go on; None in the middle of a conversation."""
    if turn.first:
        return _first_words(turn, event)
    at_question = isinstance(turn.node, Ask) and turn.session.node != turn.flow.places.welcome_back
    if at_question and _long_ago(turn) and not _still_an_answer(turn, event):
        return walking.aside(turn, turn.flow.places.welcome_back)
    return None


def _still_an_answer(turn: Turn, event: Answered) -> bool:
    """With a case open an answer counts however late it is: staff wait for it, and it may be about danger."""
    return turn.case is not None and questions.understood(turn, event)


def obeyed(turn: Turn, command: Command, event: Answered) -> Turn:
    """Do what was asked for; in a first text there is nothing to repeat or go back to, so greet."""
    if turn.first and command in {Command.MENU, Command.BACK, Command.REPEAT}:
        return walking.ask_again(turn)
    return commands.obey(turn, command, event)


def _first_words(turn: Turn, event: Answered) -> Turn:
    """Say who we are; a question that can be answered is answered at once."""
    if event.via is Via.KEYS:
        return walking.ask_again(turn)
    language = guess(event.text, turn.flow.tongues, turn.session.language) or turn.session.language
    found = faq.match(event.text, turn.flow.faq, language)
    greeting = walking.ask_again(turn.speaking(language))
    if isinstance(found, faq.Sure) and isinstance(greeting.node, Ask) and greeting.node.free is Free.FAQ:
        return answers.told(replace(greeting, prompts=greeting.prompts[:1]), found.entry)
    return languages.offered(turn, event) or walking.ask_again(turn)


def _long_ago(turn: Turn) -> bool:
    return turn.at - turn.session.last_at >= turn.flow.expiry[turn.session.channel]
