"""What a helpline says, as frozen data: the one value `step` walks. Content files are compiled into it.

Nothing here knows what the helpline is about. Message ids are looked up by the channels, node ids only by the engine.
The nodes themselves are in `flows.nodes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from flows.events import Channel
from flows.nodes import NO_WORDS, SAME, Ask, ByLanguage, Decide, End, Node, Person, Say
from flows.safe_times import SafeTime
from flows.triage import Table
from flows.urgency import Urgency

if TYPE_CHECKING:
    from flows.safety import Lexicon


@dataclass(frozen=True, slots=True)
class Script:
    """The fixed words for one kind of danger, said before anything else.

    `go` is the follow-up node; empty repeats the present question. `level` is the least urgency that follows.
    `check_in` says that silence afterwards is asked about (see `CheckIns`).
    """

    id: str
    say: tuple[str, ...]
    go: str = ""
    level: Urgency = Urgency.URGENT
    check_in: bool = True


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """One question the line answers by itself: how people put it (`forms`, per language), and what it answers.

    `offer` is a message naming the entry with the placeholder {key}, for when two or three entries fit. `about` are
    words of which a question must have one to be surely this one (empty: none): what is true of one thing is not of
    another, however alike the questions are.
    """

    id: str
    say: tuple[str, ...]
    forms: ByLanguage
    offer: str
    go: str = SAME
    about: ByLanguage = field(default_factory=lambda: NO_WORDS)


@dataclass(frozen=True, slots=True)
class Offers:
    """How a caller says yes to the only question offered, or no to all that were; then `say` and the menu follow.

    `enough` is said to a menu by who wants nothing of it, answered with `enough_say`.
    """

    yes: ByLanguage = field(default_factory=lambda: NO_WORDS)
    no: ByLanguage = field(default_factory=lambda: NO_WORDS)
    say: tuple[str, ...] = ()
    enough: ByLanguage = field(default_factory=lambda: NO_WORDS)
    enough_say: tuple[str, ...] = ()


class Command(StrEnum):
    """What a caller can ask for at every question that has not given the key another meaning."""

    PERSON = "person"
    MENU = "menu"
    BACK = "back"
    REPEAT = "repeat"
    HELP = "help"
    EXIT = "exit"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class CommandWords:
    """How a command is given: `keys` where the question does not use them, `words` always (whole answer)."""

    command: Command
    keys: tuple[str, ...] = ()
    words: ByLanguage = field(default_factory=lambda: NO_WORDS)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language: the words that ask for it, and what is needed to read answers written in it.

    `marks` are everyday words that give the language away; `confirm` is an Ask node that speaks it and asks whether
    to go on in it (empty: never guessed). `numbers` reads "one" as "1"; `polite` words around an answer mean nothing
    ("please", "option"); `joins` stand between two answers ("and"); `turns` are the words after which "no" is no
    longer a no ("but"). All lower case, without accents or apostrophes (see `reading.plain`).
    """

    code: str
    words: tuple[str, ...]
    marks: frozenset[str] = frozenset()
    confirm: str = ""
    numbers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    polite: frozenset[str] = frozenset()
    joins: frozenset[str] = frozenset()
    turns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Places:
    """The nodes the engine itself goes to."""

    start: str  # a fresh conversation; must come to an Ask
    menu: str  # Ask: the "menu" command, and BACK with nowhere to go
    person: str  # Person: asked for, or the way out of anything that failed
    exit: str  # End: the quick exit's neutral words
    farewell: str  # End: to a caller who was helped and says nothing more
    survey: str  # Ask: by text, after staff have closed the case: did it help?
    landing: str  # Ask: for sessions whose node is gone; says so
    welcome_back: str  # Ask: "continue where you were? 1 yes 2 start again"
    check: str  # Ask: the first direct danger question, when a text might mean danger
    check_in: str  # Ask: "Reply 1 if you are safe"
    delete: str  # to an Ask: "delete everything we hold?"; an answer that deletes is taken with its code only


