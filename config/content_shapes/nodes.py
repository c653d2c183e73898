"""The shapes of `nodes/*.yaml`: questions, answers, what an answer does, and decisions."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from config.content_shapes.basics import Id, Ids, Key, Line, Shape, Target, UrgencyWord


class ConsentShape(Shape):
    """Stores how this caller may be reached."""

    consent: Literal["call_and_voicemail", "call_only", "text_only", "no_contact"]


class RememberShape(Shape):
    """Keeps a choice for this caller's next contacts."""

    remember: dict[Id, Line]


class SafeTimesShape(Shape):
    """Stores when it is safe to call this caller, by the names in line.yaml; none means at any time."""

    safe_times: list[Id]


_Plain = Literal[
    "withdraw", "forget", "opt_out", "opt_in", "use_number", "drop_recording", "text_this", "need_person", "helped",
    "not_helped",
]  # fmt: skip
Doing = _Plain | ConsentShape | SafeTimesShape | RememberShape


class ChoiceShape(Shape):
    """One answer a question understands."""

    key: Key = Field(description="The digit the message names.")
    also: list[Key] = Field(default=[], description="Further digits that mean the same.")
    words: Id | None = Field(default=None, description="A group of words.yaml: whole answers that mean this choice.")
    go: Target | Literal[""] = Field(default="", description="The node that follows.")
    value: Annotated[int, Field(ge=0, le=99)] | None = Field(default=None, description="What is stored as the answer.")
    says: Ids = Field(default=[], description="Messages said before going on.")
    level: UrgencyWord | None = Field(default=None, description="How urgent this answer makes the conversation.")
    script: Id | Literal[""] = Field(default="", description="The emergency script that goes out first.")
    does: list[Doing] = Field(default=[])


class SayShape(Shape):
    """Says something and goes on without waiting."""

    say: Ids
    go: Target


class AskShape(Shape):
    """Says something and waits for an answer."""

    ask: Ids
    choices: Annotated[list[ChoiceShape], Field(min_length=1)]
    again: Ids = Field(default=[], description="Said after silence or an answer not understood.")
    question: Id | Literal[""] = Field(default="", description="The name the answer is stored under.")
    several: bool = Field(default=False, description="Several digits may be given at once.")
    free: Literal["faq", "note", "number", "recording"] | None = None
    then: Target | Literal[""] = Field(default="", description="Where free text that was taken leads.")
    unclear_go: Target | Literal[""] = Field(
        default="", description="Where two unclear answers lead; else to a person."
    )
    digits: Annotated[int, Field(ge=1, le=20)] | None = Field(default=1, description="Most digits of a key press.")
    speaks: Id | Literal[""] = ""


class GaveShape(Shape):
    """True when one of these values was answered."""

    question: Id
    gave: list[int]


class UnansweredShape(Shape):
    """True when the question was asked and not answered."""

    unanswered: Id


class UrgencyShape(Shape):
    """True when the conversation is at least this urgent."""

    urgency: UrgencyWord


class RememberedShape(Shape):
    """True when this was remembered."""

    remembered: Id
    value: Line


class ChannelShape(Shape):
    """True on this channel."""

    channel: Literal["sms", "voice"]


class CaseShape(Shape):
    """True when the caller's case is in one of these states; "none" where there is no open case."""

    case: list[Literal["none", "open", "paging", "claimed", "bridging", "connected", "closed"]]


class OfficeShape(Shape):
    """True while this office of offices.yaml stands so; on a holiday it is closed too."""

    office: Id
    standing: Literal["open", "closed", "holiday"]


TestShape = GaveShape | UnansweredShape
ConditionShape = TestShape | UrgencyShape | RememberedShape | ChannelShape | CaseShape | OfficeShape


class BranchShape(Shape):
    """Goes to `go` when every condition holds."""

    when: Annotated[list[ConditionShape], Field(min_length=1)]
    go: Target


class DecideShape(Shape):
    """Says nothing; goes the way of the first branch that holds."""

    decide: list[BranchShape]
    otherwise: Target


class PersonShape(Shape):
    """Gets a human and holds the caller until one has them."""

    person: Ids
    urgency: UrgencyWord = "urgent"
    reason: Id = "asked"
    waiting: Ids = Field(default=[])
    states: dict[Literal["open", "paging", "claimed", "bridging", "connected", "closed"], Ids] = Field(default={})
    choices: list[ChoiceShape] = Field(default=[])
    on_hold: Ids = Field(default=[])


class EndShape(Shape):
    """Says something; the conversation is complete."""

    end: Ids


_KINDS = ("say", "ask", "decide", "person", "end")


def _kind(value: Any) -> str | None:
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((kind for kind in _KINDS if kind in given), None)


NodeShape = Annotated[
    Annotated[SayShape, Tag("say")]
    | Annotated[AskShape, Tag("ask")]
    | Annotated[DecideShape, Tag("decide")]
    | Annotated[PersonShape, Tag("person")]
    | Annotated[EndShape, Tag("end")],
    Discriminator(_kind),
]


class NodesFile(Shape):
    """A part of the conversation, drawn in one picture."""

    title: Line
    nodes: dict[Id, NodeShape]
