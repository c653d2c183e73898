"""Texts by id, language and channel: there is always one, numbers by name, digits spoken one by one."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.catalogue import Catalogue, Forms, Language, Number, placeholders_of, spoken
from flows.events import Channel
from flows.step import Prompt

CATALOGUE = Catalogue(
    default="en",
    languages={
        "en": Language("en", "English", "en-US", "Joanna"),
        "es": Language("es", "Español", "es-US", "Lupe"),
    },
    messages={
        "en": {
            "hello": Forms("Hello {name}.", "Good day {name}."),
            "only_english": Forms("Only here.", "Only here."),
            "numbers": Forms("{number:poison} or {number:none}", "{number:poison}"),
            "code": Forms("Case {spell:code}", "Case {spell:code}"),
            "line": Forms("We are {line:name}{line:none}.", "We are {line:name}."),
            "gap": Forms("Waiting {minutes} for {helper} now", "x"),
            "safe_fallback": Forms("Call 911.", "Call nine one one."),
        },
        "es": {"hello": Forms("Hola {name}.", "Buenos días {name}.")},
    },
    numbers={
        "poison": Number("1-800-222-1222", "Poison Control", "poison.org", "Ana", date(2026, 1, 1), date(2027, 1, 1))
    },
    line={"name": "Harbour Line"},
    examples={"name": "Maximiliana"},
)


def text(message: str, language: str = "en", channel: Channel = Channel.SMS, **params: str) -> str:
    return CATALOGUE.text(Prompt(message, language, params), channel)


def test_each_channel_has_its_own_form():
    assert text("hello", name="Ana") == "Hello Ana."
    assert text("hello", channel=Channel.VOICE, name="Ana") == "Good day Ana."


def test_the_language_asked_for_is_spoken():
    assert text("hello", "es", name="Ana") == "Hola Ana."


@pytest.mark.parametrize(("asked", "spoken"), [("es-MX", "Hola ."), ("fr", "Hello ."), ("", "Hello .")])
def test_a_language_falls_back_to_its_root_and_then_to_the_default_one(asked: str, spoken: str):
    assert text("hello", asked) == spoken


def test_a_message_missing_in_a_language_is_said_in_the_default_one():
    assert text("only_english", "es") == "Only here."


def test_a_message_nobody_has_becomes_the_safe_answer():
    assert text("no_such_message", "es", Channel.VOICE) == "Call nine one one."


def test_without_even_a_safe_answer_there_is_nothing_to_say():
    empty = Catalogue("en", CATALOGUE.languages, {"en": {}}, {}, {})
    assert empty.text(Prompt("hello", "en"), Channel.SMS) == ""


def test_a_number_is_texted_as_written_and_spoken_digit_by_digit():
    assert text("numbers").startswith("1-800-222-1222")
    assert text("numbers", channel=Channel.VOICE) == "1, 8 0 0, 2 2 2, 1 2 2 2"


def test_a_code_is_spelled_in_calls_only():
    assert text("code", code="7F3K") == "Case 7F3K"
    assert text("code", channel=Channel.VOICE, code="7F3K") == "Case 7 F 3 K"


def test_facts_about_the_line_are_filled_in():
    assert text("line") == "We are Harbour Line."


def test_a_value_nobody_gave_is_left_out_without_a_hole():
    assert text("gap") == "Waiting for now"


def test_a_value_that_looks_like_a_placeholder_is_not_filled_in_again():
    assert text("hello", name="{number:poison}") == "Hello {number:poison}."


def test_how_a_language_is_spoken_falls_back_like_its_texts():
    assert CATALOGUE.language("es-MX").voice == "Lupe"
    assert CATALOGUE.language("fr").tag == "en-US"


def test_examples_are_what_lengths_are_measured_with():
    assert CATALOGUE.example("Hello {name}.", Channel.SMS) == "Hello Maximiliana."


def test_the_placeholders_of_both_forms_are_known():
    assert Forms("{a} {number:b}", "{spell:c}").placeholders == {"a", "number:b", "spell:c"}
    assert placeholders_of("{a} {A} { b }") == {"a"}


@given(st.text(max_size=60))
def test_a_text_without_placeholders_is_said_as_it_is(words: str):
    plain = words.replace("{", "").replace("}", "")
    assert CATALOGUE.fill(plain, Channel.SMS, {}).split() == plain.split()


@given(st.from_regex(r"[0-9]{1,4}(-[0-9]{1,4}){0,3}", fullmatch=True))
def test_a_spoken_number_has_all_its_digits_in_order(dial: str):
    assert [c for c in spoken(dial, Channel.VOICE) if c.isdigit()] == [c for c in dial if c.isdigit()]
