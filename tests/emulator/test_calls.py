"""Calls: statuses and their callbacks, legs, Dial and screening, voicemail, changes by REST."""

import pytest
from flask import Response
from twilio.base.exceptions import TwilioRestException

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"
ALL = ["initiated", "ringing", "answered", "completed"]


def refused(act) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.status, caught.value.code


def page(lab, **more):
    if "/page" not in lab.peer.answers:
        lab.peer.twiml("/page", "")
    order = {"to": STAFF, "from_": NUMBER, "url": f"{lab.peer.url}/page", "status_callback": f"{lab.peer.url}/cs"}
    call = lab.sdk.calls.create(**(order | {"status_callback_event": ALL} | more))
    lab.settle()
    return call


def statuses(lab, path: str = "/cs") -> list[str]:
    return [form["CallStatus"] for form in lab.peer.got(path)]


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ("answer", ["initiated", "ringing", "in-progress", "completed"]),
        ("busy", ["initiated", "busy"]),
        ("unreachable", ["initiated", "failed"]),
        ("never", ["initiated", "ringing", "no-answer"]),
    ],
)
def test_every_end_of_a_call_is_reported_with_rising_numbers(lab, peer, behaviour, expected):
    lab.phone(STAFF, behaviour=behaviour)
    peer.twiml("/page", "<Say>hi</Say><Pause length='61'/>")
    call = page(lab, timeout=20)
    lab.advance(90)
    assert statuses(lab) == expected
    forms = peer.got("/cs")
    assert [form["SequenceNumber"] for form in forms] == [str(n) for n in range(len(forms))]
    assert all(form["CallbackSource"] == "call-progress-events" and form["Timestamp"] for form in forms)
    assert call.fetch().status == expected[-1]
    if behaviour == "answer":
        assert (forms[-1]["CallDuration"], forms[-1]["Duration"]) == ("61", "2")


def test_only_the_end_is_reported_unless_more_is_asked_for(lab, peer):
    lab.phone(STAFF, behaviour="answer")
    peer.twiml("/page", "<Say>hi</Say>")
    page(lab, status_callback_event=[])
    lab.advance(1)
    assert statuses(lab) == ["completed"]


def test_an_unknown_event_is_refused(lab):
    assert refused(lambda: page(lab, status_callback_event=["in-progres"])) == (400, 21626)


def test_a_number_reports_the_end_of_its_incoming_calls(lab, peer):
    peer.twiml("/voice", "<Say>hi</Say>")
    lab.call()
    lab.advance(1)
    assert statuses(lab, "/status") == ["completed"]


def test_a_ringing_call_can_be_canceled_and_an_answered_one_only_completed(lab, peer):
    call = page(lab)
    call.update(status="canceled")
    lab.settle()
    assert statuses(lab) == ["initiated", "ringing", "canceled"]
    peer.twiml("/page", "<Pause length='60'/>")
    second = page(lab)
    lab.advance(1)
    lab.act(second.sid, "answer")
    assert refused(lambda: second.update(status="canceled")) == (400, 21220)
    second.update(status="completed")
    assert second.fetch().status == "completed"


def test_a_queued_call_can_be_canceled_before_it_ever_rings(lab, peer):
    page(lab, to=CALLER)
    call = page(lab)
    assert call.update(status="canceled").status == "canceled"
    lab.advance(5)
    assert lab.get(f"/phones/{STAFF}/calls") == []


def test_a_call_ends_at_its_time_limit(lab, peer):
    lab.phone(STAFF, behaviour="answer")
    peer.twiml("/page", "<Pause length='600'/>")
    call = page(lab, time_limit=30)
    lab.advance(31)
    assert (call.fetch().status, call.fetch().duration) == ("completed", "30")


