"""Who wants no texts, or may be watched, is left alone; who is in danger is not forgotten for it."""

import itertools
import re

import pytest

from tests.helpline.whole_line import ANA, WholeLine, fresh, new_sid, whole_line

callers = (f"+1202556{n:04d}" for n in itertools.count(100))
DANGER = "i am going to kill myself tonight"


@pytest.fixture(scope="module")
def module_line(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch, whole_line(tmp_path_factory.mktemp("v"), patch) as line:
        yield line


@pytest.fixture
def line(module_line: WholeLine) -> WholeLine:
    return fresh(module_line)


@pytest.fixture
def caller() -> str:
    return next(callers)


def said(twiml: str) -> list[str]:
    return re.findall(r"<Message>(.*?)</Message>", twiml, re.DOTALL)


def opted_by_twilio(line: WholeLine, word: str, caller: str) -> list[str]:
    """A keyword that Twilio's Advanced Opt-Out has answered before it told us."""
    form = {
        "MessageSid": new_sid("SM"), "From": caller, "To": "+17175550100", "Body": word, "NumMedia": "0",
        "OptOutType": word.upper(),
    }  # fmt: skip
    return said(line.post("/twilio/sms", form).get_data(as_text=True))


def code_of(line: WholeLine) -> str:
    (case,) = line.services.store.open_cases()
    return case.code


# --- opt-out


def test_opting_out_is_confirmed_exactly_once(line, caller):
    line.text("hi", sender=caller)
    (confirmation,) = said(line.text("stop texting me", sender=caller))
    assert "911" in confirmation
    assert "988" in confirmation
    assert said(line.text("STOP", sender=caller)) == []
    line.text("hello?", sender=caller)
    assert said(line.text("unsubscribe", sender=caller)) == []


def test_what_twilio_has_confirmed_is_not_confirmed_again(line, caller):
    line.text("hi", sender=caller)
    assert opted_by_twilio(line, "STOP", caller) == []
    assert line.services.store.opted_out(line.services.store.vault.caller_key(caller))
    assert opted_by_twilio(line, "HELP", caller) == []
    opted_by_twilio(line, "START", caller)
    assert not line.services.store.opted_out(line.services.store.vault.caller_key(caller))


def test_opting_out_in_danger_keeps_the_case_and_its_pages_and_silences_every_text(line, caller):
    line.text(DANGER, sender=caller)
    assert said(line.text("STOP", sender=caller))
    line.tick()
    (case,) = line.services.store.open_cases()
    assert case.opted_out
    assert not case.may_text
    assert any(case.code in body for body in line.sent(ANA))
    for minutes in (2, 3, 10):
        line.tick(minutes=minutes)
    assert line.sent(caller) == []
    assert [one.id for one in line.services.store.open_cases()] == [case.id]


def test_whoever_takes_the_case_is_told_not_to_text(line, caller):
    line.text(DANGER, sender=caller)
    line.text("STOP", sender=caller)
    line.tick()
    code = code_of(line)
    line.text("1", sender=ANA)
    line.tick()
    assert f"Case {code}: this caller wants no texts. Please do not text them." in line.sent(ANA)
    assert line.sent(caller) == []


def test_who_opted_out_and_then_needs_a_human_gets_one_and_is_told_how_to_have_texts(line, caller):
    line.text("STOP", sender=caller)
    answer = said(line.text(DANGER, sender=caller))
    assert "988" in answer[0]
    assert any("Text START" in one for one in answer)
    line.tick()
    assert any("Reply 1" in body for body in line.sent(ANA))
    assert line.sent(caller) == []


def test_start_brings_texts_back(line, caller):
    line.text(DANGER, sender=caller)
    line.text("STOP", sender=caller)
    line.text("START", sender=caller)
    line.tick()
    (case,) = line.services.store.open_cases()
    assert case.may_text
    assert line.sent(caller) != []


def test_error_21610_in_a_status_report_stops_the_texts_and_leaves_the_case(line, caller):
    line.text(DANGER, sender=caller)
    line.tick()
    before = len(line.sent(caller))
    form = {"MessageSid": new_sid("SM"), "To": caller, "MessageStatus": "undelivered", "ErrorCode": "21610"}
    assert line.post("/twilio/status/notice", form).status_code < 300
    line.tick(minutes=3)
    line.tick(minutes=10)
    (case,) = line.services.store.open_cases()
    assert case.opted_out
    assert len(line.sent(caller)) == before


def test_stop_from_a_staff_phone_ends_the_page_texts_and_not_the_calls(line, caller):
    assert "calls only" in " ".join(said(line.text("STOP", sender=ANA)))
    line.text(DANGER, sender=caller)
    line.tick()
    assert line.sent(ANA) == []
    assert line.emulator.engine.call(lambda: len(line.emulator.engine.switchboard.stage.legs)) > 0
    line.text("START", sender=ANA)
    line.text(DANGER, sender=next(callers))
    line.tick()
    assert any("Reply 1" in body for body in line.sent(ANA))


# --- silence after danger


def check_ins(line: WholeLine, caller: str) -> list[str]:
    return [body for body in line.sent(caller) if "Are you safe right now?" in body]


def test_silence_after_danger_is_asked_about_after_two_and_five_minutes_and_then_no_more(line, caller):
    line.text(DANGER, sender=caller)
    line.tick(seconds=110)
    assert check_ins(line, caller) == []
    line.tick(seconds=15)
    assert len(check_ins(line, caller)) == 1
    line.tick(seconds=160)
    assert len(check_ins(line, caller)) == 1
    line.tick(seconds=25)
    assert len(check_ins(line, caller)) == 2
    line.tick(minutes=30)
    assert len(check_ins(line, caller)) == 2
    assert len(line.services.store.open_cases()) == 1


def test_saying_that_one_is_safe_ends_the_asking_and_not_the_case(line, caller):
    line.text(DANGER, sender=caller)
    line.tick(seconds=125)
    answer = " ".join(said(line.text("1", sender=caller)))
    assert "safe" in answer
    line.tick(minutes=10)
    assert len(check_ins(line, caller)) == 1
    (case,) = line.services.store.open_cases()
    assert case.urgency.word == "emergency"


def test_hanging_up_after_a_danger_word_leaves_a_case_with_what_is_known(line, caller):
    call = {"CallSid": new_sid("CA"), "From": caller, "To": "+17175550100", "Direction": "inbound"}
    line.post("/twilio/voice", {**call, "CallStatus": "in-progress"})
    line.post("/twilio/voice/turn?v=1", {**call, "CallStatus": "in-progress", "SpeechResult": "i want to die"})
    line.post("/twilio/voice/status", {**call, "CallStatus": "completed"})
    line.tick()
    (case,) = line.services.store.open_cases()
    assert "suicide_ideation" in case.dangers
    notes = [entry.detail.get("text", "") for entry in line.services.store.timeline(case.id)]
    assert "i want to die" in notes
    assert any(case.code in body for body in line.sent(ANA))


def test_going_silent_in_the_middle_of_urgent_questions_leaves_a_paged_case(line, caller):
    line.text("i want to die", sender=caller)
    line.tick(hours=5)
    (case,) = line.services.store.open_cases()
    assert case.urgency.word in {"urgent", "emergency"}
    assert any(case.code in body for body in line.sent(ANA))


# --- quick exit


@pytest.mark.parametrize("word", ["X", "8"])
def test_a_quick_exit_is_answered_with_something_neutral_and_then_nothing(line, caller, word):
    line.text("my husband hits me when he drinks", sender=caller)
    answer = said(line.text(word, sender=caller))
    assert answer == ["Thanks. Your reminder is off."]
    for minutes in (1, 3, 30):
        line.tick(minutes=minutes)
    assert line.sent(caller) == []
    (case,) = line.services.store.open_cases()
    assert not case.may_text
    assert not case.may_call


def test_who_comes_back_after_a_quick_exit_is_spoken_with_again(line, caller):
    line.text(DANGER, sender=caller)
    line.text("X", sender=caller)
    line.text("i am back", sender=caller)
    line.tick()
    (case,) = line.services.store.open_cases()
    assert not case.quiet
    assert case.may_text
