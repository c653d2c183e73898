"""The files of a content directory, read and checked against their shapes, with every fault of every file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config import content_shapes as shapes
from config.content_yaml import Document, read_document
from flows.fault import Fault

MOST_FILES = 500

ONE_EACH: Mapping[str, type[shapes.Shape]] = {
    "line.yaml": shapes.LineFile,
    "numbers.yaml": shapes.NumbersFile,
    "conversation.yaml": shapes.ConversationFile,
    "scripts.yaml": shapes.ScriptsFile,
    "triage.yaml": shapes.TriageFile,
    "faq.yaml": shapes.FaqFile,
}
ONE_EACH_LANGUAGE: Mapping[str, type[shapes.Shape]] = {
    "language.yaml": shapes.LanguageFile,
    "words.yaml": shapes.WordsFile,
    "questions.yaml": shapes.QuestionsFile,
}
OPTIONAL: Mapping[str, type[shapes.Shape]] = {"offices.yaml": shapes.OfficesFile}
_READ_ELSEWHERE = ("policy.yaml", "safety")

S = TypeVar("S", bound=shapes.Shape)


@dataclass(frozen=True, slots=True)
class Checked(Generic[S]):
    """A file whose shape is right."""

    document: Document
    shape: S

    @property
    def file(self) -> str:
        """The file's name within the content directory."""
        return self.document.file

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return PurePosixPath(self.file).stem

    def line(self, *path: str | int) -> int:
        """The line of a value."""
        return self.document.line(path)


@dataclass(frozen=True, slots=True)
class Files:
    """Every file that could be read, by name, and every fault found on the way."""

    checked: Mapping[str, Checked[shapes.Shape]]
    faults: tuple[Fault, ...]

    def of(self, shape: type[S], folder: str = "") -> Iterator[Checked[S]]:
        """The files of one shape, below a folder of the content directory, by name."""
        for file, found in sorted(self.checked.items()):
            if isinstance(found.shape, shape) and file.startswith(folder):
                yield Checked(found.document, found.shape)

    @property
    def languages(self) -> tuple[str, ...]:
        """The names of the folders of messages."""
        return tuple(sorted({PurePosixPath(file).parts[1] for file in self.checked if file.startswith("messages/")}))


def read_files(directory: Path) -> Files:
    """Read everything in a content directory that is not read elsewhere (the policy and the lexicon are)."""
    if not directory.is_dir():
        missing = Fault(str(directory), 0, "there is no such directory", "Set CONTENT_DIR to a content directory")
        return Files({}, (missing,))
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.suffix in {".yaml", ".yml"})
    if len(paths) > MOST_FILES:
        many = Fault(
            str(directory), 0, f"there are {len(paths)} files, more than {MOST_FILES}", "Remove what is no content"
        )
        return Files({}, (many,))
    checked: dict[str, Checked[shapes.Shape]] = {}
    faults: list[Fault] = []
    for path in paths:
        name = path.relative_to(directory).as_posix()
        if PurePosixPath(name).parts[0] not in _READ_ELSEWHERE:
            file_checked, file_faults = _check(path, name)
            faults += file_faults
            checked |= {name: file_checked} if file_checked else {}
    return Files(checked, (*faults, *_missing(directory, paths)))


def shape_for(name: str) -> type[shapes.Shape] | None:
    """The shape a file must have, by its place in the content directory; None where no file belongs."""
    match PurePosixPath(name).parts:
        case (single,):
            return ONE_EACH.get(single) or OPTIONAL.get(single)
        case ("nodes", _):
            return shapes.NodesFile
        case ("messages", _, file):
            return ONE_EACH_LANGUAGE.get(file, shapes.MessagesFile)
        case _:
            return None


def _check(path: Path, name: str) -> tuple[Checked[shapes.Shape] | None, list[Fault]]:
    shape = shape_for(name)
    if shape is None or path.suffix != ".yaml":
        known = ", ".join([*ONE_EACH, *OPTIONAL, "policy.yaml", "nodes/*.yaml", "messages/<language>/*.yaml"])
        return None, [Fault(name, 0, "no content file belongs here", f"The files are {known}")]
    document = read_document(path, name)
    if isinstance(document, Fault):
        return None, [document]
    try:
        return Checked(document, shape.model_validate(document.values)), []
    except ValidationError as error:
        return None, [_fault(document, one) for one in error.errors(include_url=False, include_input=False)]


def _missing(directory: Path, paths: list[Path]) -> Iterator[Fault]:
    there = {path.relative_to(directory).as_posix() for path in paths}
    parts = (PurePosixPath(name).parts for name in there)
    folders = {found[1] for found in parts if found[0] == "messages" and len(found) > 2}
    of_languages = (f"messages/{folder}/{name}" for folder in sorted(folders) for name in ONE_EACH_LANGUAGE)
    for name in (*ONE_EACH, *of_languages):
        if name not in there:
            yield Fault(name, 0, "the file is missing", "Write it; docs/content.md says what stands in it")
    if not folders:
        yield Fault("messages", 0, "there is no language", "Make a folder such as messages/en")


def _fault(document: Document, error: ErrorDetails) -> Fault:
    path = error["loc"]
    what, mend = _in_words(error)
    return Fault(document.file, document.line(path), f"{_place(path, document)}{what}", mend)


def _place(path: tuple[str | int, ...], document: Document) -> str:
    """The written names on the way to a value, e.g. "nodes q1 choices 2: "."""
    names = (str(part + 1 if isinstance(part, int) else part) for part in document.written(path))
    written = " ".join(names)
    return f"{written}: " if written else ""


_IN_WORDS: Mapping[str, tuple[str, str]] = {
    "extra_forbidden": (
        "the name {name} is not known here",
        "Check its spelling and indentation; docs/content.md lists the names",
    ),
    "missing": ("{name} is missing", "Add it; docs/content.md says what it is for"),
    "union_tag_not_found": ("a node has none of say, ask, decide, person, end", "Begin it with one of them"),
    "string_pattern_mismatch": ("{name} is not written as it must be", "It must match {pattern}"),
    "dict_type": ("names with values were expected here", "Write `name: value` lines, indented"),
    "model_type": ("names with values were expected here", "Write `name: value` lines, indented"),
    "model_attributes_type": ("names with values were expected here", "Write `name: value` lines, indented"),
    "list_type": ("a list was expected here", "Write `- value` lines, or [value, value]"),
    "string_type": ("a text was expected here", "Write one text, in quotes where it holds a colon"),
}


def _in_words(error: ErrorDetails) -> tuple[str, str]:
    name = error["loc"][-1] if error["loc"] else "the file"
    known = _IN_WORDS.get(error["type"])
    if known is None:
        return str(error["msg"]).lower().removesuffix("."), "docs/content.md says what may stand here"
    what, mend = known
    return what.format(name=name), mend.format(pattern=error.get("ctx", {}).get("pattern", ""))
