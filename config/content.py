"""Content directories as values: read, checked and compiled, or refused with every fault at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from config.content_compiler import Compiler, ContentFaults
from config.content_files import read_files
from config.content_yaml import MOST_BYTES
from config.lexicon import read_lexicon
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

MOST_READS = 5  # of a directory that is being written while it is read
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
    for _ in range(MOST_READS):
        version = _version(where)
        loaded = _load(where, version)
        if _version(where) == version:
            return loaded
    changing = Fault(str(where), 0, "the files change while they are read", "Put them there in one step")
    raise ContentFaults((changing,))


@lru_cache(maxsize=2)
def _load(where: Path, version: str) -> LoadedContent:
    """What these files say, worked out once: it takes a second, and a new lexicon several."""
    files = read_files(where)
    lexicon, heard = read_lexicon(where)
    faults = (*files.faults, *heard)
    if faults or lexicon is None:
        raise ContentFaults(tuple(sorted(faults)))
    return Compiler(files).content(lexicon, version)


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
    """Every content file by its name, as it is written; of content that has been loaded, so all of it is text."""
    return {name: raw.decode() for name, raw in _bytes_of(directory).items()}


def version_of(files: Mapping[str, str]) -> str:
    """A name for exactly these files: the same in every process and on every machine."""
    return _named(_encoded(files))


def _version(directory: Path) -> str:
    return _named(_bytes_of(directory))


def _named(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + b"\0" + files[name] + b"\0")
    return digest.hexdigest()[:12]


def _bytes_of(directory: Path) -> Mapping[str, bytes]:
    """Every file's bytes; of one that is refused for its size only the size."""
    paths = sorted(directory.rglob("*.yaml"))
    sizes = {path: path.stat().st_size for path in paths}
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() if size <= MOST_BYTES else b"%d bytes" % size
        for path, size in sizes.items()
    }


def _encoded(files: Mapping[str, str]) -> Mapping[str, bytes]:
    return {name: text.encode() for name, text in files.items()}
