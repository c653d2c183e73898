"""What staff mean."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.codes import code_of
from flows.staff_words import (
    About,
    Again,
    CallNow,
    Claim,
    Done,
    DoneHow,
    Give,
    Help,
    Off,
    On,
    Pass,
    Show,
    Stop,
    Who,
    Words,
    parse,
    press,
)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("1", Claim()),
        (" 1. ", Claim()),
        ("1 7f3k", Claim("7F3K")),
        ("17F3K", Claim("7F3K")),
        ("take 7F3K!", Claim("7F3K")),
        ("Take 7f 3k", Claim("7F3K")),
        ("claim", Claim()),
        ("2", Pass()),
        ("2 7F3K", Pass("7F3K")),
        ("PASS", Pass()),
        ("pass, 7F3K", Pass("7F3K")),
        ("DONE 7F3K 2", Done("7F3K", 2)),
        ("done 2 7f3k", Done("7F3K", 2)),
        ("done 4", Done(None, 4)),
        ("DONE 7F3K", DoneHow("7F3K")),
        ("done", DoneHow()),
        ("DONE 7F3K 5", Words("DONE 7F3K 5")),
        ("done with that", Words("done with that")),
        ("give 7F3K Ben", Give("7F3K", "Ben")),
        ("GIVE 7F3K Ana Maria", Give("7F3K", "Ana Maria")),
        ("give ben", Give(None, "ben")),
        ("give me a minute", Words("give me a minute")),
        ("give", Words("give")),
        ("CALL 7F3K", CallNow("7F3K")),
        ("call", CallNow()),
        ("call me back", Words("call me back")),
        ("7f3k", About("7F3K")),
        ("list", Show()),
        ("OFF 2h", Off(timedelta(hours=2))),
        ("off 90 min", Off(timedelta(minutes=90))),
        ("off 1 day", Off(timedelta(days=1))),
        ("off 9000 days", Off(timedelta(days=14))),
        ("off", Off()),
        ("off to see her", Words("off to see her")),
        ("on", On()),
        ("on my way", Words("on my way")),
        ("who?", Who()),
        ("HELP", Help()),
        ("stop", Stop()),
        ("End.", Stop()),
        ("stop it", Words("stop it")),
        ("1 minute please", Words("1 minute please")),
        ("take care", Words("take care")),
        ("12", Words("12")),
        ("", Words("")),
        ("Are you safe right now?", Words("Are you safe right now?")),
    ],
)
def test_texts(text, meaning):
    assert parse(text) == meaning


@settings(max_examples=150)
@given(
    st.integers(0, 10**9),
    st.sampled_from((("1", Claim), ("take", Claim), ("2", Pass), ("pass", Pass), ("call", CallNow))),
    st.sampled_from(("", " ", "  ", ", ", ": ")),
    st.booleans(),
)
def test_every_code_is_understood_however_it_is_typed(number, word, gap, small):
    code = code_of(number)
    text = f"{word[0]}{gap}{code.lower() if small else code}"
    assert parse(text) == word[1](code)


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_no_text_is_too_strange(text):
    meaning = parse(text)
    assert not isinstance(meaning, Words) or meaning.text == text


@pytest.mark.parametrize(
    ("keys", "meaning"), [("1", Claim()), ("2", Pass()), ("*", Again()), ("##*", Words("##*")), ("", Words(""))]
)
def test_keys(keys, meaning):
    assert press(keys) == meaning
