"""The TwiML schema against what Twilio's own SDK can write: nothing of that may count as an error here."""

import inspect
from collections.abc import Iterator

import pytest
from twilio.twiml import TwiML, messaging_response, voice_response

from emulator.twiml.document import Dialect
from emulator.twiml.reading import read
from emulator.twiml.schema import NOT_PLAYED, SPECS

XML_NAMES = {"xmlLang": "xml:lang", "interpretAs": "interpret-as"}
BASE = {name for name, _ in inspect.getmembers(TwiML, inspect.isfunction)}


def instance(kind: type[TwiML]) -> TwiML:
    needed = [
        p
        for p in inspect.signature(kind).parameters.values()
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    return kind(*["x"] * len(needed))


def children(kind: type[TwiML]) -> Iterator[TwiML]:
    """Every element the SDK can put into one of this kind, with every attribute it offers."""
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if name in BASE or name.startswith("_"):
            continue
        offered = [p.name for p in inspect.signature(method).parameters.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
        yield method(instance(kind), **dict.fromkeys(offered[1:], "x"))


def written() -> list[tuple[str, str, tuple[str, ...]]]:
    """Parent, child and the child's attributes, for everything the SDK can write."""
    found = set()
    for module in (voice_response, messaging_response):
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if kind.__module__ != module.__name__:
                continue
            for child in children(kind):
                attributes = tuple(sorted(XML_NAMES.get(name, name) for name in child.attrs))
                found.add((instance(kind).name, child.name, attributes))
    return sorted(found)


WRITTEN = written()


def test_the_sdk_writes_a_good_many_elements():
    assert len(WRITTEN) > 80


@pytest.mark.parametrize(("parent", "child", "attributes"), WRITTEN, ids=[f"{row[0]}-{row[1]}" for row in WRITTEN])
def test_everything_the_sdk_can_write_is_known(parent, child, attributes):
    if child in NOT_PLAYED or parent in NOT_PLAYED:
        return
    assert sorted(set(attributes) - SPECS[child].attributes.keys()) == []
    if parent != "Response":
        assert child in SPECS[parent].children | NOT_PLAYED


@pytest.mark.parametrize("name", sorted(NOT_PLAYED))
def test_what_is_not_played_is_advice_and_no_error(name):
    document = read(f"<Response><{name}/><Say>hi</Say></Response>".encode(), Dialect.VOICE)
    assert [problem.code for problem in document.problems] == [0]
    assert [verb.name for verb in document.verbs] == ["Say"]


def test_a_name_in_the_wrong_case_is_told_how_it_is_spelt():
    document = read(b"<Response><gather/></Response>", Dialect.VOICE)
    assert [problem.text for problem in document.problems] == [
        "<gather> is no verb for voice TwiML; names are case-sensitive: <Gather>"
    ]
