"""Deleting on request is confirmed by a code that only the phone itself was told.

A sender's number can be forged, but whoever forges it cannot read the reply; and one wrong key deletes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from flows.nodes import Ask, Choice
from flows.step import NOTHING
from flows.turn import Turn

CONFIRM = "confirm"  # memory: the code that was told
HELD = "held"  # memory: records the law forbids to delete are held ("1")
DIGITS = 6


def with_code(turn: Turn, ask: Ask) -> Turn:
    """The turn that knows the code of the question it is about to ask; the same code while it is asked again."""
    if not ask.guarded or turn.recalls(CONFIRM):
        return turn
    return turn.remember(**{CONFIRM: _drawn(turn)})


def params(turn: Turn, ask: Ask) -> Mapping[str, str]:
    """What the question's message fills in."""
    return {"confirm": turn.session.memory[CONFIRM]} if ask.guarded else NOTHING


def confirmed(turn: Turn, ask: Ask, text: str) -> tuple[Choice, ...]:
    """The answer that deletes, if this text carries the code that was told; nothing else means it."""
    told = turn.session.memory.get(CONFIRM, "")
    digits = "".join(letter for letter in text if letter.isdecimal())
    given = bool(told) and ask.guarded and digits.endswith(told)
    return tuple(choice for choice in ask.choices if choice.deletes) if given else ()


def without(ask: Ask) -> Ask:
    """The question with the answers that need no code."""
    if not ask.guarded:
        return ask
    return replace(ask, choices=tuple(choice for choice in ask.choices if not choice.deletes))


def _drawn(turn: Turn) -> str:
    """Nobody outside can tell it: the caller key is a keyed hash, and every turn has another version."""
    session = turn.session
    drawn = sha256(f"{session.caller_key}:{session.started_at.isoformat()}:{session.version}".encode()).digest()
    return f"{int.from_bytes(drawn[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
