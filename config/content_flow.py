"""Checked content files as the frozen values of `flows`: nodes, scripts, table, FAQ, languages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import time, timedelta
from types import MappingProxyType
from typing import assert_never, get_args
from zoneinfo import ZoneInfo

from config import content_shapes as shapes
from flows.catalogue import Forms
from flows.definition import Command, CommandWords, FaqEntry, Lines, Offers, Places, Script, Tongue
from flows.events import Channel
from flows.hours import Office, Span, Standing
from flows.nodes import (
    Ask,
    Branch,
    ByLanguage,
    CaseIs,
    Choice,
    Condition,
    Decide,
    End,
    Free,
    Node,
    OfficeIs,
    On,
    Person,
    Remembered,
    Say,
    UrgencyIs,
)
from flows.reading import plain
from flows.safe_times import SafeTime
from flows.step import (
    AskForPerson,
    Consent,
    DropRecording,
    Effect,
    Forget,
    GiveConsent,
    GiveSafeTimes,
    OptIn,
    OptOut,
    Rate,
    Remember,
    TextThis,
    UseNumber,
    Withdraw,
)
from flows.triage import Gave, Rule, Table, Test, Unanswered
from flows.urgency import Urgency

_WEEKDAYS = get_args(shapes.Weekday)


class Words:
    """The groups of words of every language."""

    def __init__(self, by_language: Mapping[str, Mapping[str, Iterable[str]]]) -> None:
        self._by_language = by_language

    def group(self, name: str | None) -> ByLanguage:
        """One group, per language that has it; nothing for no name."""
        if name is None:
            return MappingProxyType({})
        found = {code: groups[name] for code, groups in self._by_language.items() if name in groups}
        return MappingProxyType({code: tuple(word.lower() for word in words) for code, words in found.items()})


def node(name: str, shape: shapes.NodeShape, words: Words, offices: Mapping[str, Office]) -> Node:
    """The node a content file describes; the offices it asks about must be there."""
    match shape:
        case shapes.SayShape():
            return Say(name, tuple(shape.say), shape.go)
        case shapes.AskShape():
            return _ask(name, shape, words)
        case shapes.DecideShape():
            return Decide(name, tuple(_branch(one, offices) for one in shape.decide), shape.otherwise)
        case shapes.PersonShape():
            return _person(name, shape, words)
        case shapes.EndShape():
            return End(name, tuple(shape.end))
        case _:
            assert_never(shape)


def office(name: str, shape: shapes.OfficeHours) -> Office:
    """When an office is open."""
    weekly = {_WEEKDAYS.index(day): tuple(_span(span) for span in spans) for day, spans in shape.open.items()}
    return Office(name, ZoneInfo(shape.zone), MappingProxyType(weekly), frozenset(shape.holidays))


def offices_named(shape: shapes.NodeShape) -> Iterator[str]:
    """The offices a node asks about."""
    branches = shape.decide if isinstance(shape, shapes.DecideShape) else ()
    yield from (one.office for branch in branches for one in branch.when if isinstance(one, shapes.OfficeShape))


def safe_times(shape: shapes.TimesOfDay | None) -> Mapping[str, SafeTime]:
    """The times of day a caller can call safe."""
    spans = {} if shape is None else {name: span.split("-") for name, span in shape.spans.items()}
    zone = "" if shape is None else shape.zone
    return MappingProxyType({name: SafeTime(opens, closes, zone) for name, (opens, closes) in spans.items()})


def safe_times_named(shape: shapes.NodeShape) -> Iterator[str]:
    """The safe times that a node's answers name."""
    choices = shape.choices if isinstance(shape, shapes.AskShape | shapes.PersonShape) else ()
    given = (one for choice in choices for one in choice.does if isinstance(one, shapes.SafeTimesShape))
    yield from (name for one in given for name in one.safe_times)


def _span(written: str) -> Span:
    opens, closes = (time.fromisoformat(part) for part in written.split("-"))
    return Span(opens, closes)


def script(name: str, shape: shapes.ScriptShape) -> Script:
    """An emergency script."""
    return Script(name, tuple(shape.say), shape.go, Urgency.from_word(shape.level), shape.check_in)


def table(shape: shapes.TriageFile) -> Table:
    """The decision table."""
    rules = (Rule(Urgency.from_word(r.level), tuple(_test(t) for t in r.when), r.why) for r in shape.rules)
    return Table(tuple(shape.questions), tuple(rules))


def faq_entry(name: str, shape: shapes.FaqShape, forms: Mapping[str, Iterable[str]], words: Words) -> FaqEntry:
    """A question the line answers by itself, with how people put it in each language."""
    by_language = {code: tuple(form.lower() for form in said) for code, said in forms.items()}
    about = words.group(shape.about)
    return FaqEntry(name, tuple(shape.answer), MappingProxyType(by_language), shape.offer, shape.go, about)


def commands(shape: shapes.ConversationFile, words: Words) -> tuple[CommandWords, ...]:
    """How the commands are given."""
    given = shape.commands.items()
    return tuple(CommandWords(Command(name), tuple(one.keys), words.group(one.words)) for name, one in given)


def offers(shape: shapes.OffersShape | None, words: Words) -> Offers:
    """How offered questions are answered, besides by number."""
    if shape is None:
        return Offers()
    enough = words.group(shape.enough), tuple(shape.enough_say)
    return Offers(words.group(shape.yes), words.group(shape.no), tuple(shape.say), *enough)


