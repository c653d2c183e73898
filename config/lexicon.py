"""Reads the safety lexicon: every file checked against its shape, every phrase compiled, every fault at once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from config.content_yaml import MOST_BYTES, Document, read_document
from config.lexicon_shapes import EntryShape, LexiconFile, WordList
from flows.fault import Fault
from flows.safety import Danger, EntrySource, Lexicon, LexiconError, Source, compile_lexicon
from flows.safety.lexicon import PHRASE_LISTS
from flows.safety.requests import OptOut
from flows.safety.spelling import plain

SAFETY = "safety"
KEYWORDS = (OptOut.STOP.value, OptOut.START.value, OptOut.HELP.value, "person")

Where = tuple[str | int, ...]


@dataclass(slots=True)
class _Reading:
    files: list[tuple[Document, LexiconFile]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    places: dict[Where, tuple[str, int]] = field(default_factory=dict)

    def fault(self, file: str, line: int, what: str, mend: str) -> None:
        self.faults.append(Fault(file, line, what, mend))


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a lexicon; the same by what stands in them, wherever they stand."""

    stamp: str
    directory: Path = field(compare=False)


def read_lexicon(directory: Path) -> tuple[Lexicon | None, tuple[Fault, ...]]:
    """Give the lexicon of a content directory, or None and every fault in it."""
    digest = sha256()
    for path in _paths(directory):
        digest.update(path.name.encode() + b"\0" + _bytes(path))
    return _read_files(_Files(digest.hexdigest(), directory))


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    return path.read_bytes() if size <= MOST_BYTES else b"%d bytes" % size


def _paths(directory: Path) -> list[Path]:
    return sorted((directory / SAFETY).glob("*.yaml"))


@lru_cache(maxsize=2)
def _read_files(files: _Files) -> tuple[Lexicon | None, tuple[Fault, ...]]:
    """The work of seconds, done once for the same files."""
    reading = _Reading()
    for path in _paths(files.directory):
        _read(path, f"{SAFETY}/{path.name}", reading)
    if not reading.files and not reading.faults:
        reading.fault(SAFETY, 0, "there is no lexicon", "Add the lexicon's YAML files: without them no danger is heard")
    source = _source(reading)
    if reading.faults:
        return None, tuple(sorted(reading.faults))
    try:
        return compile_lexicon(source), ()
    except LexiconError as error:
        return None, tuple(sorted(_placed(fault.where, fault.what, reading) for fault in error.faults))


def load_lexicon(directory: Path) -> Lexicon:
    """Give the lexicon of a content directory; a ValueError lists every fault, one a line."""
    lexicon, faults = read_lexicon(directory)
    if lexicon is None:
        raise ValueError("\n".join(map(str, faults)))
    return lexicon


def _read(path: Path, name: str, reading: _Reading) -> None:
    document = read_document(path, name)
    if isinstance(document, Fault):
        reading.faults.append(document)
        return
    try:
        reading.files.append((document, LexiconFile.model_validate(document.values)))
    except ValidationError as error:
        for problem in error.errors():
            where = tuple(problem["loc"])
            what = f"{' > '.join(map(str, where)) or 'the file'}: {problem['msg']}"
            reading.fault(name, document.line(where), what, "See docs/safety.md for the shape of an entry")


def _source(reading: _Reading) -> Source:
    families: dict[str, tuple[str, ...]] = {}
    entries: dict[str, EntrySource] = {}
    lists: dict[str, tuple[str, ...]] = {}
    keywords: dict[str, frozenset[str]] = dict.fromkeys(KEYWORDS, frozenset())
    scripts: dict[Danger, str] = {}
    for document, file in reading.files:
        _once(reading, document, "families", file.families, families)
        _once(reading, document, "entries", file.entries, entries)
        families |= {name: family.say for name, family in file.families.items()}
        entries |= {name: _entry(name, entry, file.language) for name, entry in file.entries.items()}
        for name, phrase_lists in file.lists.items():
            _known_name(reading, document, ("lists", name), PHRASE_LISTS)
            lists[name] = lists.get(name, ()) + tuple(phrase for group in phrase_lists for phrase in group.say)
            reading.places[("lists", name)] = (document.file, document.line(("lists", name)))
        for name, groups in file.keywords.items():
            _known_name(reading, document, ("keywords", name), KEYWORDS)
            keywords[name] = keywords.get(name, frozenset()) | {plain(word) for word in _words(groups)}
        scripts |= file.scripts
    return _with_spelling(
        reading,
        Source(
            families,
            tuple(entries.values()),
            lists,
            {},
            frozenset(),
            {},
            (),
            frozenset(),
            frozenset(),
            keywords,
            scripts,
        ),
    )


def _entry(name: str, entry: EntryShape, language: str) -> EntrySource:
    return EntrySource(name, entry.danger, entry.level, entry.say, entry.together, entry.ask, entry.adds_up, language)


def _once(reading: _Reading, document: Document, section: str, new: Iterable[str], known: Mapping[str, object]) -> None:
    for name in new:
        line = document.line((section, name))
        if name in known:
            reading.fault(document.file, line, f"{section} > {name} is in two files", "Rename one, or join them")
        reading.places[(section, name)] = (document.file, line)


def _known_name(reading: _Reading, document: Document, where: Where, known: Iterable[str]) -> None:
    if str(where[-1]) not in known:
        reading.fault(
            document.file,
            document.line(where),
            f"{where[0]} > {where[-1]} is no list that is used",
            f"Use one of: {', '.join(known)}",
        )


def _words(groups: Iterable[WordList]) -> tuple[str, ...]:
    return tuple(word for group in groups for word in group.words)


def _with_spelling(reading: _Reading, source: Source) -> Source:
    pairs: dict[str, dict[str, str]] = {"expansions": {}, "emoji": {}}
    words: dict[str, list[str]] = {"fillers": [], "disguised": [], "misspelled": [], "real_words": []}
    for document, file in reading.files:
        for section, found in pairs.items():
            for pair in _words(getattr(file.spelling, section)):
                written, sign, meant = (part.strip() for part in pair.partition("="))
                if not (written and sign and meant):
                    reading.fault(
                        document.file,
                        document.line(("spelling", section)),
                        f"{pair!r} is no pair",
                        "Write it as: written = meant",
                    )
                found[written] = meant
        for section, into in words.items():
            into.extend(plain(word) for word in _words(getattr(file.spelling, section)))
    changed: dict[str, Any] = {
        "expansions": {written: tuple(meant.split()) for written, meant in pairs["expansions"].items()},
        "emoji": pairs["emoji"],
        "fillers": frozenset(words["fillers"]),
        "disguised": tuple(words["disguised"]),
        "misspelled": frozenset(words["misspelled"]),
        "real_words": frozenset(words["real_words"]),
    }
    return Source(**{name: changed.get(name, getattr(source, name)) for name in Source.__slots__})


def _placed(where: Where, what: str, reading: _Reading) -> Fault:
    file, line = reading.places.get(where[:2], (SAFETY, 0))
    return Fault(file, line, f"{where[0]} > {where[1]}: {what}", "See docs/safety.md for how a phrase is written")
