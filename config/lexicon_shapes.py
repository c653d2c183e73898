"""What may stand in a file of the safety lexicon, as the people who keep it write it."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from flows.safety import Danger
from flows.urgency import Urgency


def _comma_list(written: object) -> object:
    return [word.strip() for word in written.split(",") if word.strip()] if isinstance(written, str) else written


def _phrase_lines(written: object) -> object:
    """One phrase a line; phrases on one line are set apart by " / "."""
    if not isinstance(written, str):
        return written
    return [phrase.strip() for line in written.splitlines() for phrase in line.split(" / ") if phrase.strip()]


def _level(written: object) -> object:
    try:
        return Urgency.from_word(written) if isinstance(written, str) else written
    except KeyError:
        raise ValueError("is no level; use routine, soon, urgent or emergency") from None


Why = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10)]
Words = Annotated[tuple[str, ...], BeforeValidator(_comma_list), Field(min_length=1)]
Phrases = Annotated[tuple[str, ...], BeforeValidator(_phrase_lines), Field(min_length=1)]
Level = Annotated[Urgency, BeforeValidator(_level)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WordList(_Shape):
    """Words with the reason they are here."""

    why: Why
    words: Words


class PhraseList(_Shape):
    """Phrases with the reason they are here."""

    why: Why
    say: Phrases


class EntryShape(PhraseList):
    """One danger entry."""

    danger: Danger
    level: Level
    together: tuple[Phrases, ...] = ()
    ask: bool = False
    adds_up: str | None = None


class SpellingShape(_Shape):
    """How words may be written; pairs are "written = meant"."""

    fillers: tuple[WordList, ...] = ()
    expansions: tuple[WordList, ...] = ()
    emoji: tuple[WordList, ...] = ()
    disguised: tuple[WordList, ...] = ()
    misspelled: tuple[WordList, ...] = ()
    real_words: tuple[WordList, ...] = ()


class LexiconFile(_Shape):
    """One file of the lexicon; each may hold any of the sections."""

    spelling: SpellingShape = SpellingShape()
    families: dict[str, PhraseList] = {}
    entries: dict[str, EntryShape] = {}
    lists: dict[str, tuple[PhraseList, ...]] = {}
    keywords: dict[str, tuple[WordList, ...]] = {}
    scripts: dict[Danger, str] = {}
    language: str = ""  # the entries of this file are in this language
