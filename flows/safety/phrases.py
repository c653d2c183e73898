"""The small grammar the lexicon is written in, matched on a whole message at once.

A state is an integer whose bit b says "a way through the phrase so far ends before word b", so every step is a
shift and a mask however long the message is: no backtracking, and the cost grows with the message, not with luck.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from flows.safety.spelling import BREAK


@dataclass(frozen=True, slots=True)
class View:
    """One message prepared for matching: for each word set the places where a word of it stands, if it is `present`."""

    count: int
    places: list[int]
    present: frozenset[int]
    gap: int
    starts: int
    ends: int

    @property
    def anywhere(self) -> int:
        """The state before any word is read: a phrase may begin at every place."""
        return (1 << (self.count + 1)) - 1


@dataclass(frozen=True, slots=True)
class Word:
    """One word out of a set."""

    words: int

    def advance(self, state: int, view: View) -> int:
        return (state & view.places[self.words]) << 1


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to `most` words of any kind, within a sentence; never a negator, which would turn the meaning."""

    most: int

    def advance(self, state: int, view: View) -> int:
        for _ in range(self.most):
            state |= (state & view.gap) << 1
        return state


@dataclass(frozen=True, slots=True)
class Unless:
    """The next word is none of a set."""

    words: int

    def advance(self, state: int, view: View) -> int:
        return state & ~view.places[self.words]


@dataclass(frozen=True, slots=True)
class Edge:
    """The start (or the end) of a sentence."""

    start: bool

    def advance(self, state: int, view: View) -> int:
        return state & (view.starts if self.start else view.ends)


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something that may be left out."""

    node: "Node"

    def advance(self, state: int, view: View) -> int:
        return state | self.node.advance(state, view)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several wordings."""

    wordings: tuple["Phrase", ...]

    def advance(self, state: int, view: View) -> int:
        out = 0
        for wording in self.wordings:
            out |= wording.advance(state, view)
        return out


Node = Word | Gap | Unless | Edge | Maybe | Choice


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sequence; `needed` are the word sets without which it cannot match, looked at first."""

    nodes: tuple[Node, ...]
    needed: tuple[int, ...]

    def advance(self, state: int, view: View) -> int:
        """Give every place where the phrase ends, begun at any place in `state`."""
        for words in self.needed:
            if not view.places[words]:
                return 0
        for node in self.nodes:
            if not state:
                return 0
            state = node.advance(state, view)
        return state


def view_of(words: tuple[str, ...], sets_of: Mapping[str, tuple[int, ...]], count: int, negators: int) -> View:
    """Prepare the words of a message for matching against every phrase of a lexicon."""
    at: dict[str, int] = {}
    for place, word in enumerate(words):
        at[word] = at.get(word, 0) | (1 << place)
    places = [0] * count
    present: set[int] = set()
    for word, where in at.items():
        numbers = sets_of.get(word, ())
        present.update(numbers)
        for number in numbers:
            places[number] |= where
    breaks = at.get(BREAK, 0)
    whole = (1 << len(words)) - 1
    return View(
        count=len(words),
        places=places,
        present=frozenset(present),
        gap=whole & ~breaks & ~places[negators],
        starts=(breaks << 1) | 1,
        ends=breaks | (1 << len(words)),
    )
