"""The lexicon as values: what its authors wrote (Source) and the same compiled once for matching (Lexicon)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flows.safety.dangers import Danger
from flows.safety.grammar import Grammar, PhraseError
from flows.safety.index import Index, index_of
from flows.safety.phrases import Phrase
from flows.safety.spelling import BREAK, Spelling, neighbours
from flows.urgency import Urgency

SINGLE_WORDS = ("negators", "subjects", "others", "reflexives", "turns")
PHRASE_LISTS = (
    "idioms",
    "settled",
    "well",
    "not_negating",
    "doubted",
    "past",
    "now",
    "asked",
    "stop_phrases",
    "not_stop",
    "person_phrases",
)


@dataclass(frozen=True, slots=True)
class EntrySource:
    """One entry as written: any of `say`, and where given each list in `together` heard in the same message.

    `adds_up` names a kind of sign too weak alone: two different kinds in one message are urgent, or four of those whose
    level is routine.
    """

    id: str
    danger: Danger
    level: Urgency
    say: tuple[str, ...]
    together: tuple[tuple[str, ...], ...] = ()
    ask: bool = False
    adds_up: str | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Everything the content says, in the authors' words. `lists` holds the names in PHRASE_LISTS."""

    families: Mapping[str, tuple[str, ...]]
    entries: tuple[EntrySource, ...]
    lists: Mapping[str, tuple[str, ...]]
    expansions: Mapping[str, tuple[str, ...]]
    fillers: frozenset[str]
    emoji: Mapping[str, str]
    disguised: tuple[str, ...]
    misspelled: frozenset[str]
    real_words: frozenset[str]
    keywords: Mapping[str, frozenset[str]]
    scripts: Mapping[Danger, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry compiled."""

    id: str
    danger: Danger
    level: Urgency
    phrases: tuple[Phrase, ...]
    together: tuple[tuple[Phrase, ...], ...]
    ask: bool
    adds_up: str | None
    language: str


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """All that `screen`, `opt_out` and `asks_for_person` need; built once, never changed, equal to itself only."""

    spelling: Spelling
    entries: tuple[Entry, ...]
    heard_by: Index
    phrases: Mapping[str, tuple[Phrase, ...]]
    words: Mapping[str, int]
    sets_of: Mapping[str, tuple[int, ...]]
    set_count: int
    keywords: Mapping[str, frozenset[str]]
    scripts: Mapping[Danger, str]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the content: where (section, name, place in its list) and what."""

    where: tuple[str | int, ...]
    what: str


class LexiconError(ValueError):
    """The content cannot be used; `faults` lists everything wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(f"{'/'.join(map(str, fault.where))} {fault.what}" for fault in faults))
        self.faults = faults


@dataclass(slots=True)
class _Compiler:
    grammar: Grammar
    fillers: frozenset[str]
    faults: list[Fault] = field(default_factory=list)

    def phrase(self, where: tuple[str | int, ...], text: str) -> tuple[Phrase, ...]:
        try:
            return (self.grammar.phrase(text),)
        except PhraseError as fault:
            self.faults.append(Fault(where, f"{text!r} {fault}"))
            return ()

    def phrases(self, where: tuple[str | int, ...], texts: Iterable[str]) -> tuple[Phrase, ...]:
        return tuple(read for i, text in enumerate(texts) for read in self.phrase((*where, i), text))

    def entry(self, source: EntrySource) -> Entry:
        where = ("entries", source.id)
        together = tuple(self.phrases((*where, "together", i), texts) for i, texts in enumerate(source.together))
        phrases = self.phrases((*where, "say"), source.say)
        return Entry(
            source.id, source.danger, source.level, phrases, together, source.ask, source.adds_up, source.language
        )

    def family(self, name: str, texts: tuple[str, ...]) -> None:
        self.phrases(("families", name), texts)
        self.phrase(("families", name), f"<{name}>")

    def word_set(self, source: Source, name: str) -> int:
        return self.grammar.words(source.families.get(name, ()))

    def unheard(self) -> None:
        """A filler is dropped before matching, so a phrase that needs one can never be heard."""
        needed = {word for words in self.grammar.sets for word in words}
        for word in sorted(needed & self.fillers):
            self.faults.append(
                Fault(("spelling", word), f"is a filler, so the phrases that use {word!r} can never match")
            )


def compile_lexicon(source: Source) -> Lexicon:
    """Compile the content; a LexiconError lists every phrase that cannot be read, not only the first."""
    compiler = _Compiler(Grammar(source.families, source.expansions), source.fillers)
    for name, texts in source.families.items():
        compiler.family(name, texts)
    entries = tuple(compiler.entry(entry) for entry in source.entries)
    phrases = {name: compiler.phrases(("lists", name), source.lists.get(name, ())) for name in PHRASE_LISTS}
    words = {name: compiler.word_set(source, name) for name in SINGLE_WORDS}
    words[BREAK] = compiler.grammar.words([BREAK])
    compiler.unheard()
    if compiler.faults:
        raise LexiconError(tuple(compiler.faults))
    sets = compiler.grammar.sets
    return Lexicon(
        spelling=_spelling(source, sets),
        entries=entries,
        heard_by=index_of((entry.phrases for entry in entries), sets),
        phrases=phrases,
        words=words,
        sets_of=_sets_of(sets),
        set_count=len(sets),
        keywords=source.keywords,
        scripts=source.scripts,
    )


def _spelling(source: Source, sets: tuple[frozenset[str], ...]) -> Spelling:
    written = {word for words in sets for word in words}
    expanded = {word for words in source.expansions.values() for word in words}
    return Spelling(
        vocabulary=frozenset(written | expanded),
        expansions=source.expansions,
        fillers=source.fillers,
        emoji=source.emoji,
        disguised=source.disguised,
        real_words=source.real_words,
        near=neighbours(source.misspelled),
    )


def _sets_of(sets: tuple[frozenset[str], ...]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for number, words in enumerate(sets):
        for word in words:
            found.setdefault(word, []).append(number)
    return {word: tuple(numbers) for word, numbers in found.items()}
