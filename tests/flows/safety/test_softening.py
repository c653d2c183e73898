"""Negation, the past, general questions and figures of speech soften; they never silence what could kill."""

import pytest

from flows.safety import Danger, Lexicon, screen
from flows.urgency import Urgency


def level_of(said: str, danger: Danger, lexicon: Lexicon) -> tuple[Urgency, bool]:
    hits = [hit for hit in screen(said, lexicon).hits if hit.danger is danger]
    return max(hit.urgency for hit in hits), all(hit.softened for hit in hits)


@pytest.mark.parametrize("said", ["i do not want to die", "i dont think i want to kill myself", "no quiero morir"])
def test_a_denied_wish_is_one_level_down_and_asked_about(lexicon: Lexicon, said: str) -> None:
    assert level_of(said, Danger.SUICIDE_IDEATION, lexicon) == (Urgency.SOON, True)
    assert screen(said, lexicon).ask


@pytest.mark.parametrize(
    "said",
    [
        "i dont want to live",
        "i cant not think about killing myself",
        "im not ok i want to die",
        "no one knows i want to die",
        "no quiero vivir",
        "not gonna lie i want to die",
        "i dont want to die but i cant go on",
    ],
)
def test_negators_that_are_the_signal_do_not_soften(lexicon: Lexicon, said: str) -> None:
    assert screen(said, lexicon).urgency >= Urgency.URGENT


@pytest.mark.parametrize(
    "said", ["i did not overdose", "he is not overdosing", "i am not going to kill myself tonight"]
)
def test_a_denied_overdose_or_suicide_in_progress_stays_urgent_and_is_asked_about(lexicon: Lexicon, said: str) -> None:
    heard = screen(said, lexicon)
    assert heard.urgency is Urgency.URGENT
    assert heard.ask


def test_an_overdose_years_ago_is_urgent(lexicon: Lexicon) -> None:
    assert level_of("i overdosed two years ago", Danger.OVERDOSE, lexicon) == (Urgency.URGENT, True)


def test_a_past_sentence_brought_into_the_present_is_not_softened(lexicon: Lexicon) -> None:
    assert level_of("i overdosed last year and i overdosed again tonight", Danger.OVERDOSE, lexicon) == (
        Urgency.EMERGENCY,
        False,
    )


@pytest.mark.parametrize("joke", ["lol", "jk", "haha just kidding", "😂", "im fine now"])
def test_humour_never_lowers_an_emergency(lexicon: Lexicon, joke: str) -> None:
    assert screen(f"im going to kill myself tonight {joke}", lexicon).urgency is Urgency.EMERGENCY


def test_a_figure_of_speech_is_nothing_alone_and_hides_nothing_beside_it(lexicon: Lexicon) -> None:
    assert screen("this job is killing me", lexicon).urgency is Urgency.ROUTINE
    assert screen("this job is killing me and i want to die", lexicon).urgency is Urgency.URGENT


def test_a_general_question_is_asked_back_and_pages_nobody(lexicon: Lexicon) -> None:
    heard = screen("does spravato help with suicidal thoughts", lexicon)
    assert (heard.urgency < Urgency.URGENT, heard.ask) == (True, True)


def test_softening_does_not_reach_over_the_end_of_a_sentence(lexicon: Lexicon) -> None:
    assert screen("no. want to die", lexicon).urgency is Urgency.URGENT


def test_two_kinds_of_mild_distress_are_urgent_and_one_is_asked_about(lexicon: Lexicon) -> None:
    one = screen("i feel so lonely", lexicon)
    assert (one.urgency, one.ask, one.script) == (Urgency.SOON, True, None)
    two = screen("i feel so lonely and i feel empty", lexicon)
    assert two.urgency is Urgency.URGENT
    assert "distress_adds_up" in {hit.entry for hit in two.hits}


def test_one_danger_emoji_is_asked_about_and_with_distress_is_urgent(lexicon: Lexicon) -> None:
    alone = screen("🔫", lexicon)
    assert (alone.urgency, alone.ask) == (Urgency.ROUTINE, True)
    assert screen("🔫 im so done", lexicon).urgency >= Urgency.URGENT


def test_distress_told_at_length_is_asked_about_and_any_word_of_harm_in_it_pages(lexicon: Lexicon) -> None:
    """Distress in a few words pages; in a long tale it is asked about, unless harm is named."""
    tale = " ".join(["We drove to the lake with the boat and the dogs and had lunch there."] * 8)
    short = "I'm losing my mind."
    assert screen(short, lexicon).urgency is Urgency.URGENT
    long = screen(f"{tale} {short}", lexicon)
    assert (long.urgency, long.ask) == (Urgency.SOON, True)
    assert screen(f"{tale} {short} I want to die.", lexicon).urgency is Urgency.URGENT
    assert screen(f"{tale} {short} He won't wake up.", lexicon).urgency is Urgency.EMERGENCY
    assert not screen(tale, lexicon).hits
