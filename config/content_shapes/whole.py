"""The shapes of `conversation.yaml`, `scripts.yaml`, `triage.yaml` and `faq.yaml`."""

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    Field,
    StringConstraints,
)

from config.content_shapes.basics import (
    About,
    Count,
    Id,
    Ids,
    Line,
    Lines_,
    Seconds,
    Shape,
    Target,
    UrgencyWord,
)
from config.content_shapes.nodes import TestShape


class CommandShape(Shape):
    """How something that works at every question is asked for."""

    keys: list[Annotated[str, StringConstraints(pattern=r"^([0-9]{1,2}|\*)$")]] = Field(
        default=[], description="Keys, where the question does not use them itself."
    )
    words: Id = Field(description="A group of words.yaml.")


class PlacesShape(Shape):
    """The nodes the engine itself goes to."""

    start: Id
    menu: Id
    person: Id
    exit: Id
    farewell: Id
    survey: Id
    landing: Id
    welcome_back: Id
    check: Id
    check_in: Id
    delete: Id


class LinesShape(Shape):
    """The messages the engine itself says."""

    stopped: Ids
    started: Ids
    texts_stopped: Ids
    stop_hint: Ids
    help: Ids
    more_time: Ids
    moved: Ids
    dropped: Ids
    not_understood: Ids
    too_long: Ids
    not_sure: Ids
    keep_case: Ids
    case_closed: Ids
    noted: Ids


class OffersShape(Shape):
    """How a caller answers, other than by number, when questions are offered."""

    yes: Id = Field(description="A group of words.yaml: yes, where only one was offered.")
    no: Id = Field(description="A group of words.yaml: none of them is meant.")
    say: Ids = Field(description="Said then; the menu follows.")
    enough: Id | Literal[""] = Field(default="", description="A group of words.yaml: nothing of the menu is wanted.")
    enough_say: Ids = Field(default=[], description="Said then; the question stays open.")


class ExpiryShape(Shape):
    """After how many seconds of nothing a conversation is over."""

    sms: Seconds
    voice: Seconds


class GuardsShape(Shape):
    """Limits that hand the caller to a person when tripped."""

    max_steps_per_turn: Count
    max_turns: Count


class ConversationFile(Shape):
    """How a conversation runs as a whole."""

    places: PlacesShape
    lines: LinesShape
    commands: dict[Literal["person", "menu", "back", "repeat", "help", "exit", "delete"], CommandShape]
    offers: OffersShape | None = Field(default=None, description="Answers to offered questions besides their numbers.")
    page_from: UrgencyWord
    expiry: ExpiryShape
    check_ins: list[Seconds] = Field(description="Seconds after an emergency script at which silence is asked about.")
    guards: GuardsShape
    moves: dict[Id, Id] = Field(default={}, description="Node of older content: the node that asks the same now.")


class ScriptShape(Shape):
    """The fixed words for one kind of danger."""

    say: Ids
    go: Target | Literal[""] = ""
    level: UrgencyWord
    check_in: bool = True


class ScriptsFile(Shape):
    """Every emergency script."""

    about: About
    scripts: dict[Id, ScriptShape]


class RuleShape(Shape):
    """A line of the decision table."""

    level: UrgencyWord
    when: Annotated[list[TestShape], Field(min_length=1)]
    why: Line


class TriageFile(Shape):
    """The decision table; the highest rule that holds decides."""

    about: About
    questions: list[Id]
    rules: list[RuleShape]


class FaqShape(Shape):
    """One question the line answers by itself."""

    answer: Ids
    offer: Id = Field(description="The message that names this entry, with {key}, when several fit.")
    go: Target = "@same"
    about: Id | None = Field(default=None, description="A group of words.yaml; a sure match needs one of them.")
    sources: Lines_
    reviewed_on: date
    expires_on: date


class FaqFile(Shape):
    """Every question the line answers by itself."""

    sign_off: Line
    faq: dict[Id, FaqShape]
