"""How many SMS segments a text takes: GSM 03.38 septets or UTF-16 units, escapes never split."""

from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
# Typographic marks that Smart Encoding writes in GSM-7, so that one of them does not halve the room in a segment.
PLAIN = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-", "\u2026": "..."}
    | {"\u00a0": " ", "\u2028": "\n", "\u2029": "\n", "`": "'", "\t": " "}
)


@dataclass(frozen=True, slots=True)
class Segments:
    """The encoding a text needs and the number of parts it is sent in."""

    encoding: str
    count: int


def segments(text: str) -> Segments:
    """Return encoding and part count as Twilio bills them; an empty text is one part."""
    if all(char in BASIC or char in EXTENDED for char in text):
        return Segments("GSM-7", _parts([2 if char in EXTENDED else 1 for char in text], single=160, part=153))
    widths = [len(char.encode("utf-16-le")) // 2 for char in text]
    return Segments("UCS-2", _parts(widths, single=70, part=67))


def smart(text: str) -> str:
    """Return `text` as Smart Encoding sends it."""
    return text.translate(PLAIN)


def _parts(widths: list[int], *, single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    count, room = 1, part
    for width in widths:
        if width > room:
            count, room = count + 1, part
        room -= width
    return count
