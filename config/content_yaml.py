"""Content files read as YAML 1.2, with the line of every value and without YAML's surprises.

Every value is text until the place it stands in says otherwise, so `no` stays the word "no" and 0123 keeps its zero.
What has no use in content and can do harm (anchors, aliases, tags, several documents, deep nesting, large files) is
refused with the reason.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from flows.fault import Fault

MOST_BYTES = 256 * 1024  # ten times the largest file of the shipped content
MOST_DEPTH = 12
READ_AS_SOMETHING_ELSE = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "~"})

Path_ = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file's values as plain dicts, lists and strings, and the line each one starts on."""

    file: str
    values: Any
    lines: Mapping[Path_, int] = field(repr=False)

    def line(self, path: tuple[str | int, ...]) -> int:
        """The line of a value, or of the nearest thing around it that is written down."""
        return self.lines.get(self.written(path), 1)

    def written(self, path: tuple[str | int, ...]) -> Path_:
        """The parts of a path that stand in the file; a shape's own words between them are left out."""
        ways: dict[Path_, int] = {(): -1}
        for place, part in enumerate(path):
            ways |= {(*way, part): place for way in ways if (*way, part) in self.lines}
        return max(ways, key=lambda way: (len(way), ways[way]))


class _Refused(Exception):
    """Reading stopped at a line, for a reason."""

    def __init__(self, line: int, what: str, mend: str) -> None:
        super().__init__(what)
        self.line, self.what, self.mend = line, what, mend


def read_document(path: Path, shown_as: str) -> Document | Fault:
    """The file's values with their lines, or the one fault that keeps it from being read."""
    try:
        return _Reading(shown_as).document(_contents(path))
    except _Refused as refused:
        return Fault(shown_as, refused.line, refused.what, refused.mend)


def _contents(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _Refused(
                0, f"the file has {size} bytes, more than the {MOST_BYTES} allowed", "Split it into several files"
            )
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Refused(0, f"the file is not UTF-8 text ({error.reason})", "Save it as UTF-8") from error
    except OSError as error:
        raise _Refused(
            0, f"the file cannot be read ({error.strerror})", "Check that it is there and readable"
        ) from error


class _Reading:
    """One pass over a file's YAML events; a composer that refuses instead of guessing."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._lines: dict[Path_, int] = {}

    def document(self, text: str) -> Document:
        events = _events(text)
        first = next(events)
        if isinstance(first, StreamEndEvent):
            raise _Refused(0, "the file is empty", "Write its content, or remove the file")
        values = self._value(first, (), events)
        for more in (event for event in events if isinstance(event, DocumentStartEvent)):
            raise _Refused(_line(more), "a second document begins here (---)", "Keep one document in a file")
        return Document(self._file, values, self._lines)

    def _value(self, event: Event, path: Path_, events: Iterator[Event]) -> Any:
        self._lines.setdefault(path, _line(event))
        _refuse_harmful(event, path)
        if isinstance(event, ScalarEvent):
            return str(event.value)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, events)
        return self._sequence(path, events)

    def _mapping(self, path: Path_, events: Iterator[Event]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(events), MappingEndEvent):
            key = _key(event, path, found)
            self._lines[(*path, key)] = _line(event)
            found[key] = self._value(next(events), (*path, key), events)
        return found

    def _sequence(self, path: Path_, events: Iterator[Event]) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            found.append(self._value(event, (*path, len(found)), events))
        return found


def _events(text: str) -> Iterator[Event]:
    """The parser's events from the first value on; its complaints as refusals."""
    reader = YAML(typ="safe", pure=True)
    reader.version = (1, 2)
    parsed: Callable[[str], Iterator[Event]] = reader.parse
    try:
        for number, event in enumerate(parsed(text)):
            if number > 1 or isinstance(event, StreamEndEvent):
                yield event
    except MarkedYAMLError as error:
        line = 0 if error.problem_mark is None else error.problem_mark.line + 1
        raise _Refused(
            line, f"this is not YAML: {error.problem}", "Check the indentation, colons and quotes here"
        ) from error
    except YAMLError as error:
        raise _Refused(0, "the file holds a character that YAML does not allow", "Remove control characters") from error


def _refuse_harmful(event: Event, path: Path_) -> None:
    if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
        raise _Refused(_line(event), "anchors and aliases (& and *) are not used in content", "Write the value out")
    if getattr(event, "tag", None):
        raise _Refused(_line(event), "tags (!) are not used in content", "Remove the tag, or put the text in quotes")
    if isinstance(event, CollectionStartEvent) and len(path) >= MOST_DEPTH:
        raise _Refused(_line(event), f"values are nested more than {MOST_DEPTH} deep", "Check the indentation")


def _key(event: Event, path: Path_, found: Mapping[str, Any]) -> str:
    _refuse_harmful(event, path)
    if not isinstance(event, ScalarEvent):
        raise _Refused(
            _line(event), "a list or a map stands where a name must stand", "Write a plain word before the colon"
        )
    key = str(event.value)
    if event.style is None and key.lower() in READ_AS_SOMETHING_ELSE:
        raise _Refused(
            _line(event),
            f"the name {key} is taken for true, false or nothing by many editors",
            f'Put it in quotes: "{key}"',
        )
    if key in found:
        raise _Refused(_line(event), f"the name {key} stands twice in the same place", "Keep one of them")
    return key


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1
