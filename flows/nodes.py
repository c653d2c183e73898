"""The nodes of a conversation as frozen data: what is said and asked, which answers there are, and where they lead.

`go` is the id of a node, or one of the words below, which begin with `@` as no node id does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from flows.events import Channel
from flows.hours import Office, Standing
from flows.step import Effect, Forget
from flows.triage import Test
from flows.urgency import Urgency

SAME = "@same"
"""Ask the present question again (said first: what the choice says)."""
BACK = "@back"
"""The question asked before this one; the menu when there is none."""
RESUME = "@resume"
"""The question the caller was at before the flow turned aside (welcome back, check-in); the menu when there is none."""


ByLanguage = Mapping[str, tuple[str, ...]]
NO_WORDS: ByLanguage = MappingProxyType({})


class Free(StrEnum):
    """What an answer is that matches no choice, where a question takes free text."""

    FAQ = "faq"  # looked up among the FAQ entries
    NOTE = "note"  # kept for staff (a CaseNote), then on to `unclear_go`
    NUMBER = "number"  # a telephone number to call back: remembered as {number}, then on to `then` to confirm it
    RECORDING = "recording"  # on a call: a spoken message is recorded; ask for agreement at the node before


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer a question understands.

    `keys` are digit strings; the first is the one the message names. `words` are whole answers per language.
    Chosen, in this order: the fixed `script` goes out, `level` is raised, `does` is done, `says` is said, then `go`.
    With a script and no `go` the script says where to go. `value` is what is stored under the question's name.
    """

    keys: tuple[str, ...]
    go: str = ""
    words: ByLanguage = field(default_factory=lambda: NO_WORDS)
    value: int | None = None
    says: tuple[str, ...] = ()
    level: Urgency | None = None
    script: str = ""
    does: tuple[Effect, ...] = ()

    @property
    def deletes(self) -> bool:
        """Whether this answer has everything about the caller deleted."""
        return any(isinstance(effect, Forget) for effect in self.does)


@dataclass(frozen=True, slots=True)
class Say:
    """Says something and goes on without waiting."""

    id: str
    say: tuple[str, ...]
    go: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Says something and waits for an answer.

    `again` is said instead of `say` after silence or an answer not understood (empty: `say` once more). After two of
    those the answer is stored as `None` and the flow goes to `unclear_go` (empty: the person node). `question` is the
    name the answer is stored under. `several` answers may be given at once (of the chosen, the first in content order
    says where to go); `digits` caps key presses on a call (None: until #). `speaks` overrides the caller's language
    for this node, for asking "shall we go on in Spanish?" in Spanish. `then` is where free text that was taken leads
    (empty: `unclear_go`).
    """

    id: str
    say: tuple[str, ...]
    choices: tuple[Choice, ...]
    again: tuple[str, ...] = ()
    question: str = ""
    several: bool = False
    free: Free | None = None
    unclear_go: str = ""
    digits: int | None = 1
    speaks: str = ""
    then: str = ""

    @property
    def guarded(self) -> bool:
        """Whether an answer to it is taken with a code only (`flows/deleting.py`)."""
        return any(choice.deletes for choice in self.choices)


@dataclass(frozen=True, slots=True)
class UrgencyIs:
    """True when the conversation's urgency is at least this."""

    at_least: Urgency


@dataclass(frozen=True, slots=True)
class Remembered:
    """True when the conversation's memory holds `value` under `what` ("consent", "danger", ...)."""

    what: str
    value: str


@dataclass(frozen=True, slots=True)
class On:
    """True on this channel."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class CaseIs:
    """True when the caller's case is in one of these states; "none" means that there is no open case."""

    states: frozenset[str]


@dataclass(frozen=True, slots=True)
class OfficeIs:
    """True while the office stands so; on a holiday it is closed too."""

    office: Office
    standing: Standing


Condition = Test | UrgencyIs | Remembered | On | CaseIs | OfficeIs


@dataclass(frozen=True, slots=True)
class Branch:
    """Goes to `go` when every condition holds."""

    when: tuple[Condition, ...]
    go: str


@dataclass(frozen=True, slots=True)
class Decide:
    """Says nothing; goes the way of the first branch that holds."""

    id: str
    branches: tuple[Branch, ...]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Person:
    """Asks for a human (opens or raises the caller's case) and holds the caller until one has them.

    `say` is said on arrival. While waiting, what the caller sends is kept for staff and answered with `states[state]`
    of the case, else `waiting`; both may use the placeholders {helper}, {tried} and {code}. `choices` are the keys
    alive meanwhile. `on_hold` is said between the music of a call, before the keys that every call on hold has.
    """

    id: str
    say: tuple[str, ...]
    urgency: Urgency = Urgency.URGENT
    reason: str = "asked"
    waiting: tuple[str, ...] = ()
    states: ByLanguage = field(default_factory=lambda: NO_WORDS)
    choices: tuple[Choice, ...] = ()
    on_hold: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """Says something; the conversation is complete. The next contact begins at the start."""

    id: str
    say: tuple[str, ...] = ()


Node = Say | Ask | Decide | Person | End
