"""Content directories as values: read, checked and compiled, or refused with every fault at once."""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.content_compiler import Compiler, ContentFaults
from config.content_files import read_files
from config.lexicon import read_lexicon
from flows.fault import Fault
from flows.loaded import LoadedContent
from flows.review import review

__all__ = ["SHIPPED", "ContentFaults", "LoadedContent", "Reloaded", "load", "reload_content"]

SHIPPED = Path(__file__).resolve().parents[1] / "flows" / "content"


@dataclass(frozen=True, slots=True)
class Reloaded:
    """The content to go on with, and what was found in the new one; `changed` says whether the new one is live."""

    content: LoadedContent
    faults: tuple[Fault, ...]
    changed: bool


def load(directory: Path | None = None) -> LoadedContent:
    """The content of a directory (without one: the content this program is shipped with).

    Raises:
        ContentFaults: it cannot be compiled; every fault of every file, each with how to mend it.

    """
    where = directory or SHIPPED
    files = read_files(where)
    lexicon, heard = read_lexicon(where)
    faults = (*files.faults, *heard)
    if faults or lexicon is None:
        raise ContentFaults(tuple(sorted(faults)))
    return Compiler(files).content(lexicon, _version(where))


def reload_content(directory: Path, current: LoadedContent, today: date) -> Reloaded:
    """The new content of a directory if it can be used and passes the review, else the running one and why."""
    try:
        new = load(directory)
    except ContentFaults as refused:
        return Reloaded(current, refused.faults, changed=False)
    faults = review(new, today)
    if any(fault.blocks for fault in faults):
        return Reloaded(current, faults, changed=False)
    return Reloaded(new, faults, changed=True)


def _version(directory: Path) -> str:
    """A name for exactly these files: the same in every process and on every machine."""
    digest = hashlib.sha256()
    for path in sorted(directory.rglob("*.yaml")):
        digest.update(path.relative_to(directory).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