def test_keys_are_sent_to_a_switchboard_and_no_machine_is_looked_for(lab, peer):
    lab.phone(STAFF, behaviour="answer")
    call = page(lab, send_digits="ww12", machine_detection="Enable")
    lab.advance(2)
    assert lab.heard(call.sid) == ["ww12"]
    assert "AnsweredBy" not in peer.got("/page")[0]
    assert refused(lambda: page(lab, send_digits="call me")) == (400, 21222)


@pytest.mark.parametrize(
    ("behaviour", "ending", "mode", "answered_by"),
    [
        ("answer", "beep", "Enable", "human"),
        ("voicemail", "beep", "Enable", "machine_start"),
        ("fax", "beep", "Enable", "fax"),
        ("voicemail", "beep", "DetectMessageEnd", "machine_end_beep"),
        ("voicemail", "silence", "DetectMessageEnd", "machine_end_silence"),
        ("voicemail", "other", "DetectMessageEnd", "machine_end_other"),
    ],
)
def test_every_kind_of_answer_is_told_apart(lab, peer, behaviour, ending, mode, answered_by):
    lab.phone(STAFF, behaviour=behaviour, greeting_end=ending)
    call = page(lab, machine_detection=mode)
    lab.advance(7)
    assert peer.got("/page")[0]["AnsweredBy"] == answered_by
    assert call.fetch().answered_by == answered_by


def test_a_detection_that_takes_too_long_is_unknown(lab, peer):
    lab.phone(STAFF, behaviour="voicemail", greeting_s=30)
    page(lab, machine_detection="DetectMessageEnd", machine_detection_timeout=10)
    lab.advance(10.1)
    assert peer.got("/page")[0]["AnsweredBy"] == "unknown"


def test_an_asynchronous_detection_reports_to_its_own_address(lab, peer):
    lab.phone(STAFF, behaviour="voicemail")
    peer.twiml("/page", "<Pause length='30'/>")
    call = page(lab, machine_detection="Enable", async_amd="true", async_amd_status_callback=f"{peer.url}/amd")
    lab.advance(5)
    [form] = peer.got("/amd")
    assert form == {
        "CallSid": call.sid,
        "AccountSid": lab.emulator.settings.account_sid,
        "AnsweredBy": "machine_start",
        "MachineDetectionDuration": "4000",
    }


def test_a_voicemail_beeps_after_its_greeting_and_presses_nothing(lab, peer):
    lab.phone(STAFF, behaviour="voicemail", greeting_s=6)
    peer.twiml("/page", '<Gather numDigits="1" action="/claim" timeout="20"><Say>Press 1</Say></Gather>')
    call = page(lab)
    lab.advance(30)
    assert lab.heard(call.sid) == ["Press 1", "beep"]
    assert peer.got("/claim") == []


def test_a_voicemail_that_is_dialled_greets_the_caller(lab, peer):
    lab.phone(STAFF, behaviour="voicemail", greeting="Not in")
    peer.twiml("/voice", f'<Dial callerId="{NUMBER}">{STAFF}</Dial>')
    sid = lab.call()
    lab.advance(1)
    assert "Not in" in lab.heard(sid)


def test_an_incoming_call_carries_what_twilio_sends(lab, peer):
    peer.twiml("/voice", "<Say>hi</Say>")
    sid = lab.call()
    [form] = peer.got("/voice")
    assert form == {
        "CallSid": sid,
        "AccountSid": lab.emulator.settings.account_sid,
        "From": CALLER,
        "To": NUMBER,
        "Caller": CALLER,
        "Called": NUMBER,
        "CallStatus": "ringing",
        "ApiVersion": "2010-04-01",
        "Direction": "inbound",
    }


def test_a_withheld_number_is_anonymous_and_cannot_be_called_back(lab, peer):
    peer.twiml("/voice", "<Say>hi</Say>")
    lab.call(withheld=True)
    assert peer.got("/voice")[0]["From"] == "anonymous"
    assert refused(lambda: page(lab, to="anonymous")) == (400, 21217)


def test_a_number_without_a_voice_url_fails_at_once_and_says_nothing(lab):
    lab.hooks(voice_url="")
    assert lab.view(lab.call())["status"] == "failed"


