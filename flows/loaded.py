"""Content as it was loaded: the flow, its texts, and where every part stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from flows.catalogue import Catalogue
from flows.definition import Flow


class Part(StrEnum):
    """What a place in the content files can hold."""

    NODE = "node"
    SCRIPT = "script"
    FAQ = "faq"
    NUMBER = "number"
    RULE = "rule"
    WORDS = "words"
    QUESTIONS = "questions"
    MESSAGE = "message"
    SETTING = "setting"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a content file."""

    file: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Vetted:
    """Something that states facts: what they rest on, when they were last compared with it, until when that counts."""

    part: Part
    id: str
    sources: tuple[str, ...]
    reviewed_on: date
    expires_on: date
    sign_off: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The nodes of one file, which are drawn in one picture."""

    name: str
    title: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoadedContent:
    """Everything a content directory says. `where` is keyed by part and id; of a message the id is "language/id"."""

    flow: Flow
    catalogue: Catalogue
    charts: tuple[Chart, ...]
    vetted: tuple[Vetted, ...]
    where: Mapping[tuple[Part, str], Place]

    def place(self, part: Part, name: str) -> Place:
        """Where a part stands; the content as a whole where that is not known."""
        return self.where.get((part, name), Place("content"))
