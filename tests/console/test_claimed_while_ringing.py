"""A phone that still rings for a case taken on the console: who has it is said, and nobody is bridged twice."""

import re

import pytest

from flows.case import CaseState
from flows.pages import Purpose
from helpline.outbox import Job
from tests.console.desk import a_case

DANGER = "my friend took too much and wont wake up"


def now(line, case):
    return line.services.store.case(case.id)


def ringing(line, case, staff_id, purpose=Purpose.PAGE):
    """The call to this person as it rings: the page and the call's sid."""
    line.services.dispatch.advance(case.id)
    page = next(
        page
        for page in now(line, case).pages
        if (page.staff_id, page.channel.value, page.purpose) == (staff_id, "call", purpose)
    )
    sid = line.sid("CA")
    line.services.dispatch.leased(case.id, page.id, "t")
    line.services.dispatch.page_status(case.id, page.id, sid=sid, status="ringing", error="")
    return page, sid


def rung_by_steps(line, case, staff_id):
    """Time passes until the steps of the policy have come to this person."""
    for _ in range(20):
        if any(page.staff_id == staff_id for page in now(line, case).pages):
            break
        line.clock.forward(seconds=30)
        line.services.dispatch.advance(case.id)
    return ringing(line, case, staff_id)


def picks_up(line, page, sid):
    return staff(line, f"/twilio/staff/offer?p={page.id}", sid)


def presses(line, page, sid, key):
    return staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits=key)


def staff(line, path, sid, **more):
    form = {"CallSid": sid, "From": line.settings.helpline_number, "To": "+17175550112", "Direction": "outbound-api"}
    answer = line.post(path, {**form, "CallStatus": "in-progress", **more})
    assert answer.status_code == 200, answer.data
    return answer.text


def in_room(line, case, sid):
    form = {
        "CallSid": sid, "StatusCallbackEvent": "participant-join", "ParticipantCallStatus": "in-progress",
        "FriendlyName": case.id,
    }  # fmt: skip
    assert line.post(f"/twilio/room?c={case.id}", form).status_code == 204


@pytest.fixture
def case(line):
    return a_case(line, words=DANGER)


def test_who_picks_up_after_the_claim_hears_who_has_it(line, ana, case):
    page, sid = rung_by_steps(line, case, "ben")
    ana.post(f"/console/cases/{case.id}/claim")
    heard = picks_up(line, page, sid)
    assert "Ana already has this case" in heard
    assert "<Gather" not in heard
    assert "<Conference" not in heard


@pytest.mark.parametrize("key", ["1", "2", "7"])
def test_whatever_is_pressed_after_the_claim_the_answer_is_who_has_it(line, ana, case, key):
    page, sid = rung_by_steps(line, case, "ben")
    assert "press 1" in picks_up(line, page, sid)
    ana.post(f"/console/cases/{case.id}/claim")
    heard = presses(line, page, sid, key)
    if "<Redirect" in heard:
        heard = staff(line, re.search(r">[^<]*(/twilio/[^<]+)</Redirect>", heard).group(1).replace("&amp;", "&"), sid)
    assert "Ana already has this case" in heard
    assert now(line, case).owner == "ana"
    assert "ben" not in now(line, case).passed


def test_a_phone_that_rings_when_the_case_is_claimed_is_stopped(line, ana, case):
    page, _sid = rung_by_steps(line, case, "ben")
    ana.post(f"/console/cases/{case.id}/claim")
    bells = line.services.dispatch.advance(case.id)
    assert (Job.STOP, (case.id, page.id)) in [(bell.job, bell.ids) for bell in bells]


def test_ones_own_ringing_page_call_becomes_the_bridge_and_the_second_call_is_stopped(line, ana, case):
    page, sid = ringing(line, case, "ana")
    assert "press 1" in picks_up(line, page, sid)
    ana.post(f"/console/cases/{case.id}/claim")
    owner, _ = ringing(line, case, "ana", Purpose.OWNER)
    assert "<Conference" in presses(line, page, sid, "1")
    bells = line.services.dispatch.advance(case.id)
    assert (Job.STOP, (case.id, owner.id)) in [(bell.job, bell.ids) for bell in bells]
    assert now(line, case).bridge.staff_call == sid


def test_two_phones_of_the_owner_with_the_key_pressed_on_both_make_one_bridge(line, ana, case):
    page, first = ringing(line, case, "ana")
    picks_up(line, page, first)
    ana.post(f"/console/cases/{case.id}/claim")
    owner, second = ringing(line, case, "ana", Purpose.OWNER)
    assert "<Conference" in presses(line, page, first, "1")
    heard = presses(line, owner, second, "1")
    assert "<Conference" not in heard
    assert "is yours" in heard
    assert now(line, case).bridge.staff_call == first
    for sid in (first, second):
        in_room(line, case, sid)
    held = now(line, case)
    assert (held.bridge.staff_in, held.bridge.caller_in) == (True, False), "a colleague's call is not the caller's"
    assert held.state is CaseState.BRIDGING
    line.services.dispatch.advance(case.id)
    assert len([one for one in now(line, case).pages if one.purpose is Purpose.CALLER]) == 1


def test_the_same_key_press_sent_twice_is_one_bridge(line, ana, case):
    page, sid = ringing(line, case, "ana")
    ana.post(f"/console/cases/{case.id}/claim")
    assert "<Conference" in presses(line, page, sid, "1")
    before = now(line, case).bridges
    assert "<Conference" in presses(line, page, sid, "1")
    assert now(line, case).bridges == before


def test_who_writes_already_and_presses_the_key_is_not_left_in_an_empty_room(line, ana):
    case = a_case(line, words="i want to die")
    page, sid = ringing(line, case, "ana")
    picks_up(line, page, sid)
    line.text("+12025550123", "3")  # texts only
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/write", text="I am here.")
    heard = presses(line, page, sid, "1")
    assert "<Conference" not in heard
    assert "is yours" in heard
