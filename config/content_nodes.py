"""Checked content files as nodes: what is said, what is asked, and what an answer does."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import assert_never

from config import content_shapes as shapes
from config.content_words import Words
from flows.events import Channel
from flows.hours import Office, Standing
from flows.nodes import (
    Ask,
    Branch,
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
from flows.triage import Gave, Test, Unanswered
from flows.urgency import Urgency


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


def offices_named(shape: shapes.NodeShape) -> Iterator[str]:
    """The offices a node asks about."""
    branches = shape.decide if isinstance(shape, shapes.DecideShape) else ()
    yield from (one.office for branch in branches for one in branch.when if isinstance(one, shapes.OfficeShape))


def safe_times_named(shape: shapes.NodeShape) -> Iterator[str]:
    """The safe times that a node's answers name."""
    choices = shape.choices if isinstance(shape, shapes.AskShape | shapes.PersonShape) else ()
    given = (one for choice in choices for one in choice.does if isinstance(one, shapes.SafeTimesShape))
    yield from (name for one in given for name in one.safe_times)


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
            return test_of(shape)
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


def test_of(shape: shapes.TestShape) -> Test:
    """What a rule or a branch asks of the answers."""
    if isinstance(shape, shapes.GaveShape):
        return Gave(shape.question, frozenset(shape.gave))
    return Unanswered(shape.unanswered)
