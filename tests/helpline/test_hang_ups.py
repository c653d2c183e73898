"""Whoever hangs up, and wherever: the record is right afterwards, and no telephone rings for nobody."""

import threading

import pytest
from lxml import etree

from flows.case import CaseState, ClaimVia, Outcome
from flows.events import Answered, Recorded, Via
from flows.ledger import Ending, Owner
from flows.pages import Purpose
from flows.roster import StaffId
from helpline.outbox import Job
from tests.helpline.inside import one_line  # noqa: F401  a fixture
from tests.helpline.voice_walk import Walk, listens, path_of

WAYS = dict(Walk("en").ways())
ANA = StaffId("ana")


class Caller:
    """One call, answered as a telephone would."""

    def __init__(self, line, number="+12025550123"):
        self.line, self.sid, self.number = line, line.sid("CA"), number
        self.document = line.call(number, CallSid=self.sid)

    def goes(self, way):
        for event in way:
            self.does(event)
        return self

    def does(self, event):
        answer, silence = listens(self.document)
        if isinstance(event, Recorded):
            path, form = "/twilio/voice/recorded", {"RecordingSid": self.line.sid("RE"), "RecordingDuration": "3"}
        elif isinstance(event, Answered):
            path = path_of(answer)
            form = {"SpeechResult": event.text} if event.via is Via.SPEECH else {"Digits": event.text}
        else:
            path, form = path_of(silence), {}
        self.document = self.line.call(self.number, path, CallSid=self.sid, **form)

    def presses(self, keys):
        self.does(Answered("e", None, keys, Via.KEYS))
        return self

    def holds(self):
        self.document = self.line.call(self.number, "/twilio/voice/hold", CallSid=self.sid)
        return self

    def leaves_room(self):
        """The room has ended and the call goes on, as the document of the room says."""
        case = self.case
        self.document = self.line.call(
            self.number, f"/twilio/voice/after?c={case.id}&n={case.bridges}", CallSid=self.sid
        )
        self.document = self.line.call(self.number, path_of(redirected(self.document)), CallSid=self.sid)
        return self

    def hangs_up(self):
        form = {"CallSid": self.sid, "From": self.number, "Direction": "inbound", "CallStatus": "completed"}
        answer = self.line.post("/twilio/voice/status", form)
        assert answer.status_code == 204
        return self

    @property
    def session(self):
        return self.line.services.store.transact(lambda tx: tx.session(f"voice-{self.sid}"))

    @property
    def contact(self):
        """The call's line in the ledger, open or ended."""
        mine, store = f"voice-{self.sid}", self.line.services.store
        still = store.transact(lambda tx: tx.contact(mine))
        ended = (one for one in store.ended_contacts(self.session.started_at) if one.session_id == mine)
        return still or next(ended)

    @property
    def case(self):
        session = self.session
        return self.line.services.store.transact(lambda tx: tx.case_of(session.caller_key))


@pytest.fixture
def number(line):
    line.redis.flushall()
    line.services.content.kept.clear()
    return "+12025550123"


def orders(line, case, **later):
    """Everything that is ordered for the case from now on, with the purposes of the calls in it."""
    line.clock.forward(**later)
    bells = line.services.dispatch.advance(case.id)
    now = line.services.store.case(case.id)
    return [(bell.job, now.page(bell.ids[1]).purpose if bell.job is Job.SEND else None) for bell in bells]


def rights(case):
    """What must be true of any case whose caller is off the line."""
    assert case.on_line_call == ""
    assert case.bridge is None or not case.bridge.caller_in
    assert not case.closed


@pytest.mark.parametrize("place", WAYS)
def test_a_hang_up_at_any_prompt_leaves_a_right_record_and_rings_nobody_for_it(line, number, place):
    caller = Caller(line, number).goes(WAYS[place])
    assert caller.session.node == place
    caller.hangs_up().hangs_up()
    contact, case = caller.contact, caller.case
    assert caller.session.memory["gone"] == "1"
    if case is None:
        assert contact.ending is Ending.HUNG_UP or (contact.owner is Owner.CALLER and contact.due_at is not None)
        return
    rights(case)
    assert (contact.owner, contact.case_id, contact.due_at) == (Owner.STAFF, case.id, case.due_at)
    ordered = orders(line, case)
    assert Job.JOIN not in [job for job, _ in ordered]
    assert {purpose for _, purpose in ordered} <= {None, Purpose.PAGE}
    assert line.services.store.is_due(f"case|{case.id}")


