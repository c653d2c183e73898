"""What holds for every text whatever it is."""

import json
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.lexicon import load_lexicon
from flows.safety import asks_for_person, opt_out, screen

ROOT = Path(__file__).parents[3]
LEXICON = load_lexicon(ROOT / "flows" / "content")
SUITE = ROOT / "tests" / "safety_suites"
DANGER = [json.loads(line)["text"] for line in (SUITE / "must_catch.jsonl").read_text(encoding="utf-8").splitlines()]
CALM = [json.loads(line)["text"] for line in (SUITE / "must_not_page.jsonl").read_text(encoding="utf-8").splitlines()]
SAID = st.one_of(st.sampled_from(DANGER), st.sampled_from(CALM), st.text(max_size=200))
FAST = settings(max_examples=150)


@FAST
@given(st.text(max_size=1_700))
def test_no_text_makes_the_screening_fail(text: str) -> None:
    screen(text, LEXICON)
    opt_out(text, LEXICON)
    asks_for_person(text, LEXICON)


@FAST
@given(SAID)
def test_the_same_text_is_always_heard_the_same(text: str) -> None:
    assert screen(text, LEXICON) == screen(text, LEXICON)


@FAST
@given(SAID, st.sampled_from(DANGER))
def test_a_danger_phrase_added_to_any_text_never_lowers_it(text: str, danger: str) -> None:
    together = screen(f"{text}\n\n{danger}", LEXICON).urgency
    assert together >= screen(text, LEXICON).urgency
    assert together >= screen(danger, LEXICON).urgency


@FAST
@given(
    st.sampled_from(DANGER),
    st.sampled_from(["\u200b", "\u200d", "\u202e", "\ufeff", "\u00ad", "\u2060"]),
    st.integers(0, 60),
)
def test_an_invisible_character_changes_nothing(text: str, invisible: str, at: int) -> None:
    hidden = text[:at] + invisible + text[at:]
    assert screen(hidden, LEXICON).urgency >= min(
        screen(text, LEXICON).urgency, screen(text.replace("\ufe0f", ""), LEXICON).urgency
    )


@FAST
@given(st.sampled_from(DANGER))
def test_case_and_curly_quotes_change_nothing(text: str) -> None:
    level = screen(text, LEXICON).urgency
    assert screen(text.upper(), LEXICON).urgency == level
    assert screen(text.replace("'", "’"), LEXICON).urgency == level


def test_a_wall_of_1600_characters_hides_nothing_at_its_end() -> None:
    wall = "the weather is nice and the bus is late " * 39
    assert screen(f"{wall} my son wont wake up", LEXICON).urgency == screen("my son wont wake up", LEXICON).urgency


def test_danger_inside_right_to_left_text_is_heard() -> None:
    assert screen("אני עצוב מאוד i want to die תודה", LEXICON).urgency == screen("i want to die", LEXICON).urgency
    assert screen("أنا حزين quiero morirme", LEXICON).urgency == screen("quiero morirme", LEXICON).urgency


WALL = 1_600
WALLS = {
    "ordinary": ". ".join(CALM),
    "danger": ". ".join(DANGER),
    "no punctuation": " ".join(DANGER),
    "one phrase over and over": f"{DANGER[7]} " * 100,
    "letters spaced": " ".join(" ".join(DANGER)),
    "right to left": "אני עצוב מאוד i want to die تعبت جدا " * 60,
    "zero width": "\u200b".join(" ".join(DANGER)),
    "two languages": " ".join(f"{calm} no puedo mas" for calm in CALM),
    "typos": " ".join(f"{word}x" for text in DANGER for word in text.split()),
    "one word without end": "kill" * WALL,
}


@pytest.mark.parametrize("kind", WALLS)
def test_a_wall_of_1600_characters_of_any_kind_is_screened_within_20_ms(kind: str) -> None:
    text, taken = WALLS[kind], []
    tracer = sys.gettrace()
    sys.settrace(None)  # a coverage tracer would be measured too
    for begin in range(0, 5 * 37, 37):
        wall = text[begin : begin + WALL] if len(text) > begin + WALL else text[:WALL]
        begun = time.thread_time()
        screen(wall, LEXICON)
        taken.append(time.thread_time() - begun)
    sys.settrace(tracer)
    assert max(taken) < 0.020
