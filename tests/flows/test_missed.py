"""What came while the line could not answer: the order it is taken up in, and what is owed for a call."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.missed import MissedText, Owed, in_order, owed
from flows.step import Consent
from flows.urgency import Urgency
from tests.flows.builders import LEXICON, NOON

DANGER = "boat sinking"


def text(sender: str, body: str, second: int, sid: str = "") -> MissedText:
    return MissedText(sid or f"{sender}{second}", sender, body, NOON + timedelta(seconds=second))


def owes(**known: object) -> Owed:
    nothing = {"opted_out": False, "withheld": False, "has_case": False, "reached": False, "came_back": False}
    return owed(**{"consent": Consent.UNKNOWN, **nothing, **known})


def test_people_in_danger_come_first_and_then_who_wrote_first():
    texts = [text("a", "hello", 1), text("b", "hi", 2), text("c", DANGER, 3), text("d", DANGER, 4)]
    assert [taken.text.sender for taken in in_order(texts, LEXICON)] == ["c", "d", "a", "b"]


def test_one_persons_texts_stay_in_their_order_and_the_last_is_marked():
    taken = in_order([text("a", "now it is sinking", 9), text("b", "hi", 1), text("a", DANGER, 5)], LEXICON)
    assert [(one.text.sender, one.last) for one in taken] == [("a", False), ("a", True), ("b", True)]
    assert [one.text.body for one in taken[:2]] == [DANGER, "now it is sinking"]


def test_one_dangerous_text_brings_all_of_its_senders_texts_forward():
    taken = in_order([text("b", "hi", 1), text("a", "hello", 2), text("a", DANGER, 3)], LEXICON)
    assert [one.text.sender for one in taken] == ["a", "a", "b"]
    assert [one.danger for one in taken][:2] == [Urgency.ROUTINE, Urgency.EMERGENCY]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([DANGER, "hello"]), st.integers(0, 9)), max_size=12))
def test_no_text_is_lost_or_taken_twice_and_each_person_has_exactly_one_last(rows):
    texts = [text(sender, body, second, f"SM{n}") for n, (sender, body, second) in enumerate(rows)]
    taken = in_order(texts, LEXICON)
    assert sorted(one.text.sid for one in taken) == sorted(one.sid for one in texts)
    assert sorted(one.text.sender for one in taken if one.last) == sorted({one.sender for one in texts})
    for sender in {one.sender for one in texts}:
        times = [one.text.at for one in taken if one.text.sender == sender]
        assert times == sorted(times)


@pytest.mark.parametrize(
    ("known", "what"),
    [
        ({"has_case": True, "reached": True, "withheld": True}, Owed.TO_THE_CASE),
        ({"reached": True}, Owed.REACHED),
        ({"came_back": True}, Owed.CAME_BACK),
        ({"withheld": True}, Owed.NO_WAY),
        ({"consent": Consent.NO_CONTACT}, Owed.NOT_WANTED),
        ({"consent": Consent.CALL_ONLY, "opted_out": True}, Owed.CALLBACK),
        ({"consent": Consent.CALL_AND_VOICEMAIL}, Owed.CALLBACK),
        ({"consent": Consent.TEXT_ONLY}, Owed.TEXT),
        ({}, Owed.TEXT),
        ({"opted_out": True}, Owed.NOT_WANTED),
    ],
)
def test_what_is_owed_for_a_missed_call(known, what):
    assert owes(**known) is what


@given(
    st.sampled_from(Consent),
    st.fixed_dictionaries(dict.fromkeys(("opted_out", "withheld", "has_case", "reached", "came_back"), st.booleans())),
)
def test_nobody_is_called_who_has_not_said_that_it_is_safe(consent, known):
    if owes(consent=consent, **known) is Owed.CALLBACK:
        assert consent in {Consent.CALL_ONLY, Consent.CALL_AND_VOICEMAIL}
