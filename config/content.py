"""Content directories as values: read, checked and compiled, or refused with every fault at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from config.content_compiler import Compiler, ContentFaults
from config.content_files import read_files
from config.lexicon import SAFETY, read_lexicon
from flows.fault import Fault
from flows.loaded import LoadedContent
from flows.review import review
from flows.safety import Lexicon

__all__ = [
    "SHIPPED",
    "ContentFaults",
    "LoadedContent",
    "Reloaded",
    "files_of",
    "load",
    "load_again",
    "reload_content",
    "version_of",
]

SHIPPED = Path(__file__).resolve().parents[1] / "flows" / "content"


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The content to go on with, and what was found in the new one; `changed` says whether the new one is live."""

    content: LoadedContent
    faults: tuple[Fault, ...]
    changed: bool


def load(directory: Path | None = None, lexicon: Lexicon | None = None) -> LoadedContent:
    """The content of a directory (without one: the content this program is shipped with).

    A lexicon is given where the files it was made of are known to be the same: most of the work is in it.

    Raises:
        ContentFaults: it cannot be compiled; every fault of every file, each with how to mend it.

    """
    where = directory or SHIPPED
    files = read_files(where)
    lexicon, heard = (lexicon, ()) if lexicon is not None else read_lexicon(where)
    faults = (*files.faults, *heard)
    if faults or lexicon is None:
        raise ContentFaults(tuple(sorted(faults)))
    return Compiler(files).content(lexicon, version_of(files_of(where)))


def reload_content(
    directory: Path, current: LoadedContent, today: date, known: Mapping[str, str] | None = None
) -> Reloaded:
    """The new content of a directory if it can be used and passes the review, else the running one and why.

    `known` are the files that the running content was made of.
    """
    try:
        same = known is not None and _of_safety(known) == _of_safety(files_of(directory))
        new = load(directory, current.flow.lexicon if same else None)
    except ContentFaults as refused:
        return Reloaded(current, refused.faults, changed=False)
    faults = review(new, today)
    if any(fault.blocks for fault in faults):
        return Reloaded(current, faults, changed=False)
    return Reloaded(new, faults, changed=True)


def load_again(files: Mapping[str, str], lexicon: Lexicon) -> LoadedContent:
    """Content from its files as they were kept, to be walked by conversations that began with it.

    Danger is heard by the lexicon given: the newest one, whatever the content's age.

    Raises:
        ContentFaults: this program no longer understands content of that age.

    """
    with TemporaryDirectory() as folder:
        where = Path(folder)
        for name, text in files.items():
            path = where / name
            if not path.resolve().is_relative_to(where.resolve()):
                raise ContentFaults((Fault(name, 0, "the file lies outside the content", "Keep it inside"),))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        read = read_files(where)
        if read.faults:
            raise ContentFaults(tuple(sorted(read.faults)))
        return Compiler(read).content(lexicon, version_of(files))


def files_of(directory: Path) -> Mapping[str, str]:
    """Every content file by its name, as it is written."""
    return {
        path.relative_to(directory).as_posix(): path.read_bytes().decode() for path in sorted(directory.rglob("*.yaml"))
    }


def _of_safety(files: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in files.items() if name.startswith(f"{SAFETY}/")}


def version_of(files: Mapping[str, str]) -> str:
    """A name for exactly these files: the same in every process and on every machine."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name].encode() + b"\0")
    return digest.hexdigest()[:12]
