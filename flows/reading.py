"""Reading an answer: from what somebody typed, pressed or said to the choices of the question they were asked.

Exact before fuzzy, and nothing at all rather than a guess between two choices: an answer not understood is asked again,
an answer misread is acted on.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from flows.definition import Tongue
from flows.nodes import ByLanguage, Choice

LONGEST = 1600  # Twilio's longest message body; what comes after it is no answer to a menu
_APOSTROPHES = str.maketrans("", "", "'`\u2018\u2019\u00b4")
_NOT_WORD = re.compile(r"[^\w*#]+|_+")
_TYPO_FROM = 4  # shorter words have too many neighbours ("no", "now", "one")
_TWO_TYPOS_FROM = 8
_MOST_TAIL = 3


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Give the words of the text in lower case, one space apart, without accents, apostrophes and punctuation."""
    folded = unicodedata.normalize("NFKD", text[:LONGEST]).casefold().translate(_APOSTROPHES)
    bare = "".join(c for c in folded if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")
    return _NOT_WORD.sub(" ", bare).strip()


def _may_be_mistyped(word: str) -> bool:
    return len(word) >= _TYPO_FROM and not any(c.isdigit() for c in word)


def near(word: str, target: str) -> bool:
    """Whether the word is the target, allowing one typing error in a word of four letters, two from eight."""
    if word == target:
        return True
    if len(target) < _TYPO_FROM or not _may_be_mistyped(word):
        return False
    allowed = 1 if len(target) < _TWO_TYPOS_FROM else 2
    return OSA.distance(word, target, score_cutoff=allowed) <= allowed


def wholly(text: str, tongues: tuple[Tongue, ...]) -> frozenset[str]:
    """What a text says as a whole: as it is, and without the politeness of each language."""
    said = plain(text)
    tokens = said.split()
    return frozenset({said, *(" ".join(_bare(tokens, tongue)) for tongue in tongues)} - {""})


def says(said: frozenset[str], words: ByLanguage) -> bool:
    """Whether one of these (`wholly`), small typing errors aside, is one of the words in any language."""
    typed = [form for form in said if _may_be_mistyped(form)]
    for by_language in words.values():
        target = _plain_words(by_language)
        if not said.isdisjoint(target) or any(near(form, word) for form in typed for word in target):
            return True
    return False


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads answers to one question in one language (the other languages are tried after it)."""

    choices: tuple[Choice, ...]
    tongues: tuple[Tongue, ...]
    several: bool = False

    def read(self, text: str) -> tuple[Choice, ...]:
        """Give the choices meant, in content order; empty when the answer is not understood."""
        said = plain(text)
        ways = (self._whole, self._numbers, self._listed, self._begins, self._typed)
        for tongue in self.tongues:
            for way in ways:
                found = way(said, tongue)
                if found:
                    return tuple(choice for choice in self.choices if choice in found)
        return ()

    def _whole(self, said: str, tongue: Tongue) -> tuple[Choice, ...]:
        """The answer is exactly a key or a word, with or without politeness around it."""
        bare = " ".join(_bare(said.split(), tongue))
        return self._one(choice for choice in self.choices if {said, bare} & {*choice.keys, *_words(choice, tongue)})

    def _numbers(self, said: str, tongue: Tongue) -> tuple[Choice, ...]:
        """Digits and words for numbers: "two", "1 and 3", "13" where several are asked, "11" for a bouncing key."""
        tokens = [
            tongue.numbers.get(token, token) for token in _bare(said.split(), tongue) if token not in tongue.joins
        ]
        if not tokens or not all(token.isdecimal() for token in tokens):
            return self._number_and_words(tokens, tongue)
        return self._keys([key for token in tokens for key in self._split(token)])

    def _split(self, token: str) -> Iterator[str]:
        if self._with_key(token):
            yield token
        elif self.several or len(set(token)) == 1:
            yield from dict.fromkeys(token)
        else:
            yield token

    def _keys(self, keys: list[str]) -> tuple[Choice, ...]:
        """All keys must be known ("17" is an age, not 1 and 7), and more than one only where several are asked."""
        chosen = [self._with_key(key) for key in dict.fromkeys(keys)]
        known = tuple(choice for choice in chosen if choice is not None)
        if len(known) != len(chosen):
            return ()
        return self._without_none(known) if self.several else self._one(known)

    def _number_and_words(self, tokens: list[str], tongue: Tongue) -> tuple[Choice, ...]:
        """One digit and the words of the same choice: "2 get help"."""
        digits = [token for token in tokens if token.isdecimal()]
        rest = " ".join(token for token in tokens if not token.isdecimal())
        choice = self._with_key(digits[0]) if len(digits) == 1 else None
        agrees = choice is not None and any(near(rest, word) for word in _words(choice, tongue))
        return (choice,) if choice is not None and agrees else ()

    def _listed(self, said: str, tongue: Tongue) -> tuple[Choice, ...]:
        """Several answers in words: "alcohol and pills"; every one of them must be known."""
        if not self.several:
            return ()
        parts = _parts(said.split(), tongue)
        found = [self._typed(part, tongue) or self._numbers(part, tongue) for part in parts]
        if len(parts) < 2 or not all(found):
            return ()
        return self._without_none(tuple(choice for choices in found for choice in choices))

    def _begins(self, said: str, tongue: Tongue) -> tuple[Choice, ...]:
        """An answer and a short tail ("no not really"), unless the tail turns it or names another choice."""
        tokens = _bare(said.split(), tongue)
        found: list[tuple[Choice, list[str]]] = []
        for choice in self.choices:
            for word in _words(choice, tongue):
                head = word.split()
                if tokens[: len(head)] == head:
                    found.append((choice, tokens[len(head) :]))
        if not found:
            return ()
        choice, tail = min(found, key=lambda pair: len(pair[1]))
        return () if len(tail) > _MOST_TAIL or self._turned(tail, choice) else (choice,)

    def _turned(self, tail: list[str], choice: Choice) -> bool:
        """Whether what follows an answer takes it back, or is another answer, in any language."""
        others = {w for other in self.choices if other is not choice for t in self.tongues for w in _words(other, t)}
        turns = {word for tongue in self.tongues for word in (*tongue.turns, *tongue.numbers)}
        joins = {word for tongue in self.tongues for word in tongue.joins if self.several}
        return any(token.isdecimal() or token in others | turns | joins for token in tail)

    def _typed(self, said: str, tongue: Tongue) -> tuple[Choice, ...]:
        """A word with a typing error, when only one choice is that near."""
        bare = " ".join(_bare(said.split(), tongue))
        return self._one(choice for choice in self.choices if any(near(bare, word) for word in _words(choice, tongue)))

    def _with_key(self, key: str) -> Choice | None:
        return next((choice for choice in self.choices if key in choice.keys), None)

    def _without_none(self, chosen: tuple[Choice, ...]) -> tuple[Choice, ...]:
        """What "0 and 2" means is 2: who names something has it, whatever else they pressed."""
        return tuple(choice for choice in chosen if choice.value != 0) or chosen

    def _one(self, chosen: Iterable[Choice]) -> tuple[Choice, ...]:
        kept = tuple(chosen)
        return kept[:1] if len({id(choice) for choice in kept}) == 1 else ()


@lru_cache(maxsize=4096)
def _plain_words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(plain(word) for word in words)


def _words(choice: Choice, tongue: Tongue) -> tuple[str, ...]:
    return _plain_words(choice.words.get(tongue.code, ()))


def _bare(tokens: list[str], tongue: Tongue) -> list[str]:
    """The tokens without politeness; all of them when nothing else was said."""
    return [token for token in tokens if token not in tongue.polite] or tokens


def _parts(tokens: list[str], tongue: Tongue) -> list[str]:
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token in tongue.joins:
            parts.append([])
        else:
            parts[-1].append(token)
    return [" ".join(part) for part in parts if part]


def guess(text: str, tongues: tuple[Tongue, ...], present: str) -> str | None:
    """Give the language that the words give away, when it is not the present one; None when in doubt."""
    tokens = plain(text).split()
    counts = {tongue.code: sum(token in tongue.marks for token in tokens) for tongue in tongues}
    best = max(counts, key=lambda code: counts[code])
    surely = counts[best] >= 2 and counts[best] > counts.get(present, 0)
    return best if surely and best != present else None
