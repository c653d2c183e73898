"""Checked content files as the frozen values of `flows`: scripts, table, FAQ, languages. Nodes: `content_nodes`."""

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from types import MappingProxyType
from typing import get_args
from zoneinfo import ZoneInfo

from config import content_shapes as shapes
from config.content_nodes import confirm_id, test_of
from config.content_words import Words
from flows.catalogue import Forms
from flows.definition import Command, CommandWords, FaqEntry, Lines, Offers, Places, Script, Tongue
from flows.hours import Office, Span
from flows.reading import plain
from flows.safe_times import SafeTime
from flows.triage import Rule, Table
from flows.urgency import Urgency

_WEEKDAYS = get_args(shapes.Weekday)


def office(name: str, shape: shapes.OfficeHours) -> Office:
    """When an office is open."""
    weekly = {_WEEKDAYS.index(day): tuple(_span(span) for span in spans) for day, spans in shape.open.items()}
    return Office(name, ZoneInfo(shape.zone), MappingProxyType(weekly), frozenset(shape.holidays))


def safe_times(shape: shapes.TimesOfDay | None) -> Mapping[str, SafeTime]:
    """The times of day a caller can call safe."""
    spans = {} if shape is None else {name: span.split("-") for name, span in shape.spans.items()}
    zone = "" if shape is None else shape.zone
    return MappingProxyType({name: SafeTime(opens, closes, zone) for name, (opens, closes) in spans.items()})


def _span(written: str) -> Span:
    opens, closes = (time.fromisoformat(part) for part in written.split("-"))
    return Span(opens, closes)


def script(name: str, shape: shapes.ScriptShape) -> Script:
    """An emergency script."""
    return Script(name, tuple(shape.say), shape.go, Urgency.from_word(shape.level), shape.check_in)


def table(shape: shapes.TriageFile) -> Table:
    """The decision table."""
    rules = (Rule(Urgency.from_word(r.level), tuple(test_of(t) for t in r.when), r.why) for r in shape.rules)
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


def forms(shape: shapes.OneText | shapes.FormsShape) -> Forms:
    """Both forms of a message; a lone text serves both."""
    if isinstance(shape, shapes.OneText):
        return Forms(shape.text, shape.text)
    return Forms(shape.sms, shape.voice)


def seconds(amount: float) -> timedelta:
    """A duration written in seconds."""
    return timedelta(seconds=amount)


def _plain(words: Iterable[str]) -> frozenset[str]:
    """Words as the engine compares them."""
    return frozenset(plain(word) for word in words)
