"""A question that is left open for good is waited for once, and then the conversation rests until somebody comes back."""

from flows.dropped import DROPPED
from flows.step import Timer
from flows.timers import SESSION
from tests.flows.builders import Talk, need, of
from tests.flows.test_dropped import a_dropped_call, carried


def test_a_text_conversation_left_open_is_woken_once_and_never_again():
    talk = Talk()
    assert of(talk.text("hi"), Timer)
    assert of(talk.ring(SESSION), Timer) == []
    assert of(talk.ring(SESSION), Timer) == []


def test_who_comes_back_is_waited_for_again():
    talk = Talk()
    talk.text("hi")
    talk.ring(SESSION)
    assert [timer.name for timer in of(talk.text("1"), Timer)] == [SESSION]


def test_a_question_left_unanswered_asks_for_a_human_once_also_after_staff_have_closed_the_case():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    assert need(talk.ring(SESSION)) is not None
    talk.case("closed")
    again = talk.ring(SESSION)
    assert (need(again), of(again, Timer)) == (None, [])


def test_who_writes_after_it_was_closed_and_leaves_the_question_again_is_somebody_new_to_worry_about():
    talk = Talk()
    talk.text("hi")
    talk.text("1")
    talk.ring(SESSION)
    talk.case("closed")
    talk.ring(SESSION)
    talk.text("menu")
    talk.text("1")
    assert need(talk.ring(SESSION)) is not None


def test_a_call_that_ends_at_a_question_that_decides_nothing_leaves_no_timer():
    talk = Talk()
    talk.call()
    assert of(talk.hang_up(), Timer) == []


def test_a_call_that_dropped_in_the_questions_is_waited_for_question_by_question_and_no_longer():
    talk = carried(a_dropped_call())
    talk.ring(DROPPED)
    left = 0
    while of(talk.ring(SESSION), Timer):
        left += 1
        assert left <= len(talk.flow.triage.questions)
