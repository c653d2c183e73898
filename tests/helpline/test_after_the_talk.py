"""A caller who stays on the line when everything is over: a goodbye with the numbers, and never a new emergency."""

from flows.case import Outcome
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller, on_hold, talking
from tests.helpline.voice_walk import heard, listens, path_of

MOST_ROUNDS = 10


def says_nothing(line, caller):
    """Everything the caller hears who neither speaks nor presses until the line hangs up."""
    said = []
    for _ in range(MOST_ROUNDS):
        said.append(heard(caller.document))
        silence = listens(caller.document)[1]
        if silence is None:
            assert caller.document.endswith("<Hangup /></Response>")
            return said
        caller.document = line.call(caller.number, path_of(silence), CallSid=caller.sid)
    raise AssertionError(f"still on the line: {said}")


def test_who_holds_in_silence_while_staff_close_the_case_hears_so_and_a_goodbye_and_nobody_is_paged(line, number):
    caller = on_hold(line, number)
    case = caller.case
    line.services.dispatch.close(case.id, "ana", Outcome.REACHED_ELSEWHERE)
    caller.holds()
    said = says_nothing(line, caller)
    assert "have finished with your last request" in " ".join(said)
    assert "9 1 1" in said[-1]
    assert "9 8 8" in said[-1]
    assert "Goodbye" in said[-1]
    assert caller.case is None


def test_danger_spoken_after_it_still_opens_a_case(line, number):
    caller = on_hold(line, number)
    line.services.dispatch.close(caller.case.id, "ana", Outcome.REACHED_ELSEWHERE)
    caller.holds()
    caller.document = line.call(number, path_of(listens(caller.document)[1]), CallSid=caller.sid)
    line.call(number, path_of(listens(caller.document)[0]), CallSid=caller.sid, SpeechResult="i want to die")
    assert caller.case.in_danger


def test_silence_after_a_talk_and_the_one_question_hears_goodbye(line, number):
    caller, _page, _sid = talking(line, number)
    line.clock.forward(seconds=90)
    case_id = caller.case.id
    line.services.dispatch.close(case_id, caller.case.owner, Outcome.HANDED_OVER)
    caller.document = line.call(number, f"/twilio/voice/after?c={case_id}", CallSid=caller.sid)
    said = says_nothing(line, caller)
    assert "Did this call help" in said[0]
    assert "Goodbye" in said[-1]
    assert caller.case is None
    assert Caller(line, number).case is None
