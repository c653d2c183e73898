"""The small grammar the lexicon is written in, matched on a whole message at once.

A state is an integer whose bit b says "a way through the phrase so far ends before word b", so every step is a
shift and a mask however long the message is: no backtracking, and the cost grows with the message, not with luck.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from flows.safety.spelling import BREAK


class PhraseError(ValueError):
    """A phrase in the lexicon cannot be read; the text says what is wrong and how to mend it."""


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


_PART = re.compile(
    r"<(?P<family>[\w-]+)>|~(?P<gap>\d*)|(?P<sign>[\[\]|?!^$])|(?P<word>[^\s\[\]|?!^$<>~]+)|(?P<space>\s+)"
)
_GAP = 2


class Grammar:
    """Reads phrases; families are read where they are first named, and every word set is kept once."""

    def __init__(self, families: Mapping[str, Iterable[str]], expansions: Mapping[str, tuple[str, ...]]) -> None:
        self._families = families
        self._expansions = expansions
        self._read: dict[str, Node] = {}
        self._reading: list[str] = []
        self._sets: dict[frozenset[str], int] = {}

    @property
    def sets(self) -> tuple[frozenset[str], ...]:
        """Every word set, at the place its number says."""
        return tuple(self._sets)

    def words(self, words: Iterable[str]) -> int:
        """Give the number of a word set."""
        return self._sets.setdefault(frozenset(words), len(self._sets))

    def phrase(self, text: str) -> Phrase:
        """Read one phrase; a PhraseError says what is wrong with it."""
        parts = [m for m in _PART.finditer(text) if m.lastgroup != "space"]
        if sum(len(m.group()) for m in _PART.finditer(text)) != len(text):
            raise PhraseError("has a stray '<' or '>'; write a family as <name>")
        nodes, rest = self._sequence(parts)
        if rest:
            raise PhraseError(f"has {rest[0].group()!r} without its opening '['")
        if not any(isinstance(node, Word | Choice) for node in nodes):
            raise PhraseError("has no word in it; a phrase needs at least one word or family")
        return self._phrase_of(nodes)

    def _phrase_of(self, nodes: list[Node]) -> Phrase:
        if not nodes:
            raise PhraseError("has an empty wording between '[', '|' and ']'")
        return Phrase(tuple(nodes), tuple(node.words for node in nodes if isinstance(node, Word)))

    def _sequence(self, parts: list["re.Match[str]"]) -> tuple[list[Node], list["re.Match[str]"]]:
        nodes: list[Node] = []
        while parts and parts[0].group() not in {"]", "|"}:
            read, parts = self._item(parts)
            nodes.extend(read)
        return nodes, parts

    def _item(self, parts: list["re.Match[str]"]) -> tuple[list[Node], list["re.Match[str]"]]:
        part, parts = parts[0], parts[1:]
        nodes: list[Node]
        match part.lastgroup, part.group():
            case "gap", _:
                return [Gap(int(part["gap"] or _GAP))], parts
            case "family", _:
                nodes = [self._family(part["family"])]
            case "word", word:
                nodes = [Word(self.words([w])) for w in self._expansions.get(word, (word,))]
            case _, "[":
                node, parts = self._choice(parts)
                nodes = [node]
            case _, "!":
                return self._unless(parts)
            case _, "^" | "$":
                return [Edge(part.group() == "^")], parts
            case _:
                raise PhraseError(f"has {part.group()!r} with nothing before it")
        if parts and parts[0].group() == "?":
            if len(nodes) > 1:
                raise PhraseError(f"has '?' after {part.group()!r}, which is several words; put them in [ ]")
            return [Maybe(nodes[0])], parts[1:]
        return nodes, parts

    def _unless(self, parts: list["re.Match[str]"]) -> tuple[list[Node], list["re.Match[str]"]]:
        if not parts:
            raise PhraseError("ends with '!'; write the word or family that must not follow")
        nodes, parts = self._item(parts)
        words = {word for node in nodes for word in self._single(node)}
        return [Unless(self.words(words))], parts

    def _single(self, node: Node) -> frozenset[str]:
        if isinstance(node, Word):
            return self.sets[node.words]
        raise PhraseError("has '!' before more than one word; only single words can be ruled out")

    def _choice(self, parts: list["re.Match[str]"]) -> tuple[Node, list["re.Match[str]"]]:
        wordings: list[Phrase] = []
        while True:
            nodes, parts = self._sequence(parts)
            wordings.append(self._phrase_of(nodes))
            if not parts:
                raise PhraseError("has '[' without its closing ']'")
            sign, parts = parts[0].group(), parts[1:]
            if sign == "]":
                return self._joined(wordings), parts

    def _joined(self, wordings: list[Phrase]) -> Node:
        """Put all single words into one set: most families then cost no more than one word."""
        single: set[str] = set()
        several: list[Phrase] = []
        for wording in wordings:
            first = wording.nodes[0]
            if len(wording.nodes) == 1 and isinstance(first, Word):
                single |= self.sets[first.words]
            elif len(wording.nodes) == 1 and isinstance(first, Choice):
                for inner in first.wordings:
                    is_word = len(inner.nodes) == 1 and isinstance(inner.nodes[0], Word)
                    single |= self._single(inner.nodes[0]) if is_word else frozenset()
                    several.extend([] if is_word else [inner])
            else:
                several.append(wording)
        if not single:
            return Choice(tuple(several))
        word = Word(self.words(single))
        return Choice((Phrase((word,), (word.words,)), *several)) if several else word

    def _family(self, name: str) -> Node:
        if name in self._read:
            return self._read[name]
        if name not in self._families:
            raise PhraseError(f"names the family <{name}>, which does not exist; add it or mend the name")
        if name in self._reading:
            raise PhraseError(f"names <{name}> inside itself ({' > '.join([*self._reading, name])})")
        self._reading.append(name)
        try:
            node = self._joined([self.phrase(member) for member in self._families[name]])
        finally:
            self._reading.pop()
        self._read[name] = node
        return node


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