@pytest.mark.parametrize(("reason", "status"), [("busy", "busy"), ("rejected", "no-answer")])
def test_an_incoming_call_can_be_rejected_unanswered(lab, peer, reason, status):
    peer.twiml("/voice", f'<Reject reason="{reason}"/>')
    view = lab.view(lab.call())
    assert (view["status"], view["answered"]) == (status, None)


def test_a_pause_first_lets_the_phone_ring_on(lab, peer):
    peer.twiml("/voice", "<Pause length='5'/><Say>hi</Say>")
    sid = lab.call()
    lab.advance(4)
    assert lab.view(sid)["status"] == "ringing"
    lab.advance(1.001)
    assert lab.view(sid)["answered"] is not None


def dial(lab, attributes: str = "", inside: str = STAFF) -> str:
    lab.peer.twiml("/voice", f'<Dial callerId="{NUMBER}" action="/done" {attributes}>{inside}</Dial>')
    lab.peer.twiml("/done", "")
    return lab.call()


def done(lab) -> dict[str, str]:
    [form] = lab.peer.got("/done")
    return form


def test_a_dialled_call_is_a_child_leg_with_its_own_callbacks(lab, peer):
    number = (
        f'<Number statusCallback="/child" statusCallbackEvent="initiated ringing answered completed">{STAFF}</Number>'
    )
    parent = dial(lab, inside=number)
    child = lab.live(STAFF)
    lab.act(child["sid"], "answer")
    lab.advance(10)
    lab.act(child["sid"], "hangup")
    assert statuses(lab, "/child") == ["initiated", "ringing", "in-progress", "completed"]
    assert {form["ParentCallSid"] for form in peer.got("/child")} == {parent}
    assert {form["Direction"] for form in peer.got("/child")} == {"outbound-dial"}
    [found] = lab.sdk.calls.list(parent_call_sid=parent)
    assert found.sid == child["sid"] == done(lab)["DialCallSid"]
    assert (done(lab)["DialCallStatus"], done(lab)["DialCallDuration"], done(lab)["DialBridged"]) == (
        "completed",
        "10",
        "true",
    )


def test_a_dial_without_caller_id_shows_the_callers_own_number(lab, peer):
    peer.twiml("/voice", f"<Dial>{STAFF}</Dial>")
    lab.call()
    assert lab.live(STAFF)["with"] == CALLER


def test_several_numbers_ring_at_once_and_the_first_to_answer_wins(lab, peer):
    dial(lab, inside=f"<Number>{STAFF}</Number><Number>{OTHER}</Number>")
    first, second = lab.live(STAFF), lab.live(OTHER)
    lab.act(second["sid"], "answer")
    assert lab.rooms() == [[CALLER, OTHER]]
    assert lab.view(first["sid"])["status"] == "canceled"


def test_numbers_in_sequence_ring_one_after_the_other(lab, peer):
    dial(lab, 'sequential="true" timeout="10"', f"<Number>{STAFF}</Number><Number>{OTHER}</Number>")
    assert lab.get(f"/phones/{OTHER}/calls") == []
    lab.advance(15.1)
    lab.act(lab.live(OTHER)["sid"], "answer")
    assert lab.rooms() == [[CALLER, OTHER]]


def test_a_dial_in_sequence_that_reaches_nobody_ends_after_the_last(lab, peer):
    lab.phone(STAFF, behaviour="busy")
    dial(lab, 'sequential="true" timeout="10"', f"<Number>{STAFF}</Number><Number>{OTHER}</Number>")
    lab.advance(15.1)
    assert (done(lab)["DialCallStatus"], done(lab)["DialBridged"]) == ("busy", "false")


def test_more_than_ten_numbers_are_an_error(lab, peer):
    numbers = [f"+120255502{n:02d}" for n in range(11)]
    for number in numbers:
        lab.phone(number)
    dial(lab, inside="".join(f"<Number>{number}</Number>" for number in numbers))
    assert lab.errors() == [12200]
    assert [len(lab.get(f"/phones/{number}/calls")) for number in numbers] == [1] * 10 + [0]


