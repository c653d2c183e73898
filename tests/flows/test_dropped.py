"""A call that drops mid-triage, and the conversation by text that goes on where it stopped."""

from dataclasses import replace
from datetime import timedelta

from flows.dropped import DROPPED, carried_over
from flows.events import Channel
from flows.step import Timer, Wait
from flows.urgency import Urgency
from tests.flows.builders import Talk, a_session, need, of, said


def a_dropped_call() -> Talk:
    talk = Talk(Channel.VOICE)
    talk.call()
    talk.press("1")
    talk.press("0")
    talk.hang_up()
    return talk


def carried(call: Talk, texts=None) -> Talk:
    return Talk(session=carried_over(call.session, texts, "sms-c"))


def test_it_says_so_by_text_and_waits_as_long_as_a_call_would():
    talk = carried(a_dropped_call())
    step = talk.ring(DROPPED)
    assert said(step) == ["dropped"]
    assert of(step, Timer) == [Timer("session", timedelta(minutes=5))]
    assert step.listen.wait is Wait.END
    assert step.session.channel is Channel.SMS


def test_one_goes_on_at_the_same_question_with_the_answers_given():
    talk = carried(a_dropped_call())
    talk.ring(DROPPED)
    step = talk.text("1")
    assert said(step) == ["q2"]
    assert step.session.answers == {"q1": (0,)}
    assert of(step, Timer) == [Timer("session", timedelta(hours=4))]
    assert said(talk.text("1")) == ["contact"]
    assert talk.session.answers == {"q1": (0,), "q2": (1,)}


def test_two_starts_again():
    talk = carried(a_dropped_call())
    talk.ring(DROPPED)
    assert said(talk.text("2")) == ["menu"]


def test_danger_is_heard_instead_of_an_answer():
    talk = carried(a_dropped_call())
    talk.ring(DROPPED)
    assert said(talk.text("boat sinking"))[0] == "sinking"


def test_nothing_within_a_calls_patience_is_a_missing_answer():
    talk = carried(a_dropped_call())
    talk.ring(DROPPED)
    assert need(talk.ring("session")).urgency is Urgency.SOON


def test_what_was_texted_before_stays_known_and_its_timers_are_void():
    texts = a_session(
        id="sms-c", version=9, urgency=Urgency.SOON, answers={"q1": (1,), "q9": (3,)}, memory={"language": "en", "ended": "1", "offered": "knots"}
    )  # fmt: skip
    talk = carried(a_dropped_call(), texts)
    assert talk.session.version == 10
    assert talk.session.urgency is Urgency.SOON
    assert talk.session.answers == {"q1": (0,), "q9": (3,)}
    assert talk.session.memory == {"language": "en", "resume": "q2", "gone": "1"}
    assert talk.ring("session", version=9).session.version == 10


def test_an_earlier_danger_is_not_forgotten():
    texts = a_session(id="sms-c", version=2, urgency=Urgency.EMERGENCY, memory={"danger": "1"})
    assert carried(a_dropped_call(), texts).session.urgency is Urgency.EMERGENCY
    assert carried(a_dropped_call(), replace(texts, memory={})).session.urgency is Urgency.EMERGENCY
