"""From what people type, or a transcript says, to plain words: a message read the way a counsellor would."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from rapidfuzz.distance import OSA

BREAK = "."
_LEET = str.maketrans("013457@$!", "oieastasi")
_LOOKALIKES = str.maketrans("аеорсхуіктнвмԁѕј", "aeopcxyiktnbmdsj")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "′": "'"})
_LETTERS_WITH_DOTS = re.compile(r"(?<=\b[^\W\d_])[.\-_*](?=[^\W\d_]\b)")
_PIECE = re.compile(
    r":[a-z_]+:"  # an emoji by its name
    r"|[^\W_]+(?:['@$!*#]+[^\W_]+)*"  # a word, perhaps with an apostrophe, a star or leet inside
    r"|\.{2,}"  # dots that trail off end nothing
    r"|\n\s*\n"
    r"|[.!?;]+"
)
_RUN = re.compile(r"(.)\1{2,}")
_SUFFIXES = {"t": "not", "ll": "will", "re": "are", "ve": "have", "d": "would", "m": "am", "s": "is"}
_TYPO_FROM = 6
_GLUED_FROM = 9
_GLUED_TO = 40
_EMPHATIC = 3


@dataclass(frozen=True, slots=True)
class Spelling:
    """How words may be written. `near` leads from a word with one letter left out to the words it may be."""

    vocabulary: frozenset[str]
    expansions: Mapping[str, tuple[str, ...]]
    fillers: frozenset[str]
    emoji: Mapping[str, str]
    disguised: tuple[str, ...]
    real_words: frozenset[str]
    near: Mapping[str, tuple[str, ...]]


def neighbours(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Give the lookup that finds a long word by any spelling one edit away from it."""
    near: dict[str, tuple[str, ...]] = {}
    for word in sorted({word for word in words if len(word) >= _TYPO_FROM}):
        for shorter in _one_left_out(word):
            near[shorter] = (*near.get(shorter, ()), word)
    return near


def _one_left_out(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def plain(text: str) -> str:
    """Give the text in lower case without accents, invisible characters, curly quotes or styled letters."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).translate(_QUOTES))
    kept = (c for c in folded if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
    return "".join(kept).casefold()


def words_of(text: str, spelling: Spelling) -> tuple[str, ...]:
    """Give the words of a message in order, with a "." where a sentence ends; never raises."""
    named = _name_emoji(text, spelling.emoji)
    pieces = _PIECE.findall(_LETTERS_WITH_DOTS.sub(" ", plain(named)))
    known: dict[str, tuple[str, ...]] = {}
    words: list[str] = []
    for piece in _unspaced(_calmed(pieces)):
        if piece not in known:
            known[piece] = tuple(w for w in _read(piece, spelling) if w not in spelling.fillers)
        words.extend(known[piece])
    return tuple(words)


def _name_emoji(text: str, emoji: Mapping[str, str]) -> str:
    if text.isascii() or not emoji:
        return text
    return "".join(f" :{emoji[c]}: " if c in emoji else c for c in text)


def _is_break(piece: str) -> bool:
    return piece[0] in ".!?;\n" or piece.isspace()


def _calmed(pieces: list[str]) -> list[str]:
    """Drop dots that trail off, and the dots of "I. want. this."; every break that stays is a "."."""
    sentences: list[list[str]] = [[]]
    hard: list[bool] = []
    for piece in pieces:
        if len(piece) > 1 and set(piece) == {"."}:
            continue
        if _is_break(piece):
            sentences.append([])
            hard.append("\n" in piece)
        else:
            sentences[-1].append(piece)
    return _joined(sentences, hard)


def _joined(sentences: list[list[str]], hard: list[bool]) -> list[str]:
    single = [len(sentence) == 1 for sentence in sentences]
    out = list(sentences[0])
    for i, sentence in enumerate(sentences[1:], 1):
        around = range(max(0, i - 2), i + 1)
        emphatic = any(all(single[j : j + _EMPHATIC]) and j + _EMPHATIC <= len(single) for j in around)
        if hard[i - 1] or not (emphatic and single[i] and single[i - 1]):
            out.append(BREAK)
        out.extend(sentence)
    return out


def _unspaced(pieces: list[str]) -> Iterator[str]:
    """Join letters written one by one ("k y s"); fewer than three stay as they are."""
    run: list[str] = []
    for piece in [*pieces, ""]:
        if len(piece) == 1 and piece.isalpha():
            run.append(piece)
            continue
        if len(run) >= _EMPHATIC:
            yield "".join(run)
        else:
            yield from run
        run = []
        if piece:
            yield piece


def _read(piece: str, spelling: Spelling) -> tuple[str, ...]:
    """Read one written word as the word or words meant."""
    if piece == BREAK or piece.startswith(":"):
        return (piece,)
    head, apostrophe, tail = piece.rpartition("'")
    bare = piece.replace("'", "")
    if apostrophe and bare + "'" in spelling.expansions:
        return spelling.expansions[bare + "'"]
    if apostrophe and tail == "s":
        return (*_known(head.replace("'", ""), spelling), "is")
    if apostrophe and tail in _SUFFIXES and bare not in spelling.expansions:
        base = head.replace("'", "")
        return (*_known(base.removesuffix("n") if tail == "t" else base, spelling), _SUFFIXES[tail])
    return _known(bare, spelling)


def _known(word: str, spelling: Spelling) -> tuple[str, ...]:
    for guess in _guesses(word, spelling):
        if guess in spelling.expansions:
            return spelling.expansions[guess]
        if guess in spelling.vocabulary:
            return (guess,)
    return _glued(word, spelling) or (word,)


def _guesses(word: str, spelling: Spelling) -> Iterator[str]:
    yield word
    if not word.isascii():
        word = word.translate(_LOOKALIKES)
        yield word
    if _RUN.search(word):
        yield _RUN.sub(r"\1\1", word)
        word = _RUN.sub(r"\1", word)
        yield word
    if not word.isalpha() and not word.isdigit():
        yield word.translate(_LEET)
        yield from filter(partial(_hidden, word), spelling.disguised)
    if len(word) >= _TYPO_FROM - 1 and word not in spelling.real_words:
        yield from _nearly(word, spelling.near)


def _hidden(stars: str, word: str) -> bool:
    """Tell whether "su*cide" hides this word."""
    if "*" not in stars and "#" not in stars:
        return False
    return len(stars) == len(word) and all(
        s in {"*", "#", w} for s, w in zip(stars.translate(_LEET), word, strict=True)
    )


def _nearly(word: str, near: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = {target for shorter in _one_left_out(word) for target in near.get(shorter, ())}
    return sorted(target for target in found if OSA.distance(word, target) <= 1)


def _glued(word: str, spelling: Spelling) -> tuple[str, ...]:
    """Split "iwanttodie" into at least three known words, longest first; nothing when it is no such word."""
    if not _GLUED_FROM <= len(word) <= _GLUED_TO or not word.isalpha():
        return ()
    best: list[tuple[str, ...] | None] = [()] + [None] * len(word)
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 12), end):
            before, part = best[start], word[start:end]
            if before is not None and _part(part, spelling):
                longer = (*before, part)
                current = best[end]
                if current is None or len(longer) < len(current):
                    best[end] = longer
    parts = best[-1]
    if parts is None or len(parts) < _EMPHATIC:
        return ()
    return tuple(w for part in parts for w in spelling.expansions.get(part, (part,)))


def _part(part: str, spelling: Spelling) -> bool:
    return (len(part) > 1 or part == "i") and (part in spelling.vocabulary or part in spelling.expansions)
