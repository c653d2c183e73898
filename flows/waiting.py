"""While a human is being found: the caller's words are kept, and the answers say only what the case shows."""

from dataclasses import replace
from types import MappingProxyType

from flows import walking
from flows.nodes import Person
from flows.step import CaseNote, Relay
from flows.turn import DANGER, ENDED, HELPED, NEEDED, WATCH, Turn

SETTLED = "settled"  # memory: a human closed the case; kept until the caller is told or needs somebody anew


def see(turn: Turn) -> Turn:
    """Take note of how the case stands: open, or closed by a human since this conversation asked for one.

    A case is written with the very turn that asks for it, so one that was asked for and is not there has been closed.
    What was answered before is the humans' now: later answers count anew.
    """
    if turn.case is not None:
        return turn.remember(**{NEEDED: "1", HELPED: "", SETTLED: ""})
    if not turn.recalls(NEEDED):
        return turn
    anew = turn.with_session(replace(turn.session, answers=MappingProxyType({})))
    return anew.remember(**{NEEDED: "", WATCH: "", DANGER: "", SETTLED: "1", HELPED: "1"})


def relayed(turn: Turn, text: str) -> Turn | None:
    """Pass the words to the staff member who has the case and writes with the caller; None when nobody does."""
    return turn.do(Relay(text)) if turn.case is not None and turn.case.relay else None


def keep(turn: Turn, person: Person, text: str) -> Turn:
    """Keep the caller's words for staff and say how things stand."""
    return back_to(turn.do(CaseNote("words", text)) if text else turn, person)


def back_to(turn: Turn, person: Person) -> Turn:
    """Say how things stand; when a human has closed the case say so; where none was asked for yet, ask for one."""
    return told_closed(turn) if turn.recalls(SETTLED) else walking.go(turn, person.id)


def told_closed(turn: Turn) -> Turn:
    """Say that a human has closed the case; the menu follows."""
    told = turn.remember(**{SETTLED: "", ENDED: ""}).say(turn.flow.lines.case_closed)
    return walking.go(told, turn.flow.places.menu)