# -- the call between owner and caller --------------------------------------------------------------------------------


def on_hold(line, number):
    caller = Caller(line, number).presses("0").holds()
    assert caller.case.on_line_call == caller.sid
    return caller


def offered(line, case):
    """A page call to Ana that she has picked up; gives its address and the call's sid."""
    line.services.dispatch.advance(case.id)
    case = line.services.store.case(case.id)
    page = next(page for page in case.pages if page.channel.value == "call")
    sid = line.sid("CA")
    line.services.dispatch.leased(case.id, page.id, "t")
    line.services.dispatch.page_status(case.id, page.id, sid=sid, status="in-progress", error="")
    return page, sid


def staff_form(line, sid, **more):
    return {
        "CallSid": sid,
        "From": line.settings.helpline_number,
        "To": "+17175550111",
        "Direction": "outbound-api",
        **more,
    }


def staff(line, path, sid, **more):
    answer = line.post(path, staff_form(line, sid, CallStatus="in-progress", **more))
    assert answer.status_code == 200, answer.data
    return answer.text


def ended(line, page, sid):
    answer = line.post(f"/twilio/status/page?p={page.id}", staff_form(line, sid, CallStatus="completed"))
    assert answer.status_code == 204


def in_room(line, case, sid, event="participant-join", status="in-progress"):
    form = {"CallSid": sid, "StatusCallbackEvent": event, "ParticipantCallStatus": status, "FriendlyName": case.id}
    assert line.post(f"/twilio/room?c={case.id}", form).status_code == 204


def talking(line, number):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    caller.holds()
    assert "/twilio/voice/join" in caller.document
    in_room(line, caller.case, caller.sid)
    assert caller.case.state is CaseState.CONNECTED
    return caller, page, sid


def test_staff_who_hang_up_before_a_key_have_taken_nothing(line, number):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    assert "press 1" in staff(line, f"/twilio/staff/offer?p={page.id}", sid)
    ended(line, page, sid)
    case = caller.case
    assert (case.owner, case.on_line_call, case.waiting) == (None, caller.sid, True)


def test_staff_who_hang_up_after_the_key_and_before_the_room_are_rung_again_and_the_caller_holds(line, number):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    ended(line, page, sid)
    case = caller.case
    assert case.bridge is None
    assert case.on_line_call == caller.sid
    assert (Job.SEND, Purpose.OWNER) in orders(line, case, seconds=10)
    assert "taken your call" in caller.holds().document


def test_a_caller_who_hangs_up_while_staff_wait_in_the_room_is_not_rung_without_consent_to_it(line, number):
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    caller.hangs_up()
    case = caller.case
    rights(case)
    assert case.owner == page.staff_id
    purposes = {purpose for _, purpose in orders(line, case)}
    assert purposes <= {None, Purpose.CALLER}
    assert (Purpose.CALLER in purposes) == case.may_call


def test_staff_who_drop_in_the_talk_leave_the_caller_on_hold_at_the_front_and_paging_goes_on(line, number):
    caller, _page, sid = talking(line, number)
    line.clock.forward(seconds=30)
    in_room(line, caller.case, sid, "participant-leave", "completed")
    in_room(line, caller.case, caller.sid, "participant-leave", "in-progress")
    case = caller.case
    assert (case.on_line_call, case.bridge) == (caller.sid, None)
    assert "We lost the other end" in caller.holds().document
    assert line.services.store.place_on_hold(case.id) == 1
    ordered = orders(line, case, seconds=25)
    assert (Job.SEND, Purpose.PAGE) in ordered
    assert caller.case.owner is None


@pytest.mark.parametrize("first", ["caller's report first", "hold before any report"])
def test_the_same_with_the_reports_in_another_order_or_none(line, number, first):
    caller, page, sid = talking(line, number)
    line.clock.forward(seconds=30)
    if first == "caller's report first":
        in_room(line, caller.case, caller.sid, "participant-leave", "in-progress")
    caller.leaves_room()
    assert (caller.case.on_line_call, caller.case.bridge) == (caller.sid, None)
    in_room(line, caller.case, sid, "participant-leave", "completed")
    ended(line, page, sid)
    in_room(line, caller.case, caller.sid, "participant-leave", "in-progress")
    assert (caller.case.on_line_call, caller.case.bridge) == (caller.sid, None)


