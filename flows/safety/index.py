"""Finds the phrases that may stand in a message by the words it has, so that the other thousands are not looked at."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from flows.safety.phrases import Choice, Edge, Gap, Maybe, Node, Phrase, Unless, View, Word


@dataclass(frozen=True, slots=True)
class Index:
    """Groups of phrases found by the words of a message: a phrase none of whose words is there is not looked at.

    `watched` has for each word set the phrases that cannot match without one of its words or of a few others, each
    with the number of its group; `always` has those that can match without any word.
    """

    watched: Mapping[int, tuple[tuple[int, Phrase], ...]]
    always: tuple[tuple[int, Phrase], ...]

    def standing(self, view: View) -> frozenset[int]:
        """Give the numbers of the groups of which a phrase matches."""
        found: set[int] = set()
        for rows in (self.always, *(self.watched[words] for words in view.present & self.watched.keys())):
            for group, phrase in rows:
                if group not in found and phrase.advance(view.anywhere, view):
                    found.add(group)
        return frozenset(found)


def index_of(groups: Iterable[tuple[Phrase, ...]], sets: Sequence[frozenset[str]]) -> Index:
    """Index groups of phrases, numbered in their order."""
    watched: dict[int, list[tuple[int, Phrase]]] = {}
    always: list[tuple[int, Phrase]] = []
    for group, phrases in enumerate(groups):
        for phrase in phrases:
            needed = _cannot_do_without(phrase, sets)
            for rows in [watched.setdefault(words, []) for words in needed] or [always]:
                rows.append((group, phrase))
    return Index({words: tuple(rows) for words, rows in watched.items()}, tuple(always))


def _cannot_do_without(phrase: Phrase, sets: Sequence[frozenset[str]]) -> frozenset[int]:
    """The word sets of which a message must have a word for this phrase to match: those with the fewest words."""
    needs = [needed for node in phrase.nodes if (needed := _needed(node, sets))]
    return min(needs, key=lambda numbers: sum(len(sets[number]) for number in numbers), default=frozenset())


def _needed(node: Node, sets: Sequence[frozenset[str]]) -> frozenset[int]:
    match node:
        case Word(words):
            return frozenset({words})
        case Choice(wordings):
            of_each = [_cannot_do_without(wording, sets) for wording in wordings]
            return frozenset().union(*of_each) if all(of_each) else frozenset()
        case Gap() | Unless() | Edge() | Maybe():
            return frozenset()
        case _:
            assert_never(node)
