"""How people type, and what it is read as."""

import pytest

from flows.safety import Lexicon, screen
from flows.safety.spelling import Spelling, plain, words_of
from flows.urgency import Urgency


@pytest.mark.parametrize(
    "said",
    [
        "I don’t want to live",
        "i dont want to live",
        "I DON'T WANT TO LIVE",
        "i waaaant to diiiie",
        "k y s",
        "k.m.s",
        "s u i c i d e",
        "i w a n t t o d i e",
        "su1c1de",
        "su*cide",
        "k!ll myself",
        "iwanttodie",
        "#iwanttodie",
        "suicde",
        "I. want. to. die.",
        "i want to... die",
        "i want\nto die",
        "𝒊 𝒘𝒂𝒏𝒕 𝒕𝒐 𝒅𝒊𝒆",
        "ｉ ｗａｎｔ ｔｏ ｄｉｅ",
        "i wаnt tо dіe",
        "i want to 💀",
        "quiero morír",
        "i w\u200bant to d\u200bie",
        "i just really fucking want to fucking die",
        "wanna die ngl",
        "i quiero morir please",
        "su##ide",
        "kill mysellf",
    ],
)
def test_however_it_is_typed_it_is_heard(lexicon: Lexicon, said: str) -> None:
    assert screen(said, lexicon).urgency >= Urgency.URGENT


@pytest.mark.parametrize(
    "said", ["putting things away", "the therapist called", "he was billing me", "a shooting star", "5 * 3", "b a"]
)
def test_true_words_are_not_taken_for_dangerous_ones(lexicon: Lexicon, said: str) -> None:
    assert screen(said, lexicon).urgency is Urgency.ROUTINE


def spelling(**said: object) -> Spelling:
    nothing: dict[str, object] = {
        "vocabulary": frozenset({"die", "kill", "want", "to", "i", "am", "myself", "not"}),
        "expansions": {},
        "fillers": frozenset(),
        "emoji": {},
        "disguised": (),
        "real_words": frozenset(),
        "near": {},
    }
    return Spelling(**{**nothing, **said})


def test_sentences_end_with_a_break_and_trailing_dots_end_nothing() -> None:
    assert words_of("i am. not", spelling()) == ("i", "am", ".", "not")
    assert words_of("i am... not", spelling()) == ("i", "am", "not")
    assert words_of("i am\n\nnot", spelling()) == ("i", "am", ".", "not")


def test_an_apostrophe_form_may_mean_something_else_than_the_bare_letters() -> None:
    written = spelling(expansions={"odd'": ("overdosed",), "ive": ("i", "have")})
    assert words_of("he od'd odd i've we'll don't mom's", written) == (
        "he",
        "overdosed",
        "odd",
        "i",
        "have",
        "we",
        "will",
        "do",
        "not",
        "mom",
        "is",
    )


def test_emoji_become_their_names_only_where_named() -> None:
    assert words_of("💊💊 ✨", spelling(emoji={"💊": "pill"})) == (":pill:", ":pill:")
    assert words_of("💊", spelling()) == ()


def test_two_single_letters_are_left_alone() -> None:
    assert words_of("a b die", spelling()) == ("a", "b", "die")


def test_glued_words_need_three_known_words() -> None:
    assert words_of("iwanttodie", spelling()) == ("i", "want", "to", "die")
    assert words_of("killmyself", spelling()) == ("killmyself",)
    assert words_of("wantwantwantxyz", spelling()) == ("wantwantwantxyz",)


def test_plain_text_keeps_letters_and_drops_marks() -> None:
    assert plain("Ñandú’s\u200b ÉL") == "nandu's el"
