"""What machines and people send to the telephone's addresses that nobody expects: an answer, or a clear refusal."""

import pytest

from flows.case import CaseState, Outcome
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller, ended, in_room, offered, on_hold, staff, staff_form, talking
from tests.helpline.voice_walk import NOISE, faults, heard

CALLERS = ("voice", "voice/fallback", "voice/turn?v=1", "voice/hold", "voice/recorded", "voice/status")


@pytest.mark.parametrize("path", CALLERS)
@pytest.mark.parametrize("sid", [None, "", "x", "CA" + "z" * 200, "CA\x00" + "1" * 32])
def test_without_a_call_sid_the_machine_is_told_what_is_missing_and_nothing_is_written(line, number, path, sid):
    form = {"From": number, "CallStatus": "in-progress", "RecordingSid": "RE" + "1" * 32}
    answer = line.post(f"/twilio/{path}", form if sid is None else {**form, "CallSid": sid})
    assert answer.status_code == 400
    assert "CallSid" in answer.text
    assert line.redis.keys("session:*") == []


@pytest.mark.parametrize("status", ["", "ringing", "flying", "COMPLETED", "in progress", "💊", "x" * 5000])
def test_an_unknown_call_status_is_answered_like_any_call(line, number, status):
    document = line.call(number, CallSid=line.sid("CA"), CallStatus=status)
    assert "press 0" in heard(document)
    page, sid = offered(line, on_hold(line, number).case)
    answer = line.post(f"/twilio/status/page?p={page.id}", {"CallSid": sid, "CallStatus": status})
    assert answer.status_code == 204


@pytest.mark.parametrize("keys", ["##*", "***", "#", "0" * 40, "1#2", "A", "１", "*67", "911", " 1 ", "%00", "-1"])
def test_odd_keys_lead_to_the_question_again_or_to_a_person(line, number, keys):
    caller = Caller(line, number).presses(keys)
    assert faults(caller.document, line.settings.public_url) == []
    assert caller.presses(keys).session is not None
    assert faults(caller.document, line.settings.public_url) == []


@pytest.mark.parametrize("speech", [NOISE, "uh", "…", "\x00\x07", "<Hangup/>", "&amp; ]]>", "ñ" * 20_000, "0", "stop"])
def test_noise_and_markup_heard_as_speech_are_words_and_nothing_else(line, number, speech):
    caller = Caller(line, number)
    caller.document = line.call(
        number, "/twilio/voice/turn?v=1", CallSid=caller.sid, SpeechResult=speech, Confidence="0.1"
    )
    assert faults(caller.document, line.settings.public_url) == []
    assert "<Hangup" not in caller.document


@pytest.mark.parametrize(
    "query", ["", "?v=", "?v=abc", "?v=-1", "?v=99999999999", "?v=1&v=2", "?n=9e99&t=%00", "?c=nobody", "?p=x.y"]
)
@pytest.mark.parametrize("path", ["voice/turn", "voice/hold", "voice/join", "voice/after"])
def test_addresses_bent_out_of_shape_still_give_a_document_that_keeps_the_caller(line, number, path, query):
    caller = on_hold(line, number)
    document = line.call(number, f"/twilio/{path}{query}", CallSid=caller.sid)
    assert faults(document, line.settings.public_url) == []


@pytest.mark.parametrize(
    "path", ["staff/offer", "staff/key", "staff/told", "staff/after", "staff/outcome", "caller/screen", "caller/key"]
)
@pytest.mark.parametrize("query", ["", "?p=", "?p=nobody.1", "?c=nobody", "?n=x", "?p=%00"])
def test_staff_addresses_without_a_case_end_the_call_politely_and_claim_nothing(line, number, path, query):
    document = staff(line, f"/twilio/{path}{query}", line.sid("CA"), Digits="1")
    assert faults(document, line.settings.public_url) == []
    assert "<Conference" not in document


@pytest.mark.parametrize("digits", ["", "7", "11", "##*", "one", "1#"])
def test_only_a_single_1_takes_a_case(line, number, digits):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    document = staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits=digits)
    assert "<Conference" not in document
    assert caller.case.owner is None


def test_reports_that_come_late_and_in_any_order_change_nothing_that_is_so(line, number):
    caller, page, sid = talking(line, number)
    for status in ("ringing", "initiated", "queued", "in-progress", "ringing"):
        form = staff_form(line, sid, CallStatus=status)
        assert line.post(f"/twilio/status/page?p={page.id}", form).status_code == 204
    in_room(line, caller.case, sid)
    in_room(line, caller.case, caller.sid)
    assert caller.case.state is CaseState.CONNECTED
    line.clock.forward(seconds=60)
    in_room(line, caller.case, caller.sid, "participant-leave", "completed")
    caller.hangs_up()
    ended(line, page, sid)
    staff(line, f"/twilio/staff/outcome?c={caller.case.id}", sid, Digits="1")
    in_room(line, page_case(line, page), sid)
    assert page_case(line, page).closed


def page_case(line, page):
    return line.services.store.case(page.id.rpartition(".")[0])


def test_a_key_pressed_after_the_case_is_closed_is_told_so(line, number):
    caller, page, _sid = talking(line, number)
    case = caller.case
    line.services.dispatch.close(case.id, page.staff_id, Outcome.HANDED_OVER)
    document = staff(line, f"/twilio/staff/key?p={page.id}", line.sid("CA"), Digits="1")
    assert "taken care of" in heard(document)


@pytest.mark.parametrize("status", ["", "flying", "COMPLETED", "in-progress", "ringing", "x" * 5000])
def test_only_a_word_for_the_end_ends_a_caller_s_call(line, number, status):
    caller = on_hold(line, number)
    form = {"CallSid": caller.sid, "From": number, "Direction": "inbound", "CallStatus": status}
    assert line.post("/twilio/voice/status", form).status_code == 204
    assert caller.case.on_line_call == caller.sid
    assert caller.session.memory.get("gone") is None
    caller.hangs_up()
    assert caller.case.on_line_call == ""
