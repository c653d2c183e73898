"""Matching a free-text question to the FAQ entries: sure, unsure between two or three, or none."""

from dataclasses import dataclass

from rapidfuzz import fuzz

from flows.definition import FaqEntry
from flows.reading import plain

SURE = 90
MAYBE = 78
AHEAD = 6
OFFERS = 3


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
    """Give the entry that answers the text, in the language given."""
    said = plain(text)
    scored = sorted(((_score(said, entry, language), -n, entry) for n, entry in enumerate(entries)), reverse=True)
    if not scored or scored[0][0] < MAYBE:
        return NoMatch()
    best = scored[0][0]
    near = tuple(entry for score, _, entry in scored if score >= max(MAYBE, best - AHEAD))
    return Sure(near[0]) if best >= SURE and len(near) == 1 else Unsure(near[:OFFERS])


def _score(said: str, entry: FaqEntry, language: str) -> float:
    return max((fuzz.token_sort_ratio(said, plain(form)) for form in entry.forms.get(language, ())), default=0.0)