def test_a_hold_request_that_was_on_its_way_when_the_caller_was_moved_in_ends_no_talk(line, number):
    """Otherwise the owner would be forgotten in the room, and others be paged for a caller who has somebody."""
    caller, _page, sid = talking(line, number)
    line.redis.delete("rq:queue:urgent")
    caller.holds()
    case = caller.case
    assert (case.state, case.bridge.staff_call, case.bridge.caller_call) == (CaseState.CONNECTED, sid, caller.sid)
    (rung,) = line.redis.lrange("rq:queue:urgent", 0, -1)
    assert line.redis.hget(f"rq:job:{rung.decode()}", "description") == Job.CHECK.value.encode()


def test_what_happens_in_the_room_of_an_earlier_bridge_changes_nothing(line, number):
    caller, page, sid = talking(line, number)
    earlier = caller.case.bridges
    in_room(line, caller.case, sid, "participant-leave", "completed")
    line.services.dispatch.claim(caller.case.id, page.staff_id, via=ClaimVia.CALL, call=line.sid("CA"))
    now = caller.case
    assert now.bridges == earlier + 1
    for sid_, event in ((caller.sid, "participant-join"), (now.bridge.staff_call, "participant-leave")):
        form = {"CallSid": sid_, "StatusCallbackEvent": event, "ParticipantCallStatus": "in-progress"}
        assert line.post(f"/twilio/room?c={now.id}&n={earlier}", form).status_code == 204
    assert caller.case.bridge == now.bridge


def test_each_bridge_has_a_room_of_its_own(line, number):
    """A phone that was left in the room of an earlier one can meet neither the caller nor the next owner."""
    caller = on_hold(line, number)
    page, sid = offered(line, caller.case)
    first = staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    line.services.dispatch.release(caller.case.id, page.staff_id)
    again = line.sid("CA")
    second = staff(line, f"/twilio/staff/key?p={page.id}", again, Digits="1")
    assert room_in(first) != room_in(second)
    in_room(line, caller.case, again)
    assert room_in(line.call(number, path_of(redirected(caller.holds().document)), CallSid=caller.sid)) == room_in(
        second
    )


def room_in(document):
    return etree.fromstring(document.encode()).findtext(".//Conference")


def redirected(document):
    return etree.fromstring(document.encode()).findtext("Redirect")


def test_a_caller_who_drops_early_in_the_talk_stays_with_the_staff_member_who_is_told(line, number):
    caller, page, sid = talking(line, number)
    line.clock.forward(seconds=5)
    in_room(line, caller.case, caller.sid, "participant-leave", "completed")
    caller.hangs_up()
    case = caller.case
    rights(case)
    assert case.owner == page.staff_id
    assert "caller_left" in [notice.kind.value for notice in case.notices]
    said = staff(line, f"/twilio/staff/told?c={case.id}&k=caller_left", sid)
    assert "hung up" in said


def test_a_caller_who_leaves_after_a_talk_leaves_the_outcome_to_staff(line, number):
    caller, _page, sid = talking(line, number)
    line.clock.forward(seconds=90)
    in_room(line, caller.case, caller.sid, "participant-leave", "completed")
    caller.hangs_up()
    case = caller.case
    assert case.awaits_outcome
    assert orders(line, case, seconds=600) == [(Job.TELL, None)]
    assert "How did it go" in staff(line, f"/twilio/staff/after?c={case.id}", sid)
    staff(line, f"/twilio/staff/outcome?c={case.id}", sid, Digits="1")
    assert line.services.store.case(case.id).closed


def test_two_staff_who_press_1_in_the_same_moment_are_told_one_yes_and_one_name(line, number):
    caller = on_hold(line, number)
    line.services.dispatch.advance(caller.case.id)
    line.clock.forward(seconds=200)
    line.services.dispatch.advance(caller.case.id)
    case = line.services.store.case(caller.case.id)
    calls = {
        page.staff_id: page for page in case.pages if page.channel.value == "call" and page.purpose is Purpose.PAGE
    }
    two = list(calls.values())[:2]
    assert len(two) == 2
    start, answers = threading.Barrier(2), {}

    def press(page):
        sid = line.sid("CA")
        start.wait(10)
        answers[page.staff_id] = staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")

    threads = [threading.Thread(target=press, args=(page,)) for page in two]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = line.services.store.case(case.id)
    assert "<Conference" in answers[won.owner]
    (other,) = [one.staff_id for one in two if one.staff_id != won.owner]
    assert "<Conference" not in answers[other]
    assert "already has this case" in answers[other]


