"""A call that drops in the middle of the questions: who texts with us goes on by text, nobody else is written to."""

import itertools

import pytest

from helpline.arrival import takes_texts
from tests.helpline.whole_line import WholeLine, fresh, new_sid, whole_line

LANDLINE, MOBILE = "+441223337733", "+447400123456"
callers = (f"+1202555{n:04d}" for n in itertools.count(200))


@pytest.fixture(scope="module")
def module_line(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch, whole_line(tmp_path_factory.mktemp("v"), patch) as line:
        yield line


@pytest.fixture
def line(module_line: WholeLine) -> WholeLine:
    return fresh(module_line)


def dropped_call(line: WholeLine, caller: str, *keys: str) -> str:
    """A call that answers some questions and is cut off; gives its sid."""
    sid = new_sid("CA")
    form = {"CallSid": sid, "From": caller, "To": "+17175550100", "Direction": "inbound", "CallStatus": "in-progress"}
    assert line.post("/twilio/voice", form).status_code == 200
    for version, key in enumerate(keys, 1):
        assert line.post(f"/twilio/voice/turn?v={version}", {**form, "Digits": key}).status_code == 200
    assert line.post("/twilio/voice/status", {**form, "CallStatus": "completed"}).status_code == 204
    return sid


def test_who_had_begun_by_text_goes_on_by_text_at_the_same_question(line: WholeLine):
    caller = next(callers)
    line.text("hi", sender=caller)
    dropped_call(line, caller, "1", "4")
    line.tick()
    (sent,) = line.sent(caller)
    assert sent == "We were cut off. Reply 1 to go on, or call back at any time."
    assert "thoughts about killing yourself" in line.text("1", sender=caller)


def test_the_text_goes_out_once_though_twilio_tells_of_the_end_twice(line: WholeLine):
    caller = next(callers)
    line.text("hi", sender=caller)
    sid = dropped_call(line, caller, "1")
    line.tick()
    form = {"CallSid": sid, "From": caller, "To": "+17175550100", "Direction": "inbound", "CallStatus": "completed"}
    line.post("/twilio/voice/status", form)
    line.tick(seconds=10)
    assert len(line.sent(caller)) == 1


def test_who_does_not_go_on_is_looked_for_after_a_calls_patience(line: WholeLine):
    caller = next(callers)
    line.text("hi", sender=caller)
    dropped_call(line, caller, "1")
    line.tick()
    assert line.services.store.open_cases() == ()
    line.tick(minutes=6)
    (case,) = line.services.store.open_cases()
    assert case.caller_key == line.services.store.vault.caller_key(caller)


def test_who_never_texted_is_not_written_to_and_is_looked_for_all_the_same(line: WholeLine):
    caller = next(callers)
    dropped_call(line, caller, "1")
    line.tick()
    assert line.sent(caller) == []
    line.tick(minutes=6)
    assert len(line.services.store.open_cases()) == 1


def test_who_opted_out_is_not_written_to(line: WholeLine):
    caller = next(callers)
    line.text("hi", sender=caller)
    line.text("STOP", sender=caller)
    dropped_call(line, caller, "1")
    line.tick()
    assert line.sent(caller) == []


def test_a_call_dropped_at_the_menu_is_not_written_about(line: WholeLine):
    caller = next(callers)
    line.text("hi", sender=caller)
    dropped_call(line, caller)
    line.tick()
    assert line.sent(caller) == []


def test_a_landline_takes_no_texts():
    assert takes_texts(MOBILE)
    assert not takes_texts(LANDLINE)
    assert takes_texts("+12025550142"), "where the plan does not tell, a text is tried"
