"""Danger is heard first: what a screened text does to a conversation, before anything else is looked at."""

from flows import walking
from flows.definition import Script
from flows.reading import guess
from flows.safety import OptOut, Screening, opt_out, screen
from flows.step import CaseNote, Relay
from flows.turn import CHECKED, DANGER, WATCH, Turn
from flows.urgency import Urgency


def hear(turn: Turn, text: str) -> Turn | None:
    """Give the turn that answers danger in the text; None when there is none and the text is still to be read."""
    heard = screen(text, turn.flow.lexicon)
    if heard.urgency > Urgency.ROUTINE:
        return _answer(_noted(_in_the_language_heard(turn, heard, text), heard, text), heard, text)
    return _ask(turn, text) if heard.ask else None


def in_their_language(turn: Turn, text: str) -> Turn:
    """Speak the language the text is plainly written in, where a misread menu would cost too much."""
    return turn.speaking(guess(text, turn.flow.tongues, turn.session.language) or turn.session.language)


def _in_the_language_heard(turn: Turn, heard: Screening, text: str) -> Turn:
    """Speak the language danger was heard in: "no despierta" is Spanish though two words give no language away."""
    known = heard.language in turn.flow.languages
    return turn.speaking(heard.language) if known else in_their_language(turn, text)


def _noted(turn: Turn, heard: Screening, text: str) -> Turn:
    """The need for a human and the caller's words, whatever is said to the caller."""
    dangers = tuple(dict.fromkeys(hit.danger.value for hit in heard.hits))
    return turn.remember(**{DANGER: "1"}).need(heard.urgency, "danger", dangers).do(CaseNote("words", text))


def _answer(turn: Turn, heard: Screening, text: str) -> Turn:
    script = _script(turn, heard)
    spoken = _scripted(turn, script) if script else turn
    if opt_out(text, turn.flow.lexicon) is OptOut.STOP:
        spoken = spoken.say(turn.flow.lines.stop_hint)
    if turn.case is not None and turn.case.relay:
        return spoken.do(Relay(text))
    if heard.ask or script is None:
        return walking.go(spoken, turn.flow.places.check)
    return walking.go(spoken, script.go)


def _script(turn: Turn, heard: Screening) -> Script | None:
    """The content's script of that name; a lexicon naming none that content has still gets its words out."""
    if heard.script is None:
        return None
    return turn.flow.scripts.get(heard.script) or Script(heard.script, (heard.script,), level=heard.urgency)


def _scripted(turn: Turn, script: Script) -> Turn:
    return turn.say(script.say).remember(**{WATCH: "0"} if script.check_in else {})


def follow(turn: Turn, script: Script, reason: str) -> Turn:
    """A script that an answer leads to: its words, its level and the check-ins after it."""
    watched = turn.remember(**{DANGER: "1"}) if script.level is Urgency.EMERGENCY else turn
    return _scripted(watched.need(script.level, reason), script)


def _ask(turn: Turn, text: str) -> Turn | None:
    """It may be danger: ask directly once; if it is still unclear afterwards, a human must look."""
    if turn.session.node == turn.flow.places.check:
        return None
    noted = turn.do(CaseNote("words", text))
    if turn.recalls(CHECKED):
        return walking.go(noted.need(Urgency.URGENT, "unclear"), turn.flow.places.person, "unclear")
    return walking.go(noted.remember(**{CHECKED: "1"}), turn.flow.places.check)