def test_a_caller_who_calls_in_while_being_called_back_is_joined_and_the_ringing_phone_is_stopped(line, number):
    caller = on_hold(line, number).presses("1")
    caller.hangs_up()
    page, sid = offered(line, caller.case)
    staff(line, f"/twilio/staff/key?p={page.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    assert (Job.SEND, Purpose.CALLER) in orders(line, caller.case)
    (ringing,) = [one for one in caller.case.pages if one.purpose is Purpose.CALLER]
    line.services.dispatch.leased(caller.case.id, ringing.id, "t")
    line.services.dispatch.page_status(caller.case.id, ringing.id, sid=line.sid("CA"), status="ringing", error="")
    again = Caller(line, number).holds()
    assert "/twilio/voice/join" in again.document
    in_room(line, again.case, again.sid)
    assert again.case.state is CaseState.CONNECTED
    assert (Job.STOP, None) in orders(line, again.case, seconds=1)
    assert ClaimVia.CALL is again.case.claim.via


# -- the one question after a call ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("keys", "helped"), [("1", "yes"), ("2", "no"), ("7", None), ("", None), ("##*", None)])
def test_a_caller_is_asked_once_whether_it_helped_and_may_say_nothing(line, number, keys, helped):
    caller, _, _ = talking(line, number)
    case_id = caller.case.id
    line.clock.forward(seconds=90)
    line.services.dispatch.close(case_id, caller.case.owner, Outcome.HANDED_OVER)
    after = f"/twilio/voice/after?c={case_id}"
    asked = line.call(number, after, CallSid=caller.sid)
    assert "Did this call help" in asked
    assert path_of(listens(asked)[1]).startswith("/twilio/voice/survey")  # silence hears the goodbye too
    answer = line.call(number, path_of(listens(asked)[0]), CallSid=caller.sid, Digits=keys)
    assert "Goodbye" in answer
    answers = [entry.detail["helped"] for entry in line.services.store.timeline(case_id) if entry.what.value == "rated"]
    assert answers == ([helped] if helped else [])
    assert ("Did this call help" in line.call(number, after, CallSid=caller.sid)) == (helped is None)


def test_nobody_is_asked_who_was_not_helped_by_a_human_yet(line, number):
    caller = on_hold(line, number)
    again = line.call(number, f"/twilio/voice/after?c={caller.case.id}", CallSid=caller.sid)
    assert "/twilio/voice/hold" in again


# -- a third person ---------------------------------------------------------------------------------------------------


def stepped_out(line, number):
    """A talk whose owner pressed `*`, with the reports in the order in which they may come."""
    caller, page, sid = talking(line, number)
    line.clock.forward(seconds=30)
    in_room(line, caller.case, sid, "participant-leave", "in-progress")
    document = staff(line, f"/twilio/staff/after?c={caller.case.id}", sid, DialCallStatus="answered")
    in_room(line, caller.case, caller.sid, "participant-leave", "in-progress")
    assert "add a colleague" in document
    assert "has taken your call" in caller.holds().document
    return caller, page, sid


def guest_rung(line, case, key, sid):
    """The owner goes back with this key; gives the pages of those who are rung as the third person."""
    document = staff(line, f"/twilio/staff/aside?c={case.id}", sid, Digits=key)
    assert 'maxParticipants="3"' in document
    in_room(line, case, sid)
    line.services.dispatch.advance(case.id)
    now = line.services.store.case(case.id)
    for one in (pages := now.live(Purpose.GUEST)):
        line.services.dispatch.leased(case.id, one.id, "t")
    return pages


def three_in_the_room(line, number):
    caller, _, sid = stepped_out(line, number)
    first, *others = guest_rung(line, caller.case, "3", sid)
    guest = line.sid("CA")
    offer = staff(line, f"/twilio/guest/offer?p={first.id}", guest)
    assert "asks you to join" in offer
    assert number not in offer
    room = staff(line, f"/twilio/guest/key?p={first.id}", guest, Digits="1")
    assert 'maxParticipants="3"' in room
    for other in others:
        assert "<Conference" not in staff(line, f"/twilio/guest/key?p={other.id}", line.sid("CA"), Digits="1")
    assert "/twilio/voice/join" in caller.holds().document
    in_room(line, caller.case, caller.sid)
    in_room(line, caller.case, guest)
    assert caller.case.state is CaseState.CONNECTED
    assert caller.case.guest.here
    return caller, sid, first.staff_id, guest


def test_an_owner_who_hangs_up_has_not_stepped_out_though_twilio_asks_the_same_address(line, number):
    caller, page, sid = talking(line, number)
    line.clock.forward(seconds=30)
    line.post(f"/twilio/staff/after?c={caller.case.id}", staff_form(line, sid, CallStatus="completed"))
    in_room(line, caller.case, sid, "participant-leave", "in-progress")
    ended(line, page, sid)
    assert "We lost the other end" in caller.holds().document
    assert (Job.SEND, Purpose.PAGE) in orders(line, caller.case, seconds=25)


def test_an_owner_who_stepped_out_comes_back_and_the_caller_with_them(line, number):
    caller, _, sid = stepped_out(line, number)
    assert "<Conference" in staff(line, f"/twilio/staff/aside?c={caller.case.id}", sid, Digits="1")
    in_room(line, caller.case, sid)
    assert "/twilio/voice/join" in caller.holds().document
    in_room(line, caller.case, caller.sid)
    assert caller.case.state is CaseState.CONNECTED


def test_an_owner_who_stepped_out_and_hangs_up_is_rung_again_and_then_others_are(line, number):
    caller, page, sid = stepped_out(line, number)
    ended(line, page, sid)
    assert (Job.SEND, Purpose.OWNER) in orders(line, caller.case, seconds=61)
    assert (Job.SEND, Purpose.PAGE) in orders(line, caller.case, seconds=120)
    assert caller.case.on_line_call == caller.sid


def test_an_owner_can_give_the_case_to_others_while_the_caller_holds(line, number):
    caller, _, sid = stepped_out(line, number)
    assert "Others are being asked" in staff(line, f"/twilio/staff/aside?c={caller.case.id}", sid, Digits="5")
    assert caller.case.owner is None
    assert caller.case.on_line_call == caller.sid
    assert "We lost the other end" in caller.holds().document


def test_a_colleague_joins_as_the_third_and_has_the_case_once_the_owner_leaves(line, number):
    caller, sid, colleague, guest = three_in_the_room(line, number)
    in_room(line, caller.case, sid, "participant-leave", "completed")
    case = caller.case
    assert (case.owner, case.state, case.bridge.staff_call) == (colleague, CaseState.CONNECTED, guest)
    assert case.guest is None
    in_room(line, caller.case, guest, "participant-leave", "completed")
    in_room(line, caller.case, caller.sid, "participant-leave", "in-progress")
    assert caller.case.on_line_call == caller.sid


def test_a_colleague_who_leaves_again_leaves_the_two_talking(line, number):
    caller, sid, _, guest = three_in_the_room(line, number)
    in_room(line, caller.case, guest, "participant-leave", "completed")
    case = caller.case
    assert (case.guest, case.state, case.bridge.staff_call) == (None, CaseState.CONNECTED, sid)


def test_the_crisis_line_is_put_through_without_a_key_and_the_owner_who_leaves_says_how_it_ended(line, number):
    caller, _, sid = stepped_out(line, number)
    (page,) = guest_rung(line, caller.case, "9", sid)
    assert line.services.pager.numbers.of(caller.case, page) == "+18002738255"
    guest = line.sid("CA")
    assert "<Conference" in staff(line, f"/twilio/guest/offer?p={page.id}", guest)
    caller.holds()
    in_room(line, caller.case, caller.sid)
    in_room(line, caller.case, guest)
    owner = caller.case.owner
    in_room(line, caller.case, sid, "participant-leave", "completed")
    case = caller.case
    assert case.awaits_outcome
    assert case.owner == owner
    assert "Did this call help" in line.call(number, f"/twilio/voice/after?c={case.id}", CallSid=caller.sid)


def test_when_no_colleague_comes_the_two_go_on_talking_and_nobody_is_rung_for_ever(line, number):
    caller, _, sid = stepped_out(line, number)
    pages = guest_rung(line, caller.case, "3", sid)
    for page in pages:
        line.services.dispatch.page_status(caller.case.id, page.id, sid=line.sid("CA"), status="no-answer", error="")
    orders(line, caller.case, seconds=10)
    assert caller.case.guest is None
    assert Purpose.GUEST not in {purpose for _, purpose in orders(line, caller.case, seconds=60)}
