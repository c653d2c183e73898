"""Reads the phrases of the lexicon, as people write them, into what is matched; docs/safety.md shows the signs."""

import re
from collections.abc import Iterable, Mapping

from flows.safety.phrases import Choice, Edge, Gap, Maybe, Node, Phrase, Unless, Word


class PhraseError(ValueError):
    """A phrase in the lexicon cannot be read; the text says what is wrong and how to mend it."""


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
