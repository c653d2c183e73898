"""Silence once the need is settled: a goodbye. Words and keys still open whatever they open."""

import pytest

from flows.events import Channel, Recorded
from flows.nodes import Ask, Choice, Person
from flows.step import KeepRecording, NeedPerson, Wait
from flows.urgency import Urgency
from tests.flows.builders import FLOW, NOON, Talk, a_flow, need, of, said


def holds(flow=FLOW):
    """A caller who asked for a person and holds."""
    talk = Talk(Channel.VOICE, flow)
    talk.call()
    talk.speak("person")
    assert talk.session.node == "person"
    return talk


def closed_while_they_hold():
    """A caller who asked for a person and holds, and whose case staff have closed."""
    return holds().case(None)


def test_silence_after_the_case_is_closed_is_told_asked_once_more_and_seen_off():
    talk = closed_while_they_hold()
    assert said(talk.silence()) == ["case_closed", "menu"]
    again = talk.silence()
    assert said(again) == ["menu_again"]
    last = talk.silence()
    assert said(last) == ["farewell"]
    assert last.listen.wait is Wait.END
    assert [need(step) for step in (again, last)] == [None, None]


def test_silence_at_a_question_asked_while_they_waited_is_told_the_same():
    waits = Person("person", ("person",), choices=(Choice(("6",), "call_back"),))
    talk = holds(a_flow(waits, Ask("call_back", ("call_back",), (Choice(("1",), "menu"),))))
    talk.press("6")
    talk.case(None)
    assert said(talk.silence()) == ["case_closed", "menu"]
    talk.silence()
    assert said(talk.silence()) == ["farewell"]


def test_who_withdrew_and_says_nothing_more_is_seen_off_too():
    talk = holds()
    assert said(talk.press("2")) == ["withdrawn", "menu"]
    talk.silence()
    assert said(talk.silence()) == ["farewell"]


def test_a_key_after_the_case_is_closed_begins_anew_and_two_silences_then_bring_a_person():
    talk = closed_while_they_hold()
    talk.silence()
    assert said(talk.press("5")) == ["note"]
    talk.silence()
    assert need(talk.silence()) == NeedPerson(Urgency.URGENT, "unclear")


@pytest.mark.parametrize("silences", [0, 1, 2])
def test_danger_words_after_the_case_is_closed_still_open_one(silences):
    talk = closed_while_they_hold()
    for _ in range(silences):
        talk.silence()
    assert need(talk.speak("my boat sinking")).urgency is Urgency.EMERGENCY


def test_a_caller_who_never_had_anybody_and_is_silent_still_gets_a_person():
    talk = Talk(Channel.VOICE)
    talk.call()
    talk.silence()
    assert need(talk.silence()) == NeedPerson(Urgency.URGENT, "unclear")


def test_a_message_spoken_while_staff_closed_the_case_is_a_new_need_and_not_lost():
    talk = closed_while_they_hold()
    step = talk.give(Recorded("r", NOON, "RE1", 4))
    assert need(step).urgency is Urgency.URGENT  # what it was before
    assert of(step, KeepRecording) == [KeepRecording("RE1", 4)]


def test_who_asks_anew_without_having_been_told_is_not_told_later_that_it_is_over():
    talk = Talk()
    talk.text("hi")
    talk.text("talk to someone")
    talk.case(None)
    assert need(talk.text("talk to someone")) is not None
    assert said(talk.text("hello there")) == ["waiting"]
