"""Safe times from the caller's key to the staff member's phone: kept, told, and remembered for the next contact."""

import pytest

from flows.case import Outcome
from flows.events import Channel
from flows.pages import Purpose
from flows.safe_times import SafeTime
from helpline.outbox import Job
from tests.helpline.inside import BEGIN, one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller, in_room, offered, on_hold, orders, staff
from tests.helpline.voice_walk import heard

MORNING = SafeTime("08:00", "12:00", "America/New_York")  # BEGIN is 22:00 there
EVENING = SafeTime("17:00", "21:00", "America/New_York")
LANGUAGE = {"en": (), "es": ("3",)}
SAID = {"en": "at the times you gave", "es": "a esas horas"}
HOURS_TO_MORNING = 10


def names_times(line, number, keys, language="en"):
    """A caller who holds, asks to be called back, and names these times."""
    caller = Caller(line, number)
    for key in (*LANGUAGE[language], "0"):
        caller.presses(key)
    caller.holds()
    for key in ("6", "1", "1", keys):
        caller.presses(key)
    return caller


@pytest.mark.parametrize("language", LANGUAGE)
def test_a_caller_names_times_and_hears_that_they_are_kept(line, number, language):
    caller = names_times(line, number, "24", language)
    assert SAID[language] in heard(caller.document)
    case = caller.case
    assert case.safe_times == (MORNING, EVENING)
    assert line.services.store.caller(case.caller_key).safe_times == (MORNING, EVENING)


def test_the_call_back_goes_out_in_the_morning_and_staff_are_told_so_at_once(line, number):
    caller = names_times(line, number, "2").hangs_up()
    case = caller.case
    line.services.dispatch.advance(case.id)
    said = line.text("+17175550111", f"1 {case.code}")
    assert "safe times" in said
    assert "is calling you" not in said
    case = caller.case
    assert (Job.TELL, None) in orders(line, case)
    assert "not_safe_yet" in [notice.kind.value for notice in caller.case.notices]
    assert line.services.errands.facts(caller.case)["when"] == "08:00"
    assert not {purpose for _, purpose in orders(line, case, hours=HOURS_TO_MORNING - 1)} & {
        Purpose.OWNER,
        Purpose.CALLER,
    }
    assert caller.case.owner == "ana"
    assert (Job.SEND, Purpose.OWNER) in orders(line, case, hours=1)


def test_staff_who_press_1_are_told_on_their_phone_and_the_caller_s_stays_still(line, number):
    caller = names_times(line, number, "2").hangs_up()
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    case = caller.case
    assert Purpose.CALLER not in {purpose for _, purpose in orders(line, case)}
    document = staff(line, f"/twilio/staff/told?c={case.id}&k=not_safe_yet", sid)
    assert "safe times" in heard(document)
    assert "08:00" in heard(document)


def test_the_times_of_an_earlier_contact_hold_in_the_next(line, number):
    caller = names_times(line, number, "4").hangs_up()
    line.services.dispatch.close(caller.case.id, "ana", Outcome.UNREACHABLE)
    later = on_hold(line, number)
    assert later.case.safe_times == (EVENING,)
    assert later.case.channels == (Channel.VOICE,)


def test_a_caller_who_hangs_up_at_the_question_is_called_all_the_same(line, number):
    caller = Caller(line, number)
    for key in ("1", "4", "2", "5", "4", "6", "1", "1"):
        caller.presses(key)
    assert caller.session.node == "contact_times"
    caller.hangs_up()
    assert caller.case is not None
    assert caller.case.may_call
    assert caller.case.safe_times == ()
