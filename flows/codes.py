"""Case codes such as 7F3K: short to say and type, never given twice, and not in any order that can be guessed.

A code is a digit and a letter, twice; when all of those are used up, three times, and so on. Left out are 0, 1 and
the letters that look like a digit or like each other on an old phone (B G I L O Q S U Z).
"""

from hashlib import sha256
from typing import Final

_DIGITS: Final = "23456789"
_LETTERS: Final = "ACDEFHJKMNPRTVWXY"
_PAIRS: Final = len(_DIGITS) * len(_LETTERS)
_SHORTEST: Final = 2
_ROUNDS: Final = 4


def code_of(number: int) -> str:
    """The code of the case with this sequence number (0, 1, 2 ...); every number has its own.

    Raises:
        ValueError: the number is negative.

    """
    if number < 0:
        raise ValueError(f"case numbers start at 0, not {number}")
    length, first = _SHORTEST, 0
    while number - first >= _PAIRS**length:
        first += _PAIRS**length
        length += 1
    return "".join(map(_pair, _shuffled(number - first, length)))


def is_code(text: str) -> bool:
    """True if the text is shaped like a code, in capitals."""
    even = len(text) % 2 == 0 and len(text) >= _SHORTEST * 2
    return even and set(text[::2]) <= set(_DIGITS) and set(text[1::2]) <= set(_LETTERS)


def _shuffled(number: int, length: int) -> list[int]:
    """The number's pairs after a fixed shuffle: a Feistel network, so no two numbers ever meet."""
    pairs = [number // _PAIRS**place % _PAIRS for place in range(length)]
    for turn in range(_ROUNDS * length):
        at = turn % length
        others = pairs[:at] + pairs[at + 1 :]
        pairs[at] = (pairs[at] + _mix(turn, others)) % _PAIRS
    return pairs


def _mix(turn: int, others: list[int]) -> int:
    return int.from_bytes(sha256(f"{turn}:{others}".encode()).digest()[:8])


def _pair(value: int) -> str:
    return _DIGITS[value // len(_LETTERS)] + _LETTERS[value % len(_LETTERS)]
