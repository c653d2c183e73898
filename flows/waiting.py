"""While a human is being found: the caller's words are kept, and the answers say only what the case shows."""

from flows import walking
from flows.definition import Person
from flows.step import CaseNote, Relay
from flows.turn import NEEDED, SEEN, Turn


def relayed(turn: Turn, text: str) -> Turn | None:
    """Pass the words to the staff member who has the case and writes with the caller; None when nobody does."""
    return turn.do(Relay(text)) if turn.case is not None and turn.case.relay else None


def see(turn: Turn) -> Turn:
    """Take note of how the case stands: open, or closed by a human since this conversation saw it open."""
    if turn.case is not None:
        return turn.remember(**{NEEDED: "1", SEEN: turn.case.code})
    return turn


def closed(turn: Turn) -> bool:
    """Whether a case this conversation has seen open is open no longer."""
    return turn.case is None and turn.recalls(SEEN)


def keep(turn: Turn, person: Person, text: str) -> Turn:
    """Keep the caller's words for staff and say how things stand; with no case to be seen, ask for a human again."""
    return walking.go(turn.do(CaseNote("words", text)), person.id)
