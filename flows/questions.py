"""Answers to the question a caller is at: read, asked again once in other words, then a person. Never a dead end."""

from flows import answers, deleting, languages, waiting, walking
from flows.definition import Script
from flows.events import Answered, Recorded, Via
from flows.hearing import follow
from flows.nodes import SAME, Ask, Choice, Free, Person
from flows.reading import Reader
from flows.step import CaseNote, KeepRecording, Withdraw
from flows.turn import HELPED, NEEDED, NUMBER, RECORDING, TOLD, WATCH, Turn
from flows.urgency import Urgency

TRIES = 2  # answers not understood, or silences, before a person: once more in other words is enough


def read(turn: Turn, event: Answered, *, readable: bool) -> Turn:
    """What the caller answered to the present question, or what they sent while a human is being found."""
    if not readable:
        return _moved(turn)
    match turn.node:
        case Ask() as ask:
            return _answer(turn, ask, event)
        case Person() as person:
            return _while_waiting(turn, person, event)
        case _:
            return walking.ask_again(turn)


def understood(turn: Turn, event: Answered) -> bool:
    """Whether the text is an answer to the present question."""
    return isinstance(turn.node, Ask) and bool(_meant(turn, turn.node, event.text))


def silent(turn: Turn) -> Turn:
    """Nothing was said or pressed. After what was asked for is settled it is a goodbye, not a new emergency."""
    match turn.node:
        case Ask() as ask if turn.recalls(HELPED):
            return _quiet_after_help(turn, ask)
        case Ask() as ask:
            return _unclear(turn, ask)
        case Person() as person:
            return waiting.back_to(turn, person)
        case _:
            return walking.ask_again(turn)


def _quiet_after_help(turn: Turn, ask: Ask) -> Turn:
    """Who has been helped and says nothing more: told once that it is over and asked once more, then seen off."""
    if turn.recalls(waiting.SETTLED):
        return waiting.told_closed(turn)
    if turn.session.tries + 1 < TRIES:
        return walking.put(turn.tried(turn.session.tries + 1), ask, ask.again or ask.say)
    return walking.go(turn.tried(0).remember(**{HELPED: ""}), turn.flow.places.farewell)


def recorded(turn: Turn, event: Recorded) -> Turn:
    """A spoken message is there, wherever the conversation stands: it is kept; who is still on the line goes on.

    Where staff have closed the case meanwhile, it is a new need: a message that belongs to nobody would be lost.
    """
    needed = turn if turn.case is not None else turn.need(Urgency.SOON, "message")
    kept = needed.do(KeepRecording(event.recording, event.seconds)).remember(**{RECORDING: event.recording})
    node = turn.node
    if event.hung_up or not isinstance(node, Ask) or node.free is not Free.RECORDING:
        return kept
    return walking.go(kept.tried(0), node.then or node.unclear_go)


def _moved(turn: Turn) -> Turn:
    """The content changed under the conversation: what was answered may not be what is asked now."""
    if turn.session.node == turn.flow.places.landing or isinstance(turn.node, Person):
        return walking.ask_again(turn)
    return walking.ask_again(turn.say(turn.flow.lines.moved))


def _reader(turn: Turn, choices: tuple[Choice, ...], *, several: bool) -> Reader:
    """Reads in the language of the question or the caller first, then in the others."""
    node = turn.node
    mine = (node.speaks if isinstance(node, Ask) else "") or turn.session.language
    return Reader(choices, tuple(sorted(turn.flow.tongues, key=lambda tongue: tongue.code != mine)), several)


def _answer(turn: Turn, ask: Ask, event: Answered) -> Turn:
    offered, declined = answers.picked(turn, event.text), answers.declined(turn, event.text)
    turn = answers.without_offer(turn)
    if offered is not None:
        return answers.told(turn, offered)
    if declined:
        return walking.go(turn.tried(0).say(turn.flow.offers.say), turn.flow.places.menu)
    chosen = deleting.confirmed(turn, ask, event.text) or _meant(turn, deleting.without(ask), event.text)
    if chosen:
        return _chosen(turn, ask, chosen)
    if ask.free is Free.FAQ and event.via is not Via.KEYS and answers.enough(turn, event.text):
        return _enough(turn)
    if ask.free is Free.NUMBER and event.number:
        return walking.go(turn.tried(0).remember(**{NUMBER: event.number}), ask.then or ask.unclear_go)
    worded = None if event.via is Via.KEYS else _in_words(turn, ask, event.text)
    return worded or languages.offered(turn, event) or _unclear(_noticed(turn, event), ask)


