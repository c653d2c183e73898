"""Answers to the question a caller is at: read, asked again once in other words, then a person. Never a dead end."""

from dataclasses import replace

from flows import walking
from flows.definition import Ask, Choice, Free, Person, Script
from flows.events import Answered, Via
from flows.hearing import follow
from flows.reading import Reader
from flows.step import CaseNote
from flows.turn import Turn

TRIES = 2  # answers not understood, or silences, before a person: once more in other words is enough


def read(turn: Turn, event: Answered) -> Turn:
    """What the caller answered to the present question, or what they wrote while a human is being found."""
    match turn.node:
        case Ask() as ask:
            return _answer(turn, ask, event)
        case Person() as person:
            return _while_waiting(turn, person, event)
        case _:
            return walking.go(turn, turn.flow.places.menu)


def silent(turn: Turn) -> Turn:
    """Nothing was said or pressed."""
    match turn.node:
        case Ask() as ask:
            return _unclear(turn, ask)
        case _:
            return walking.ask_again(turn)


def reader(turn: Turn, choices: tuple[Choice, ...], *, several: bool) -> Reader:
    """Reads in the caller's language first."""
    mine = turn.session.language
    tongues = sorted(turn.flow.tongues, key=lambda tongue: tongue.code != mine)
    return Reader(choices, tuple(tongues), several)


def _answer(turn: Turn, ask: Ask, event: Answered) -> Turn:
    chosen = reader(turn, ask.choices, several=ask.several).read(event.text)
    if chosen:
        return _chosen(turn, ask, chosen)
    match ask.free:
        case Free.NOTE | Free.NUMBER if event.via is not Via.KEYS and event.text.strip():
            noted = turn.do(CaseNote(ask.free.value, event.text)).say(turn.flow.lines.noted)
            return walking.go(noted, ask.unclear_go or turn.flow.places.person)
        case _:
            return _unclear(turn, ask)


def _chosen(turn: Turn, ask: Ask, chosen: tuple[Choice, ...]) -> Turn:
    """Everything the choices stand for, the most serious script first; where they lead, the first of them decides."""
    given = tuple(choice.value for choice in chosen if choice.value is not None)
    turn = turn.answer(ask.question, given)
    script = _script(turn, chosen)
    turn = follow(turn, script, "triage") if script else turn
    for choice in chosen:
        turn = turn.raise_to(choice.level, "triage") if choice.level is not None else turn
        turn = turn.do(*choice.does).say(choice.says)
    first = chosen[0]
    return walking.go(turn, first.go or (script.go if script else ""))


def _script(turn: Turn, chosen: tuple[Choice, ...]) -> Script | None:
    scripts = [turn.flow.scripts[choice.script] for choice in chosen if choice.script in turn.flow.scripts]
    return max(scripts, key=lambda script: script.level, default=None)


def _while_waiting(turn: Turn, person: Person, event: Answered) -> Turn:
    chosen = reader(turn, person.choices, several=False).read(event.text)
    if not chosen:
        if event.via is Via.KEYS or not event.text.strip():
            return walking.ask_again(turn)
        return walking.go(turn.do(CaseNote("words", event.text)), person.id)
    choice = chosen[0]
    done = turn.do(*choice.does).say(choice.says)
    return walking.go(done, choice.go) if choice.go else done


def _unclear(turn: Turn, ask: Ask) -> Turn:
    """Ask once more in other words; the second time the answer is stored as missing and a person comes in."""
    tries = turn.session.tries + 1
    counted = turn.with_session(replace(turn.session, tries=tries))
    if tries < TRIES:
        return counted.say(ask.again or ask.say)
    stored = counted.answer(ask.question, None)
    if ask.unclear_go:
        return walking.go(stored, ask.unclear_go)
    return walking.go(stored.say(turn.flow.lines.not_understood), turn.flow.places.person, "unclear")
