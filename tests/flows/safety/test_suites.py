"""The authored suites: what must be caught, and ordinary talk that must not wake anyone."""

import json
from collections import Counter
from pathlib import Path

import pytest

from flows.safety import Danger, Lexicon, screen
from flows.urgency import Urgency

SUITES = Path(__file__).parents[2] / "safety_suites"


def suite(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (SUITES / name).read_text(encoding="utf-8").splitlines()]


def test_everything_that_must_be_caught_is_caught_at_its_level(lexicon: Lexicon) -> None:
    missed = [
        line["text"]
        for line in suite("must_catch.jsonl")
        if screen(line["text"], lexicon).urgency < Urgency.from_word(line["least"])
    ]
    assert missed == []


def test_must_catch_holds_at_least_two_hundred_texts_and_every_class() -> None:
    lines = suite("must_catch.jsonl")
    assert len({line["text"] for line in lines}) == len(lines) >= 200
    named = Counter(line["category"] for line in lines)
    for danger in Danger:
        assert named[danger.value] >= 2, danger


def test_ordinary_talk_pages_at_most_one_in_twenty_and_is_never_an_emergency(lexicon: Lexicon) -> None:
    lines = suite("must_not_page.jsonl")
    levels = {line["text"]: screen(line["text"], lexicon).urgency for line in lines}
    assert len(levels) == len(lines) >= 150
    assert [text for text, level in levels.items() if level is Urgency.EMERGENCY] == []
    paged = [text for text, level in levels.items() if level >= Urgency.URGENT]
    assert len(paged) <= 0.05 * len(lines), paged


def test_known_misses_are_listed_until_they_are_caught(lexicon: Lexicon) -> None:
    """docs/safety.md tells readers these are missed; a text that is now caught moves to must_catch.jsonl."""
    caught = [
        line["text"] for line in suite("known_misses.jsonl") if screen(line["text"], lexicon).urgency >= Urgency.URGENT
    ]
    assert caught == []


@pytest.mark.parametrize("name", sorted(path.name for path in (SUITES / "dev").glob("*.jsonl")))
def test_what_was_learnt_from_a_round_of_blind_texts_is_not_unlearnt(lexicon: Lexicon, name: str) -> None:
    """The figures that count are those before learning (docs/safety.md); these hold what came of it."""
    paged = {True: [], False: []}
    for line in suite(f"dev/{name}"):
        paged[bool(line["crisis"])].append(screen(line["text"], lexicon).urgency >= Urgency.URGENT)
    assert sum(paged[True]) >= 0.95 * len(paged[True])
    assert sum(paged[False]) <= 0.05 * len(paged[False])


def test_the_round_nothing_was_learnt_from_is_heard_as_well_as_the_document_says(lexicon: Lexicon) -> None:
    lines = suite("held_out/round_7.jsonl")
    paged = [(bool(line["crisis"]), screen(line["text"], lexicon).urgency >= Urgency.URGENT) for line in lines]
    assert paged.count((True, True)) >= 31
    assert paged.count((False, True)) <= 1
