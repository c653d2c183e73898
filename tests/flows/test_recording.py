"""A spoken message, a number to be called back at, and the answer sent as a text: what calls bring besides keys."""

import pytest

from flows import engine
from flows.events import Channel, Recorded
from flows.nodes import Ask, Choice, Free
from flows.step import DropRecording, KeepRecording, Remember, TextThis, UseNumber, Wait
from flows.turn import NEEDED, NUMBER, RECORDING, as_dialled
from flows.urgency import Urgency
from tests.flows.builders import FLOW, PLACES, Talk, a_flow, a_session, of, said

SPEAK = Ask("speak", ("speak",), (), free=Free.RECORDING, then="check_message", unclear_go="menu")
SPEAK_ON = Ask("speak", ("speak",), (), free=Free.RECORDING, unclear_go="menu")
CHECK = Ask(
    "check_message",
    ("check_message",),
    (Choice(("1",), "menu"), Choice(("2",), "speak", does=(DropRecording(),)), Choice(("3",), "menu")),
)
MENU = Ask(
    "menu",
    ("menu",),
    (
        Choice(("1",), "speak"),
        Choice(("2",), "menu", does=(TextThis(),)),
        Choice(("3",), "menu", does=(UseNumber(),)),
        Choice(("4",), "menu", does=(Remember("needs", "ride"),)),
    ),
    free=Free.FAQ,
)


def on_a_call(*more: Ask) -> Talk:
    talk = Talk(Channel.VOICE, a_flow(MENU, CHECK, *more))
    talk.call()
    return talk


def record(talk: Talk, *, hung_up: bool = False):
    return talk.give(Recorded(f"RE{talk.count}", talk.now, "RE1", 9, hung_up))


def test_a_message_is_recorded_kept_and_read_back():
    talk = on_a_call(SPEAK)
    assert talk.press("1").listen.wait is Wait.RECORD
    step = record(talk)
    assert of(step, KeepRecording) == [KeepRecording("RE1", 9)]
    assert said(step) == ["check_message"]
    assert step.session.memory[RECORDING] == "RE1"


def test_where_nothing_follows_a_message_the_call_goes_where_silence_would():
    talk = on_a_call(SPEAK_ON)
    talk.press("1")
    assert said(record(talk)) == ["menu"]


def test_a_message_ended_by_hanging_up_is_kept_and_nothing_is_said():
    talk = on_a_call(SPEAK)
    talk.press("1")
    step = record(talk, hung_up=True)
    assert of(step, KeepRecording)
    assert (said(step), step.session.node) == ([], "speak")


def test_a_message_that_comes_when_the_call_is_elsewhere_is_kept_all_the_same():
    talk = on_a_call(SPEAK)
    step = record(talk)
    assert of(step, KeepRecording)
    assert (said(step), step.session.node) == ([], "menu")


def test_a_message_said_anew_drops_the_first():
    talk = on_a_call(SPEAK)
    talk.press("1")
    record(talk)
    step = talk.press("2")
    assert of(step, DropRecording)
    assert step.listen.wait is Wait.RECORD


def test_an_answer_heard_on_a_call_is_sent_as_a_text_when_asked_for():
    talk = on_a_call()
    talk.speak("how do i tie a bowline knot")
    assert of(talk.press("2"), TextThis) == [TextThis(("knots",))]


def test_nothing_is_texted_where_nothing_was_answered():
    assert of(on_a_call().press("2"), TextThis) == []


def test_a_number_the_caller_gives_is_no_longer_withheld():
    talk = Talk(Channel.VOICE, a_flow(MENU, CHECK), a_session(Channel.VOICE, memory={"withheld": "1"}))
    talk.call()
    step = talk.press("3")
    assert of(step, UseNumber)
    assert "withheld" not in step.session.memory


@pytest.mark.parametrize(
    ("number", "spoken"), [("+12025550100", "202-555-0100"), ("+34911234567", "+34911234567"), ("+1202", "+1202")]
)
def test_a_number_is_read_out_the_way_people_say_it(number, spoken):
    assert as_dialled(number) == spoken


def test_a_number_given_stands_in_every_text_that_has_a_place_for_it():
    talk = Talk(session=a_session(memory={NUMBER: "+12025550100"}))
    assert talk.text("hi").prompts[0].params["number"] == "202-555-0100"


def test_somebody_whom_the_line_called_waits_for_a_human():
    session = engine.waiting_for_person(FLOW, a_session(Channel.VOICE), Urgency.URGENT)
    assert (session.node, session.urgency, session.fresh) == (PLACES.person, Urgency.URGENT, False)
    assert session.memory[NEEDED] == "1"
    talk = Talk(Channel.VOICE, session=session).case("paging")
    assert said(talk.press("5")) == ["waiting"]


def test_a_fresh_conversation_has_not_been_greeted():
    assert a_session().fresh


def test_a_conversation_knows_whether_its_caller_stopped_our_texts_by_another_way():
    stopped = a_session(memory={"consent": "call_only"}).with_texts_stopped(True)
    assert dict(stopped.memory) == {"consent": "call_only", "stopped": "1"}
    assert dict(stopped.with_texts_stopped(False).memory) == {"consent": "call_only"}


def test_what_an_answer_says_to_remember_is_known_from_then_on():
    talk = on_a_call()
    step = talk.press("4")
    assert of(step, Remember) == [Remember("needs", "ride")]
    assert step.session.memory["needs"] == "ride"