PLACE_KINDS: Mapping[str, tuple[type[Node], ...]] = MappingProxyType(
    {
        "start": (Say, Ask, Decide),
        "menu": (Ask,),
        "person": (Person,),
        "exit": (End,),
        "farewell": (End,),
        "survey": (Ask,),
        "landing": (Ask,),
        "welcome_back": (Ask,),
        "check": (Ask,),
        "check_in": (Ask,),
        "delete": (Ask, Decide),
    }
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The messages the engine itself says."""

    stopped: tuple[str, ...]  # after an opt-out; the one confirmation
    started: tuple[str, ...]  # texts are on again
    texts_stopped: tuple[str, ...]  # a human is needed, and the caller has stopped our texts
    stop_hint: tuple[str, ...]  # danger and opt-out in one text: script first, then how to stop
    help: tuple[str, ...]  # HELP / "help": what this is, 911, 988, how to reach a person
    more_time: tuple[str, ...]  # `*` on a call: take your time
    moved: tuple[str, ...]  # the menu has changed since you last wrote
    dropped: tuple[str, ...]  # neutral text after a call that dropped mid-triage
    not_understood: tuple[str, ...]  # two answers not understood: getting a person
    too_long: tuple[str, ...]  # a guard tripped: getting a person
    not_sure: tuple[str, ...]  # before two or three FAQ offers
    keep_case: tuple[str, ...]  # "I no longer need a call" while in danger: staff will still look
    case_closed: tuple[str, ...]  # staff have closed the case this caller was waiting on
    noted: tuple[str, ...]  # a free-text note was kept for staff


@dataclass(frozen=True, slots=True)
class CheckIns:
    """When silence after a danger script is asked about, counted from the script."""

    after: tuple[timedelta, ...] = (timedelta(minutes=2), timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class Guards:
    """Limits that hand the caller to a person when tripped, never an error."""

    max_steps_per_turn: int = 20
    max_turns: int = 200


@dataclass(frozen=True, slots=True)
class Flow:
    """Everything a conversation can say and do. `version` is the hash of the content it was compiled from.

    `page_from` is the least urgency at which triage asks for a human by itself. `moves` maps nodes of older content to
    the node that asks the same thing now (`{"q1": "q1"}` promises that the new q1 can read an answer to the old one).
    `safe_times` are the times of day a caller can call safe.

    Raises:
        ValueError: a place names no node, or one of the wrong kind (the engine could then strand a caller).

    """

    version: str
    nodes: Mapping[str, Node]
    places: Places
    lines: Lines
    tongues: tuple[Tongue, ...]  # the first is the default
    lexicon: "Lexicon" = field(repr=False)  # thousands of phrases
    commands: tuple[CommandWords, ...] = ()
    scripts: Mapping[str, Script] = field(default_factory=lambda: MappingProxyType({}))
    triage: Table = field(default_factory=Table)
    page_from: Urgency = Urgency.SOON
    faq: tuple[FaqEntry, ...] = ()
    offers: Offers = field(default_factory=Offers)
    expiry: Mapping[Channel, timedelta] = field(
        default_factory=lambda: MappingProxyType({Channel.SMS: timedelta(hours=4), Channel.VOICE: timedelta(minutes=5)})
    )
    check_ins: CheckIns = field(default_factory=CheckIns)
    guards: Guards = field(default_factory=Guards)
    moves: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    safe_times: Mapping[str, SafeTime] = field(default_factory=lambda: MappingProxyType({}))
    asides: frozenset[str] = field(init=False, repr=False, compare=False)
    """Nodes the engine turns aside to; they are neither gone back to nor resumed."""

    def __post_init__(self) -> None:
        """Refuse a flow whose places are not there: everything that fails at run time goes to one of them."""
        for place, kinds in PLACE_KINDS.items():
            node = self.nodes.get(getattr(self.places, place))
            if type(node) not in kinds:
                raise ValueError(f"places.{place} must name {kinds}; {getattr(self.places, place)!r} is {node!r}")
        object.__setattr__(self, "asides", self._asides())  # once: every answer asks

    def _asides(self) -> frozenset[str]:
        places = self.places
        confirms = {tongue.confirm for tongue in self.tongues}
        deletions = {node.id for node in self.nodes.values() if isinstance(node, Ask) and node.guarded}
        return frozenset({places.welcome_back, places.check_in, places.delete, places.landing, *confirms, *deletions})

    @property
    def start(self) -> str:
        """The node every fresh conversation begins at."""
        return self.places.start

    @property
    def language(self) -> str:
        """The language spoken until the caller chooses another."""
        return self.tongues[0].code

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language the content is written in."""
        return tuple(tongue.code for tongue in self.tongues)