def test_the_caller_hears_ringing_until_answer_on_bridge_is_over(lab, peer):
    sid = dial(lab, 'answerOnBridge="true"')
    assert lab.view(sid)["status"] == "ringing"
    lab.act(lab.live(STAFF)["sid"], "answer")
    assert lab.view(sid)["status"] == "in-progress"


def test_a_star_hangs_the_dialled_party_up_where_that_is_wished(lab, peer):
    sid = dial(lab, 'hangupOnStar="true"')
    lab.act(lab.live(STAFF)["sid"], "answer")
    lab.press(sid, "*")
    assert done(lab)["DialCallStatus"] == "completed"


def test_a_dial_ends_at_its_time_limit(lab, peer):
    dial(lab, 'timeLimit="30"')
    lab.act(lab.live(STAFF)["sid"], "answer")
    lab.advance(30.1)
    assert done(lab)["DialCallDuration"] == "30"


def test_the_reason_for_a_call_is_shown_on_the_phone(lab, peer):
    dial(lab, 'callReason="A call you asked for"')
    assert lab.live(STAFF)["reason"] == "A call you asked for"


def test_a_dialled_extension_gets_its_keys(lab, peer):
    dial(lab, inside=f'<Number sendDigits="w77">{STAFF}</Number>')
    child = lab.live(STAFF)["sid"]
    lab.act(child, "answer")
    lab.advance(1)
    assert lab.heard(child) == ["w77"]


def test_a_dialled_machine_is_found_out_beside_the_call(lab, peer):
    lab.phone(STAFF, behaviour="voicemail")
    dial(lab, inside=f'<Number machineDetection="Enable" amdStatusCallback="/amd">{STAFF}</Number>')
    lab.advance(5)
    assert peer.got("/amd")[0]["AnsweredBy"] == "machine_start"


def test_a_recorded_dial_gives_its_recording_to_the_action_and_the_callback(lab, peer):
    sid = dial(lab, 'record="record-from-answer" recordingStatusCallback="/rs"')
    lab.act(lab.live(STAFF)["sid"], "answer")
    lab.act(sid, "speech", text="hello")
    lab.advance(8)
    lab.act(lab.live(STAFF)["sid"], "hangup")
    [report] = peer.got("/rs")
    assert (report["RecordingSource"], report["RecordingDuration"]) == ("DialVerb", "8")
    assert done(lab)["RecordingUrl"] == report["RecordingUrl"]


def test_the_end_of_screening_without_a_key_joins_the_two(lab, peer):
    dial(lab, inside=f'<Number url="/screen">{STAFF}</Number>')
    peer.twiml("/screen", "<Say>A call for you</Say>")
    child = lab.live(STAFF)["sid"]
    lab.act(child, "answer")
    lab.advance(1)
    assert lab.rooms() == [[CALLER, STAFF]]
    assert peer.got("/screen")[0]["CallSid"] == child


def test_a_screened_call_that_is_declined_was_answered_and_never_bridged(lab, peer):
    dial(lab, inside=f'<Number url="/screen">{STAFF}</Number>')
    peer.twiml("/screen", '<Gather numDigits="1" timeout="3"><Say>Press 1</Say></Gather><Hangup/>')
    lab.act(lab.live(STAFF)["sid"], "answer")
    lab.advance(4)
    assert (done(lab)["DialCallStatus"], done(lab)["DialBridged"]) == ("completed", "false")


def test_a_caller_who_hangs_up_while_it_rings_ends_the_ringing_and_the_action_is_told(lab, peer):
    sid = dial(lab)
    child = lab.live(STAFF)["sid"]
    lab.act(sid, "hangup")
    assert lab.view(child)["status"] == "canceled"
    assert done(lab)["DialCallStatus"] == "canceled"