def places(shape: shapes.PlacesShape) -> Places:
    """The nodes the engine goes to by itself."""
    return Places(**shape.model_dump())


def lines(shape: shapes.LinesShape) -> Lines:
    """The messages the engine says by itself."""
    return Lines(**{name: tuple(messages) for name, messages in shape.model_dump().items()})


def tongue(code: str, shape: shapes.LanguageFile) -> Tongue:
    """A language as the engine knows it."""
    numbers = {plain(word): key for key, said in shape.numbers.items() for word in said}
    return Tongue(
        code=code,
        words=tuple(word.lower() for word in shape.words),
        marks=_plain(shape.marks),
        confirm=confirm_id(code) if shape.marks else "",
        numbers=MappingProxyType(numbers),
        polite=_plain(shape.polite),
        joins=_plain(shape.joins),
        turns=_plain(shape.turns),
    )


def confirm_id(code: str) -> str:
    """The node that asks whether to go on in a language that was guessed."""
    return f"confirm_{code}"


def confirm_node(code: str, words: Words) -> Ask:
    """Asks, in the language guessed, whether to go on in it."""
    yes = Choice(("1",), "@resume", words.group("yes"), does=(Remember("language", code),))
    no = Choice(("2",), "@resume", words.group("no"))
    return Ask(confirm_id(code), ("confirm_language",), (yes, no), unclear_go="@resume", speaks=code)


def with_language(menu: Ask, code: str, shape: shapes.LanguageFile) -> Ask:
    """The main menu with the key of one language more."""
    choice = Choice((shape.key,), "@same", does=(Remember("language", code),))
    return replace(menu, choices=(*menu.choices, choice))


def forms(shape: shapes.OneText | shapes.FormsShape) -> Forms:
    """Both forms of a message; a lone text serves both."""
    if isinstance(shape, shapes.OneText):
        return Forms(shape.text, shape.text)
    return Forms(shape.sms, shape.voice)


def seconds(amount: float) -> timedelta:
    """A duration written in seconds."""
    return timedelta(seconds=amount)


def _ask(name: str, shape: shapes.AskShape, words: Words) -> Ask:
    return Ask(
        id=name,
        say=tuple(shape.ask),
        choices=tuple(_choice(one, words) for one in shape.choices),
        again=tuple(shape.again),
        question=shape.question,
        several=shape.several,
        free=None if shape.free is None else Free(shape.free),
        unclear_go=shape.unclear_go,
        digits=shape.digits,
        speaks=shape.speaks,
        then=shape.then,
    )


def _person(name: str, shape: shapes.PersonShape, words: Words) -> Person:
    return Person(
        id=name,
        say=tuple(shape.person),
        urgency=Urgency.from_word(shape.urgency),
        reason=shape.reason,
        waiting=tuple(shape.waiting),
        states=MappingProxyType({state: tuple(messages) for state, messages in shape.states.items()}),
        choices=tuple(_choice(one, words) for one in shape.choices),
        on_hold=tuple(shape.on_hold),
    )


def _choice(shape: shapes.ChoiceShape, words: Words) -> Choice:
    return Choice(
        keys=(shape.key, *shape.also),
        go=shape.go,
        words=words.group(shape.words),
        value=shape.value,
        says=tuple(shape.says),
        level=None if shape.level is None else Urgency.from_word(shape.level),
        script=shape.script,
        does=tuple(_effects(shape.does)),
    )


def _effects(doing: Iterable[shapes.Doing]) -> Iterator[Effect]:  # noqa: C901, PLR0912  one line for each effect
    for one in doing:
        match one:
            case "withdraw":
                yield Withdraw()
            case "forget":
                yield Forget()
            case "opt_out":
                yield OptOut()
            case "opt_in":
                yield OptIn()
            case "use_number":
                yield UseNumber()
            case "text_this":
                yield TextThis()
            case "helped" | "not_helped":
                yield Rate(one == "helped")
            case "need_person":
                yield AskForPerson()
            case "drop_recording":
                yield DropRecording()
            case shapes.ConsentShape():
                yield GiveConsent(Consent(one.consent))
            case shapes.SafeTimesShape():
                yield GiveSafeTimes(tuple(one.safe_times))
            case shapes.RememberShape():
                yield from (Remember(what, value) for what, value in one.remember.items())
            case _:
                assert_never(one)


def _branch(shape: shapes.BranchShape, offices: Mapping[str, Office]) -> Branch:
    return Branch(tuple(_condition(one, offices) for one in shape.when), shape.go)


def _condition(shape: shapes.ConditionShape, offices: Mapping[str, Office]) -> Condition:
    match shape:
        case shapes.GaveShape() | shapes.UnansweredShape():
            return _test(shape)
        case shapes.UrgencyShape():
            return UrgencyIs(Urgency.from_word(shape.urgency))
        case shapes.RememberedShape():
            return Remembered(shape.remembered, shape.value)
        case shapes.ChannelShape():
            return On(Channel(shape.channel))
        case shapes.OfficeShape():
            return OfficeIs(offices[shape.office], Standing(shape.standing))
        case shapes.CaseShape():
            return CaseIs(frozenset(shape.case))
        case _:
            assert_never(shape)


def _test(shape: shapes.TestShape) -> Test:
    if isinstance(shape, shapes.GaveShape):
        return Gave(shape.question, frozenset(shape.gave))
    return Unanswered(shape.unanswered)


def _plain(words: Iterable[str]) -> frozenset[str]:
    """Words as the engine compares them."""
    return frozenset(plain(word) for word in words)
