"""Every document a staff member's, a guest's or the caller's leg of a bridge can get is sound, like the callers' own."""

import pytest

from flows.pages import Purpose
from helpline.outbox import Job
from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import (
    Caller,
    ended,
    guest_rung,
    in_room,
    offered,
    on_hold,
    orders,
    staff,
    staff_form,
    stepped_out,
)
from tests.helpline.voice_walk import faults, heard, listens, path_of

KEYS = ("", "1", "2", "3", "5", "9", "0", "7", "#", "##*")


def sound(line, document):
    assert faults(document, line.settings.public_url) == [], document
    return document


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_an_owner_who_stepped_out_gives_a_sound_document(line, number, key):
    caller, _, sid = stepped_out(line, number)
    asked = sound(line, staff(line, f"/twilio/staff/after?c={caller.case.id}", sid, DialCallStatus="answered"))
    sound(line, staff(line, path_of(listens(asked)[0]), sid, Digits=key))
    sound(line, caller.holds().document)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("whom", ["3", "9"], ids=["colleague", "crisis line"])
def test_every_key_of_a_third_person_gives_a_sound_document(line, number, whom, key):
    caller, _, sid = stepped_out(line, number)
    first, *_ = guest_rung(line, caller.case, whom, sid)
    guest = line.sid("CA")
    sound(line, staff(line, f"/twilio/guest/offer?p={first.id}", guest))
    pressed = sound(line, staff(line, f"/twilio/guest/key?p={first.id}", guest, Digits=key))
    assert ("<Conference" in pressed) == (key == "1")
    sound(line, staff(line, f"/twilio/guest/after?c={caller.case.id}", guest))
    sound(line, staff(line, f"/twilio/guest/offer?p={first.id}", line.sid("CA")))


@pytest.mark.parametrize("key", KEYS)
def test_every_key_of_a_staff_member_gives_a_sound_document(line, number, key):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    case_id = caller.case.id
    for said in ("", "&n=1"):
        sound(line, staff(line, f"/twilio/staff/offer?p={page.id}{said}", sid))
    sound(line, staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits=key))
    sound(line, staff(line, f"/twilio/staff/outcome?c={case_id}", sid, Digits=key))
    for kind in ("caller_left", "caller_not_reached", "claim_over", "not_safe_yet"):
        sound(line, staff(line, f"/twilio/staff/told?c={case_id}&k={kind}", sid))


def rung_back(line, number, *consent):
    """A caller who hung up on hold and is called back; gives them, the page of their leg, and the owner's call."""
    caller = on_hold(line, number)
    for key in consent:
        caller.presses(key)
    caller.hangs_up()
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    assert (Job.SEND, Purpose.CALLER) in orders(line, caller.case)
    (leg,) = caller.case.live(Purpose.CALLER)
    line.services.dispatch.leased(caller.case.id, leg.id, "t")
    return caller, leg, sid


def screened(line, caller, leg, call, **more):
    form = {"CallSid": call, "To": caller.number, "Direction": "outbound-api", "CallStatus": "in-progress", **more}
    answer = line.post(f"/twilio/caller/screen?p={leg.id}", {"From": line.settings.helpline_number, **form})
    assert answer.status_code == 200
    return sound(line, answer.text)


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("answered_by", ["human", "machine_end_beep", "fax", "unknown", ""])
def test_the_leg_of_a_caller_who_is_called_back_gets_sound_documents_and_says_nothing_of_us(
    line, number, key, answered_by
):
    caller, leg, _ = rung_back(line, number, "2")
    call = line.sid("CA")
    asked = screened(line, caller, leg, call, AnsweredBy=answered_by)
    assert not [word for word in ("Bold Steps", "helpline", "recovery", "case") if word.lower() in heard(asked).lower()]
    answer = staff(line, f"/twilio/caller/key?p={leg.id}", call, Digits=key)
    assert ("<Conference" in sound(line, answer)) == (key == "1")


def test_a_caller_who_hangs_up_at_the_screen_was_not_reached_and_is_tried_again_with_no_phone_left_ringing(
    line, number
):
    caller, leg, sid = rung_back(line, number, "2")
    call = line.sid("CA")
    screened(line, caller, leg, call, AnsweredBy="human")
    answer = line.post(
        f"/twilio/status/page?p={leg.id}", staff_form(line, call, To=caller.number, CallStatus="completed")
    )
    assert answer.status_code == 204
    case = caller.case
    assert (case.owner, case.caller_tries, case.bridge) == ("ana", 1, None)
    assert case.on_line_call == ""
    assert case.live(Purpose.CALLER) == ()
    said = staff(line, f"/twilio/staff/told?c={case.id}&k=caller_not_reached", sid)
    assert "did not answer" in said
    spaced = case.level.callback_spacing[0].total_seconds()
    ended(line, next(iter(case.pages), leg), sid)
    assert Purpose.CALLER not in {purpose for _, purpose in orders(line, case, seconds=spaced - 60)}
    assert (Job.SEND, Purpose.OWNER) in orders(line, case, seconds=61)


def test_more_time_gives_thirty_seconds_at_every_question_of_the_call_and_is_said(line, number):
    caller = Caller(line, number)
    assert 'timeout="8"' in caller.document
    caller.presses("*")
    assert 'timeout="30"' in caller.document
    caller.presses("1")
    assert 'timeout="30"' in caller.document
    caller.document = line.call(number, path_of(listens(caller.document)[1]), CallSid=caller.sid)
    assert 'timeout="30"' in caller.document
    assert 'timeout="8"' in Caller(line, number).document


def test_a_spoken_message_has_three_minutes_and_a_key_ends_it(line, number):
    caller = on_hold(line, number).presses("7").presses("1")
    assert 'maxLength="180"' in caller.document
    assert 'finishOnKey="#"' in caller.document


def test_a_caller_who_presses_the_key_just_after_the_owner_hung_up_holds_and_the_owner_is_rung_again(line, number):
    caller, leg, sid = rung_back(line, number, "2")
    call = line.sid("CA")
    screened(line, caller, leg, call, AnsweredBy="human")
    in_room(line, caller.case, sid, "participant-leave", "completed")
    assert caller.case.bridge is None
    answer = sound(line, staff(line, f"/twilio/caller/key?p={leg.id}", call, Digits="1", To=number))
    held = staff(line, path_of(listens(answer)[1]), call, To=number)
    assert "has taken your call" in heard(sound(line, held))
    assert caller.case.on_line_call == call
    assert (Job.SEND, Purpose.OWNER) in orders(line, caller.case)


@pytest.mark.parametrize("key", [key for key in KEYS if key != "1"])
def test_any_other_key_brings_a_caller_neither_into_a_room_nor_on_hold(line, number, key):
    caller, leg, sid = rung_back(line, number, "2")
    in_room(line, caller.case, sid, "participant-leave", "completed")
    answer = sound(line, staff(line, f"/twilio/caller/key?p={leg.id}", line.sid("CA"), Digits=key))
    assert (heard(answer), listens(answer)) == ("", (None, None))


@pytest.mark.parametrize(
    ("language", "words"), [("en", "caller has hung up"), ("es", "colgó"), ("x", "caller has hung up")]
)
def test_a_third_person_hears_that_the_caller_has_hung_up_and_is_asked_nothing(line, number, language, words):
    told = sound(line, staff(line, f"/twilio/guest/told?l={language}", line.sid("CA")))
    assert words in heard(told)
    assert listens(told) == (None, None)