def _enough(turn: Turn) -> Turn:
    """Nothing of a menu is wanted, so nobody is called. Who says so again or falls silent is seen off."""
    if turn.session.tries + 1 < TRIES or turn.case is not None:
        return turn.tried(TRIES - 1).remember(**{HELPED: "1"}).say(turn.flow.offers.enough_say)
    return walking.go(turn.tried(0), turn.flow.places.farewell)


def _meant(turn: Turn, ask: Ask, text: str) -> tuple[Choice, ...]:
    """Who gives two answers to a question about danger means the graver, which content lists first."""
    chosen = _reader(turn, ask.choices, several=ask.several or turn.scored(ask.question)).read(text)
    return chosen if ask.several else chosen[:1]


def _chosen(turn: Turn, ask: Ask, chosen: tuple[Choice, ...]) -> Turn:
    """Everything the choices stand for, the most serious script first; where they lead, the first of them decides."""
    given = tuple(choice.value for choice in chosen if choice.value is not None)
    turn = turn.tried(0).remember(**{WATCH: ""} if ask.id == turn.flow.places.check_in else {})
    script = _script(turn, chosen)
    if script is not None:
        turn = follow(turn, script, "triage")
    if given:
        turn = turn.answer(ask.question, given)
    for choice in chosen:
        turn = _done(turn, choice)
        if ask.free is Free.FAQ and choice.says:
            turn = turn.remember(**{TOLD: " ".join(choice.says)})
    first = chosen[0]
    return walking.go(turn, first.go or (script.go if script else SAME))


def _done(turn: Turn, choice: Choice) -> Turn:
    raised = turn if choice.level is None else turn.raise_to(choice.level, "triage")
    return raised.do(*choice.does).say(choice.says)


def _script(turn: Turn, chosen: tuple[Choice, ...]) -> Script | None:
    scripts = [turn.flow.scripts[choice.script] for choice in chosen if choice.script in turn.flow.scripts]
    return max(scripts, key=lambda script: script.level, default=None)


def _while_waiting(turn: Turn, person: Person, event: Answered) -> Turn:
    chosen = _reader(turn, person.choices, several=False).read(event.text)
    if not chosen:
        return waiting.keep(turn, person, "" if event.via is Via.KEYS else event.text.strip())
    choice = chosen[0]
    refused = turn.in_danger and any(isinstance(effect, Withdraw) for effect in choice.does)
    done = _done(turn, choice)
    if refused or not choice.go:
        return done if done.prompts else walking.ask_again(done)
    return walking.go(done, choice.go)


def _in_words(turn: Turn, ask: Ask, text: str) -> Turn | None:
    """Free text, where the question takes it; None when it says nothing that the question can use."""
    match ask.free:
        case Free.FAQ:
            return answers.answered(turn, text)
        case Free.NOTE if text.strip():
            return _noted(turn, ask, text)
        case _:
            return None


def _noted(turn: Turn, ask: Ask, text: str) -> Turn:
    kept = turn.do(CaseNote(str(ask.free), text)).say(turn.flow.lines.noted)
    return walking.go(kept, ask.then or ask.unclear_go or turn.flow.places.person)


def _noticed(turn: Turn, event: Answered) -> Turn:
    """Words that no choice stands for still reach staff, once they have a case."""
    told = event.via is not Via.KEYS and event.text.strip() and turn.recalls(NEEDED)
    return turn.do(CaseNote("words", event.text)) if told else turn


def _unclear(turn: Turn, ask: Ask) -> Turn:
    """Ask once more in other words; the second time the answer is stored as missing and a person comes in."""
    if turn.session.tries + 1 < TRIES:
        return walking.put(turn.tried(turn.session.tries + 1), ask, ask.again or ask.say)
    stored = turn.answer(ask.question, None)
    if ask.unclear_go:
        return walking.go(stored, ask.unclear_go)
    return walking.go(stored.say(turn.flow.lines.not_understood), turn.flow.places.person, "unclear")
