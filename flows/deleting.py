"""Deleting on request is confirmed by a code that only the phone itself was told.

A sender's number can be forged, but whoever forges it cannot read the reply; and one wrong key deletes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256

from flows.nodes import Ask, Choice, Node
from flows.step import NOTHING, Forget
from flows.turn import Turn

CONFIRM = "confirm"  # memory: the code that was told
HELD = "held"  # memory: records the law forbids to delete are held ("1")
DIGITS = 6


def deletes(choice: Choice) -> bool:
    """Whether this answer has everything about the caller deleted."""
    return any(isinstance(effect, Forget) for effect in choice.does)


def guarded(node: Node) -> bool:
    """Whether this question needs the code."""
    return isinstance(node, Ask) and any(map(deletes, node.choices))


def with_code(turn: Turn, ask: Ask) -> Turn:
    """The turn that knows the code of the question it is about to ask; the same code while it is asked again."""
    if not guarded(ask) or turn.recalls(CONFIRM):
        return turn
    return turn.remember(**{CONFIRM: _drawn(turn)})


def params(turn: Turn, ask: Ask) -> Mapping[str, str]:
    """What the question's message fills in."""
    return {"confirm": turn.session.memory[CONFIRM]} if guarded(ask) else NOTHING


def confirmed(turn: Turn, ask: Ask, text: str) -> tuple[Choice, ...]:
    """The answer that deletes, if this text carries the code that was told; nothing else means it."""
    told = turn.session.memory.get(CONFIRM, "")
    digits = "".join(letter for letter in text if letter.isdecimal())
    given = bool(told) and guarded(ask) and digits.endswith(told)
    return tuple(filter(deletes, ask.choices)) if given else ()


def without(ask: Ask) -> Ask:
    """The question with the answers that need no code."""
    return replace(ask, choices=tuple(choice for choice in ask.choices if not deletes(choice)))


def _drawn(turn: Turn) -> str:
    """Nobody outside can tell it: the caller key is a keyed hash, and every turn has another version."""
    session = turn.session
    drawn = sha256(f"{session.caller_key}:{session.started_at.isoformat()}:{session.version}".encode()).digest()
    return f"{int.from_bytes(drawn[:8], 'big') % 10**DIGITS:0{DIGITS}d}"
