"""The shape of every content file, as pydantic checks it and as the exported JSON Schema tells editors.

A description stands where a counsellor may wonder; it becomes the editor's hint.
"""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Target = Annotated[str, StringConstraints(pattern=r"^(@same|@back|@resume|[a-z][a-z0-9_]{0,39})$")]
Key = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=1200)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=300)]
Seconds = Annotated[float, Field(gt=0, le=30 * 86_400)]
UrgencyWord = Literal["routine", "soon", "urgent", "emergency"]
Count = Annotated[int, Field(ge=1, le=1000)]


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Ids = Annotated[list[Id], BeforeValidator(_as_list)]
Lines_ = Annotated[list[Line], BeforeValidator(_as_list)]


class Shape(BaseModel):
    """A map with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class About(Shape):
    """What a file that states facts rests on."""

    sources: Lines_ = Field(description="Where the facts come from, so that anyone can check them.")
    reviewed_on: date = Field(description="The day the file was last compared with its sources.")
    expires_on: date = Field(description="The day from which it must be compared again.")
    sign_off: Line = Field(description="Who must sign the file off, or who did.")


# --- line.yaml, numbers.yaml -----------------------------------------------------------------------------------------


Hours = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$")]


def _a_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError) as unknown:
        raise ValueError(f"there is no time zone {value!r}") from unknown
    return value


Zone = Annotated[str, AfterValidator(_a_zone)]


class TimesOfDay(Shape):
    """Times of day that a caller can call safe."""

    zone: Zone = Field(description="The clock they are told by.")
    spans: dict[Id, Hours]


class LineFile(Shape):
    """This helpline's own facts."""

    default_language: Id = Field(description="The folder of messages/ a caller is greeted in.")
    facts: dict[Id, Line] = Field(description="Used in messages as {line:name}.")
    examples: dict[Id, Line] = Field(
        description="The longest value each {placeholder} can have; lengths are measured with these."
    )
    safe_times: TimesOfDay | None = Field(default=None, description="Times a caller can call safe for being called.")


class NumberShape(Shape):
    """A hotline number."""

    dial: Annotated[str, StringConstraints(pattern=r"^[0-9](-?[0-9])*$")] = Field(description="As it is dialled.")
    service: Line
    source: Line
    owner: Line = Field(description="Who at this helpline checks that the number still works.")
    checked_on: date
    expires_on: date


class NumbersFile(Shape):
    """Every hotline number, in one place."""

    numbers: dict[Id, NumberShape] = Field(description="Used in messages as {number:name}.")


# --- offices.yaml ----------------------------------------------------------------------------------------------------

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class OfficeHours(Shape):
    """One office."""

    zone: Zone = Field(description="The clock on its wall, like America/New_York.")
    open: dict[Weekday, list[Hours]] = Field(description="Spans such as 08:00-17:00; 22:00-06:00 ends the next day.")
    holidays: list[date] = Field(default=[], description="Days on which it stays closed.")


class OfficesFile(Shape):
    """When each office is open. Without this file no office is known."""

    offices: dict[Id, OfficeHours]


# --- nodes/*.yaml ----------------------------------------------------------------------------------------------------


class ConsentShape(Shape):
    """Stores how this caller may be reached."""

    consent: Literal["call_and_voicemail", "call_only", "text_only", "no_contact"]


class RememberShape(Shape):
    """Keeps a choice for this caller's next contacts."""

    remember: dict[Id, Line]


class SafeTimesShape(Shape):
    """Stores when it is safe to call this caller, by the names in line.yaml; none means at any time."""

    safe_times: list[Id]


_Plain = Literal["withdraw", "forget", "opt_out", "opt_in", "use_number", "drop_recording", "text_this", "need_person"]
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
    does: list[Doing] = []


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
    waiting: Ids = []
    states: dict[Literal["open", "paging", "claimed", "bridging", "connected", "closed"], Ids] = {}
    choices: list[ChoiceShape] = []


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


# --- conversation.yaml, scripts.yaml, triage.yaml, faq.yaml ----------------------------------------------------------


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


# --- messages/<language>/*.yaml --------------------------------------------------------------------------------------


class LanguageFile(Shape):
    """A language."""

    name: Line = Field(description="What it calls itself.")
    tag: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    voice: Line = Field(description="The Twilio voice that speaks it.")
    key: Key = Field(description="The digit that chooses it in the main menu.")
    words: list[Line] = Field(description="Whole answers that ask for it, at any time.")
    marks: list[Line] = Field(default=[], description="Everyday words that no other language here uses.")
    numbers: dict[Key, list[Line]] = Field(default={}, description="Words for numbers, by the digit they mean.")
    polite: list[Line] = Field(default=[], description="Words around an answer that mean nothing.")
    joins: list[Line] = Field(default=[], description="Words between two answers.")
    turns: list[Line] = Field(default=[], description="Words after which a no is no longer a no.")


class WordsFile(Shape):
    """What people say for each answer."""

    words: dict[Id, Annotated[list[Line], Field(min_length=1)]]


class QuestionsFile(Shape):
    """How people put the FAQ's questions."""

    questions: dict[Id, Annotated[list[Line], Field(min_length=1)]]


class FormsShape(Shape):
    """A message as it is texted and as it is spoken."""

    sms: Text
    voice: Text


class OneText(Shape):
    """A message that is texted and spoken alike."""

    text: Text


class LikeShape(Shape):
    """A message with the words of another one."""

    like: Id


def _form(value: Any) -> str:
    given = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((form for form in ("text", "like") if form in given), "forms")


MessageShape = Annotated[
    Annotated[OneText, Tag("text")] | Annotated[LikeShape, Tag("like")] | Annotated[FormsShape, Tag("forms")],
    Discriminator(_form),
]


class MessagesFile(Shape):
    """Texts in one language."""

    about: About | None = Field(default=None, description="Needed where the file states facts about health or drugs.")
    messages: dict[Id, MessageShape]
