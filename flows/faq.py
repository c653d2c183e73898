"""Matching a free-text question to the FAQ entries: sure, unsure between two or three, or none.

Words and pieces of words are weighed by how few entries use them, so a word that every entry has says little, and a
word that none has counts against all of them. Nothing is learnt and nothing is random. The figures below were chosen
on the dev half of the paraphrases; `python -m bench.faq` reports both halves.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import log, sqrt

from flows.definition import FaqEntry
from flows.reading import near, plain

SURE = 0.48
MAYBE = 0.20
AHEAD = 0.10
OFFERS = 3
TOGETHER = 0.7  # weight of all forms together against the likest one: short forms are like too much
COMMON = 0.4  # taken from every weight: nearly nothing is left of a word that all entries have
UNKNOWN = 1.5  # a word no entry has weighs more than the rarest one known
ELSEWHERE = 0.4  # what is left of the likeness where the subject is not named: never enough to be sure
WORD = "w"
_PIECE = 4  # letters; long enough that a shared ending ("-tion") says little, short enough for a typing error

Weights = Mapping[str, float]
Forms = tuple[tuple[str, ...], ...]  # of every entry


@dataclass(frozen=True, slots=True)
class Sure:
    """One entry fits and no other comes near."""

    entry: FaqEntry


@dataclass(frozen=True, slots=True)
class Unsure:
    """Two or three entries fit about as well; the caller is asked which."""

    entries: tuple[FaqEntry, ...]


@dataclass(frozen=True, slots=True)
class NoMatch:
    """None of the entries fits."""


Match = Sure | Unsure | NoMatch


def match(text: str, entries: tuple[FaqEntry, ...], language: str) -> Match:
    """Give the entry that answers the text, as far as its forms in this language tell."""
    ranked = rank(text, entries, language)
    if not ranked or ranked[0][0] < MAYBE:
        return NoMatch()
    best = ranked[0][0]
    near = tuple(entry for score, entry in ranked if score >= max(MAYBE, best - AHEAD))
    return Sure(near[0]) if best >= SURE and len(near) == 1 else Unsure(near[:OFFERS])


def rank(text: str, entries: tuple[FaqEntry, ...], language: str) -> tuple[tuple[float, FaqEntry], ...]:
    """Give every entry with its likeness to the text from 0 to 1, the likest first, ties in content order."""
    index = _index(tuple(entry.forms.get(language, ()) for entry in entries))
    said = index.weigh(text)
    scored = [(index.likeness(said, n) * _subject(text, entry, language), entry) for n, entry in enumerate(entries)]
    return tuple(sorted(scored, key=lambda pair: -pair[0]))


def _subject(text: str, entry: FaqEntry, language: str) -> float:
    """1 where the text names what the entry is about, else less: it may be the same question about another thing."""
    about = [plain(word) for word in entry.about.get(language, ())]
    words = plain(text).split()
    said = f" {' '.join(words)} "
    named = any(f" {subject} " in said or any(near(word, subject) for word in words) for subject in about)
    return 1.0 if named or not about else ELSEWHERE


@dataclass(frozen=True, slots=True)
class Index:
    """The forms of all entries, weighed."""

    rarity: Weights
    forms: tuple[tuple[Weights, ...], ...]
    entries: tuple[Weights, ...]

    def weigh(self, text: str) -> Weights:
        """The text's words and pieces as a vector of length 1."""
        return _weighed(text, self.rarity, len(self.forms))

    def likeness(self, said: Weights, entry: int) -> float:
        """How like the text is to the likest of the entry's forms, and to all of them together."""
        likest = max((_dot(said, form) for form in self.forms[entry]), default=0.0)
        return (1 - TOGETHER) * likest + TOGETHER * _dot(said, self.entries[entry])


@lru_cache(maxsize=32)
def _index(forms: Forms) -> Index:
    used = Counter(part for entry in forms for part in {part for form in entry for part in _parts(form)})
    rarity = {part: log(1 + len(forms) / count) - COMMON for part, count in used.items()}
    weighed = tuple(tuple(_weighed(form, rarity, len(forms)) for form in entry) for entry in forms)
    return Index(rarity, weighed, tuple(_sum(entry) for entry in weighed))


def _weighed(text: str, rarity: Weights, entries: int) -> Weights:
    counted = Counter(_parts(text))
    stranger = UNKNOWN * log(1 + entries)
    return _unit(
        {part: n * rarity.get(part, stranger if part[0] == WORD else stranger / 2) for part, n in counted.items()}
    )


def _sum(vectors: tuple[Weights, ...]) -> Weights:
    total: dict[str, float] = {}
    for vector in vectors:
        for part, weight in vector.items():
            total[part] = total.get(part, 0.0) + weight
    return _unit(total)


def _parts(text: str) -> Iterator[str]:
    """Words, pairs of words, and pieces of words, each marked as what it is."""
    words = plain(text).split()
    for word in words:
        yield f"{WORD} {word}"
        padded = f"<{word}>"
        yield from (f"p {padded[i : i + _PIECE]}" for i in range(len(padded) - _PIECE + 1))
    yield from (f"b {one} {two}" for one, two in pairwise(words))


def _unit(weights: Weights) -> Weights:
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {part: weight / length for part, weight in weights.items()} if length else {}


def _dot(one: Weights, other: Weights) -> float:
    return sum(weight * other[part] for part, weight in one.items() if part in other)
