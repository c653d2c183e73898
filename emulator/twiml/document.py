"""A TwiML document as read: its verbs, where it came from, and what is wrong with it."""

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urljoin


class Dialect(Enum):
    """Where a document is run, which decides what it may contain."""

    VOICE = "voice"
    MESSAGING = "messaging"
    SCREEN = "screen"  # <Number url>: on the called leg, before the parties are joined
    CONFERENCE_WAIT = "conference wait"
    QUEUE_WAIT = "queue wait"


@dataclass(frozen=True, slots=True)
class Element:
    """A verb or noun. `text` is all text inside it, with that of nested markup."""

    name: str
    attributes: dict[str, str]
    children: tuple["Element", ...]
    text: str

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.attributes.get(name)
        return default if value is None else value == "true"

    def number(self, name: str, default: int) -> int:
        """Return a whole-number attribute, or `default` where it is missing or no number."""
        value = self.attributes.get(name, "")
        return int(value) if value.isascii() and value.isdigit() else default


@dataclass(frozen=True, slots=True)
class Problem:
    """Something Twilio would refuse: its error code, and what and where. Code 0 marks advice of our own."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """TwiML ready to run. `url` is None for TwiML given inline in a REST request."""

    verbs: tuple[Element, ...]
    dialect: Dialect
    url: str | None = None
    method: str = "POST"
    problems: tuple[Problem, ...] = field(default=())

    def resolve(self, reference: str) -> str:
        """Return `reference` as an absolute URL, or as it is where there is no base to resolve it by."""
        return urljoin(self.url, reference) if self.url else reference


class NoDocument(Exception):
    """There is no TwiML to run: Twilio's error code and text."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text
