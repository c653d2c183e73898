"""How many SMS segments a text costs, counted as Twilio counts (Twilio docs, "SMS Character Limits").

A text in the GSM 03.38 alphabet is sent 7 bits a character: 160 in one segment, 153 in each of several. One character
outside the alphabet makes the whole text UCS-2: 70 UTF-16 units in one segment, 67 in each of several. Characters of
the extension table cost two places, and neither such a pair nor a surrogate pair is ever split between two segments.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

# GSM 03.38 in code order, without the escape at 0x1B.
_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")


class Encoding(StrEnum):
    """The alphabet a text is sent in."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


_ALONE = {Encoding.GSM_7: 160, Encoding.UCS_2: 70}
_EACH = {Encoding.GSM_7: 153, Encoding.UCS_2: 67}


@dataclass(frozen=True, slots=True)
class Size:
    """What a text costs to send."""

    encoding: Encoding
    units: int
    segments: int


def encoding_of(text: str) -> Encoding:
    """The alphabet the whole text needs."""
    return Encoding.UCS_2 if characters_outside_gsm7(text) else Encoding.GSM_7


def characters_outside_gsm7(text: str) -> tuple[str, ...]:
    """The characters that force a text into UCS-2, each once, in the order they appear."""
    return tuple(dict.fromkeys(letter for letter in text if letter not in _ALPHABET and letter not in _EXTENSION))


def size_of(text: str) -> Size:
    """The text's alphabet, its length in that alphabet's units, and its number of segments (0 for no text)."""
    encoding = encoding_of(text)
    units = sum(_width(letter, encoding) for letter in text)
    return Size(encoding, units, len(segments_of(text)))


def segments_of(text: str) -> tuple[str, ...]:
    """The text as it is cut up for sending; joined again they are the text."""
    encoding = encoding_of(text)
    widths = [_width(letter, encoding) for letter in text]
    if not text:
        return ()
    if sum(widths) <= _ALONE[encoding]:
        return (text,)
    return tuple(_cut(text, widths, _EACH[encoding]))


def _cut(text: str, widths: list[int], room: int) -> list[str]:
    pieces = [""]
    used = 0
    for letter, width in zip(text, widths, strict=True):
        if used + width > room:
            pieces.append("")
            used = 0
        pieces[-1] += letter
        used += width
    return pieces


def _width(letter: str, encoding: Encoding) -> int:
    match encoding:
        case Encoding.GSM_7:
            return 2 if letter in _EXTENSION else 1
        case Encoding.UCS_2:
            return 2 if ord(letter) > 0xFFFF else 1
        case _:
            assert_never(encoding)
