"""What staff mean by the texts they send to the line and the keys they press on its calls.

Commands are exact words, so that a text meant for the caller never acts on a case; how they are typed is forgiven:
case, spaces and punctuation do not matter, and "1 7f3k", "17F3K." and "Take 7f 3k" are the same.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from flows.codes import is_code


@dataclass(frozen=True, slots=True)
class Claim:
    """They take it; without a code the only one they were paged for, and with several they are asked which."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Pass:
    """Not them, this time; from the owner it gives the case back."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """It is over; `outcome` is the number, 1 to 4, of how it ended."""

    code: str | None
    outcome: int


@dataclass(frozen=True, slots=True)
class DoneHow:
    """It is over, and they are asked how it ended."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class Give:
    """Hand it to the colleague of this name, as typed."""

    code: str | None
    name: str


@dataclass(frozen=True, slots=True)
class CallNow:
    """Ring me and the caller."""

    code: str | None = None


@dataclass(frozen=True, slots=True)
class About:
    """A code and nothing else: they are told how the case stands and what they can reply."""

    code: str


@dataclass(frozen=True, slots=True)
class Show:
    """Which cases are open."""


@dataclass(frozen=True, slots=True)
class Off:
    """No pages for this long; without a duration they are asked."""

    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class On:
    """Pages again."""


@dataclass(frozen=True, slots=True)
class Who:
    """Who is on call."""


@dataclass(frozen=True, slots=True)
class Help:
    """Which words there are."""


@dataclass(frozen=True, slots=True)
class Stop:
    """An opt-out word. The carrier blocks all texts after it, so it raises an alarm and leaves calls only."""


@dataclass(frozen=True, slots=True)
class Again:
    """Say it once more (the star key)."""


@dataclass(frozen=True, slots=True)
class Words:
    """No command: for the caller, if the sender has a case by text."""

    text: str


StaffWord = Claim | Pass | Done | DoneHow | Give | CallNow | About | Show | Off | On | Who | Help | Stop | Words
Key = Claim | Pass | Again | Words

LONGEST_OFF: Final = timedelta(days=14)

_OUTCOME_NUMBERS: Final = frozenset("1234")
_STOPS: Final = frozenset({"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"})
_PLAIN: Final[Mapping[str, StaffWord]] = MappingProxyType(
    {"LIST": Show(), "ON": On(), "START": On(), "UNSTOP": On(), "WHO": Who(), "HELP": Help()}
)
_WITH_CODE: Final[tuple[tuple[str, Callable[[str | None], StaffWord]], ...]] = (
    ("1", Claim),
    ("TAKE", Claim),
    ("CLAIM", Claim),
    ("2", Pass),
    ("PASS", Pass),
    ("CALL", CallNow),
)
_GIVE: Final = re.compile(r"\s*GIVE\s+(?:(?P<code>\S+)\s+)?(?P<name>\S.*?)\s*", re.IGNORECASE | re.DOTALL)
_OFF: Final = re.compile(r"OFF(?P<number>\d{1,4})(?P<unit>H|HRS?|HOURS?|M|MINS?|MINUTES?|D|DAYS?)")
_UNITS: Final = MappingProxyType({"H": timedelta(hours=1), "M": timedelta(minutes=1), "D": timedelta(days=1)})


def parse(text: str) -> StaffWord:
    """What a staff member's text means; anything that is not exactly a command is `Words`."""
    typed = _compact(text)
    if typed in _STOPS:
        return Stop()
    if typed in _PLAIN:
        return _PLAIN[typed]
    if is_code(typed):
        return About(typed)
    return _with_code(typed) or _done(typed) or _off(typed) or _give(text) or Words(text)


def press(keys: str) -> Key:
    """What a staff member's key press means on a call that offers a case: 1 takes it, 2 passes, star says it again."""
    if keys in {"1", "2"}:
        return Claim() if keys == "1" else Pass()
    return Again() if keys == "*" else Words(keys)


def _compact(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isascii() and letter.isalnum())


def _with_code(typed: str) -> StaffWord | None:
    for word, meaning in _WITH_CODE:
        rest = typed.removeprefix(word)
        if typed.startswith(word) and (not rest or is_code(rest)):
            return meaning(rest or None)
    return None


def _done(typed: str) -> Done | DoneHow | None:
    """DONE with a code, a number, both in either order, or neither; a code has an even number of letters."""
    if not typed.startswith("DONE"):
        return None
    rest = typed.removeprefix("DONE")
    if not rest or is_code(rest):
        return DoneHow(rest or None)
    for code, number in ((rest[:-1], rest[-1]), (rest[1:], rest[0])):
        if number in _OUTCOME_NUMBERS and (not code or is_code(code)):
            return Done(code or None, int(number))
    return None


def _off(typed: str) -> Off | None:
    if typed == "OFF":
        return Off()
    found = _OFF.fullmatch(typed)
    if found is None:
        return None
    return Off(min(int(found["number"]) * _UNITS[found["unit"][0]], LONGEST_OFF))


def _give(text: str) -> Give | None:
    found = _GIVE.fullmatch(text)
    if found is None:
        return None
    code = _compact(found["code"] or "")
    if is_code(code):
        return Give(code, found["name"])
    words = text.split()[1:]
    return Give(None, words[0]) if len(words) == 1 else None