def test_a_dialled_leg_can_be_redirected_and_lives_on_alone(lab, peer):
    dial(lab)
    child = lab.live(STAFF)["sid"]
    lab.act(child, "answer")
    peer.twiml("/away", "<Say>Elsewhere</Say><Pause length='60'/>")
    lab.sdk.calls(child).update(url=f"{peer.url}/away")
    lab.advance(1)
    assert (lab.heard(child)[-1], lab.view(child)["live"]) == ("Elsewhere", True)


def test_a_text_can_be_sent_during_a_call(lab, peer):
    peer.twiml("/voice", '<Message statusCallback="/ms">As promised</Message><Say>Sent</Say>')
    lab.call()
    lab.advance(1)
    assert lab.bodies(CALLER) == ["As promised"]
    assert [form["MessageStatus"] for form in peer.got("/ms")] == ["sent", "delivered"]


def test_a_sound_file_is_fetched_and_must_be_sound(lab, peer):
    peer.twiml("/voice", "<Play>/a.wav</Play><Play>/b.wav</Play><Play digits='12'/>")
    peer.answer("/a.wav", Response(b"RIFF", mimetype="audio/wav"))
    peer.answer("/b.wav", Response("no", mimetype="text/html"))
    sid = lab.call()
    lab.advance(3)
    assert lab.heard(sid) == [f"{peer.url}/a.wav", "12"]
    assert lab.errors() == [13420]


def test_words_take_their_time_and_loops_repeat_them(lab, peer):
    peer.twiml("/voice", "<Say loop='3' language='es-US' voice='Polly.Lupe'>uno dos</Say>")
    sid = lab.call()
    lab.advance(1)
    captions = lab.view(sid)["captions"]
    assert [(one["said"], one["language"], one["voice"]) for one in captions] == [
        ("uno dos", "es-US", "Polly.Lupe")
    ] * 3


def test_a_loop_of_documents_in_one_call_is_ended(lab, peer):
    peer.twiml("/voice", "<Redirect>/voice</Redirect>")
    sid = lab.call()
    lab.advance(1)
    assert lab.view(sid)["status"] == "completed"
    assert set(lab.errors()) == {12400}


def test_calls_are_listed_by_every_filter(lab, peer):
    lab.phone(STAFF, behaviour="busy")
    page(lab)
    lab.advance(1)
    page(lab, to=OTHER)
    lab.advance(1)
    assert [call.to for call in lab.sdk.calls.list(status="busy")] == [STAFF]
    assert [call.to for call in lab.sdk.calls.list(to=OTHER)] == [OTHER]
    assert len(lab.sdk.calls.list(from_=NUMBER)) == 2
    assert lab.sdk.calls.list(from_="+12025559999") == []


def test_a_call_is_deleted_only_when_it_is_over(lab, peer):
    call = page(lab)
    assert refused(call.delete) == (409, 20009)
    call.update(status="completed")
    assert call.delete()
    assert refused(call.fetch) == (404, 20404)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"to": "nobody"}, 21217),
        ({"from_": "+12025559999"}, 21210),
        ({"url": "not a url"}, 21205),
        ({"url": None}, 21205),
        ({"url": None, "twiml": "x" * 4001}, 32018),
        ({"timeout": 601}, 20001),
        ({"machine_detection": "maybe"}, 20001),
        ({"status_callback": "ftp://x"}, 21626),
    ],
)
def test_an_order_for_a_call_is_checked(lab, more, code):
    order = {"to": STAFF, "from_": NUMBER, "url": f"{lab.peer.url}/page"} | more
    assert refused(lambda: lab.sdk.calls.create(**{k: v for k, v in order.items() if v is not None})) == (400, code)


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed"])
def test_a_fault_decides_how_a_call_ends(lab, outcome):
    lab.post("/faults", kind="call_fate", outcome=outcome, number=STAFF)
    assert page(lab).fetch().status == outcome
