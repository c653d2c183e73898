import io
import shutil
import wave

import pytest
from twilio.base.exceptions import TwilioRestException

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"


def test_a_queued_call_is_joined_with_whoever_dials_the_queue(lab, peer):
    peer.twiml("/voice", '<Enqueue action="/left" waitUrl="/wait">help</Enqueue>', "<Dial><Queue>help</Queue></Dial>")
    peer.twiml("/wait", "<Say>Please hold</Say><Pause length='10'/>")
    peer.twiml("/left", "<Say>Bye</Say>")
    waiting = lab.call("+12025550101")
    lab.advance(12)
    assert peer.got("/wait")[1]["QueuePosition"] == "1"
    taking = lab.call("+12025550102")
    assert lab.rooms() == [["+12025550101", "+12025550102"]]
    lab.act(taking, "hangup")
    lab.advance(1)
    assert peer.got("/left")[0]["QueueResult"] == "bridged"
    assert lab.heard(waiting)[-1] == "Bye"


def test_leave_takes_a_call_out_of_the_queue(lab, peer):
    peer.twiml("/voice", '<Enqueue action="/left" waitUrl="/wait">help</Enqueue>')
    peer.twiml("/wait", "<Leave/>")
    peer.twiml("/left", "")
    lab.call()
    assert peer.got("/left")[0]["QueueResult"] == "leave"


def test_a_recording_ends_at_silence_and_its_sound_can_be_fetched(lab, peer):
    peer.twiml("/voice", '<Record action="/rec" timeout="3" recordingStatusCallback="/rs"/>')
    peer.twiml("/rec", "")
    lab.call()
    lab.advance(3.1)
    [form] = peer.got("/rec")
    assert form["RecordingDuration"] == "3"
    assert peer.got("/rs")[0]["RecordingStatus"] == "completed"
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    sound = lab.http.get(form["RecordingUrl"] + ".wav", auth=auth, timeout=10)
    with wave.open(io.BytesIO(sound.content)) as file:
        assert file.getnframes() == 3 * 8000


def test_hanging_up_on_a_recording_says_so_to_the_action(lab, peer):
    peer.twiml("/voice", '<Record action="/rec"/>')
    peer.twiml("/rec", "")
    sid = lab.call()
    lab.act(sid, "hangup")
    assert peer.got("/rec")[0]["Digits"] == "hangup"


def queue(attributes: str = "") -> str:
    return f'<Enqueue action="/left" {attributes}>help</Enqueue>'


def test_who_dials_an_empty_queue_waits_for_somebody_to_come(lab, peer):
    peer.twiml("/voice", '<Dial timeout="20" action="/done"><Queue>help</Queue></Dial>', queue(), queue())
    peer.twiml("/done", "")
    peer.twiml("/left", "")
    taking = lab.call(STAFF)
    lab.advance(10)
    lab.call(CALLER)
    assert lab.rooms() == [[CALLER, STAFF]]
    lab.act(taking, "hangup")


def test_an_empty_queue_is_given_up_after_the_timeout(lab, peer):
    peer.twiml("/voice", '<Dial timeout="20" action="/done"><Queue>help</Queue></Dial>')
    peer.twiml("/done", "")
    lab.call(STAFF)
    lab.advance(20.1)
    assert peer.got("/done")[0]["DialCallStatus"] == "no-answer"


def test_the_waiting_call_is_told_before_it_is_taken(lab, peer):
    peer.twiml("/voice", queue(), '<Dial><Queue url="/told">help</Queue></Dial>')
    peer.twiml("/told", "<Say>You are being connected</Say><Pause length='2'/>")
    waiting = lab.call(CALLER)
    lab.advance(4)
    taking = lab.call(STAFF)
    assert lab.rooms() == []
    lab.advance(3)
    assert lab.rooms() == [[CALLER, STAFF]]
    [form] = peer.got("/told")
    assert (form["CallSid"], form["DequeingCallSid"], form["QueueTime"]) == (waiting, taking, "4")
    assert "You are being connected" in lab.heard(waiting)


@pytest.mark.parametrize(
    ("happens", "result"),
    [
        ("hangup", "hangup"),
        ("redirect", "redirected"),
        ("dequeue", "redirected"),
        ("full", "queue-full"),
        ("broken", "error"),
    ],
)
def test_every_way_out_of_a_queue_is_reported(lab, peer, happens, result):
    peer.twiml("/voice", queue('waitUrl="/wait" maxQueueSize="1"'))
    peer.twiml("/wait", "<Pause length='60'/>")
    peer.twiml("/left", "")
    peer.twiml("/away", "<Say>Elsewhere</Say>")
    if happens == "broken":
        peer.twiml("/wait", "<Leave")
        lab.excuse(12100)
    waiting = lab.call(CALLER)
    if happens == "hangup":
        lab.act(waiting, "hangup")
    elif happens == "redirect":
        lab.sdk.calls(waiting).update(url=f"{peer.url}/away")
    elif happens == "dequeue":
        [found] = lab.sdk.queues.list()
        assert [member.call_sid for member in found.members.list()] == [waiting]
        found.members("Front").update(url=f"{peer.url}/away")
    elif happens == "full":
        lab.call(OTHER)
    lab.advance(1)
    assert peer.got("/left")[0]["QueueResult"] == result
    if happens in ("redirect", "dequeue"):
        assert lab.heard(waiting)[-1] == "Elsewhere"


def test_the_waiting_are_told_their_place_and_the_size_of_the_queue(lab, peer):
    peer.twiml("/voice", queue('waitUrl="/wait"'))
    peer.twiml("/wait", "<Say>Wait</Say><Pause length='9'/>")
    lab.call(CALLER)
    lab.advance(4)
    lab.call(STAFF)
    form = peer.got("/wait")[-1]
    expected = {
        "QueuePosition": "2",
        "QueueTime": "0",
        "AvgQueueTime": "2",
        "CurrentQueueSize": "2",
        "MaxQueueSize": "100",
    }
    assert {name: form[name] for name in expected} == expected


def test_queues_are_made_renamed_and_deleted_by_rest(lab, peer):
    made = lab.sdk.queues.create(friendly_name="help", max_size=5)
    assert (made.current_size, made.max_size, made.average_wait_time) == (0, 5, 0)
    assert made.update(max_size=7).max_size == 7
    with pytest.raises(TwilioRestException) as caught:
        lab.sdk.queues.create(friendly_name="help")
    assert caught.value.code == 22003
    peer.twiml("/voice", queue())
    peer.twiml("/left", "")
    sid = lab.call(CALLER)
    assert made.fetch().current_size == 1
    with pytest.raises(TwilioRestException) as caught:
        made.delete()
    assert caught.value.code == 22002
    lab.act(sid, "hangup")
    assert made.delete()


def test_a_recording_reports_its_beginning_and_its_end(lab, peer):
    events = 'recordingStatusCallback="/rs" recordingStatusCallbackEvent="in-progress completed absent"'
    peer.twiml("/voice", f'<Record action="/rec" timeout="3" {events}/>')
    peer.twiml("/rec", "")
    lab.call()
    assert [form["RecordingStatus"] for form in peer.got("/rs")] == ["in-progress"]
    lab.advance(4)
    forms = peer.got("/rs")
    assert [form["RecordingStatus"] for form in forms] == ["in-progress", "completed"]
    assert forms[0]["RecordingSid"] == forms[1]["RecordingSid"]
    assert (forms[1]["RecordingSource"], forms[1]["RecordingDuration"]) == ("RecordVerb", "3")


def test_an_absent_recording_says_so_and_has_no_address(lab, peer):
    events = 'recordingStatusCallback="/rs" recordingStatusCallbackEvent="completed absent"'
    lab.post("/faults", kind="recording_absent")
    peer.twiml("/voice", f'<Record action="/rec" timeout="3" {events}/>')
    peer.twiml("/rec", "")
    lab.call()
    lab.advance(4)
    assert [form["RecordingStatus"] for form in peer.got("/rs")] == ["absent"]
    assert "RecordingUrl" not in peer.got("/rec")[0]


@pytest.mark.parametrize(("key", "digits"), [("5", "5"), ("#", "#")])
def test_any_key_ends_a_recording_unless_the_verb_names_one(lab, peer, key, digits):
    peer.twiml("/voice", '<Record action="/rec"/>')
    peer.twiml("/rec", "")
    lab.press(lab.call(), key)
    assert peer.got("/rec")[0]["Digits"] == digits
    peer.twiml("/only", "")
    peer.twiml("/voice", '<Record action="/only" finishOnKey="*" playBeep="false"/>')
    sid = lab.call(OTHER)
    lab.press(sid, "5")
    assert peer.got("/only") == []
    lab.press(sid, "*")
    assert peer.got("/only")[0]["Digits"] == "*"
    assert "beep" not in lab.heard(sid)


def test_a_recording_ends_at_its_longest_and_speech_keeps_it_going(lab, peer):
    peer.twiml("/voice", '<Record action="/rec" timeout="5" maxLength="12"/>')
    peer.twiml("/rec", "")
    sid = lab.call()
    for _ in range(3):
        lab.advance(3.9)
        lab.act(sid, "speech", text="and another thing")
    lab.advance(0.5)
    assert peer.got("/rec")[0]["RecordingDuration"] == "12"


def test_a_recording_is_written_down_where_that_is_asked_for(lab, peer):
    peer.twiml("/voice", '<Record action="/rec" timeout="3" transcribe="true" transcribeCallback="/written"/>')
    peer.twiml("/rec", "")
    sid = lab.call()
    lab.act(sid, "speech", text="please call me back")
    lab.advance(4)
    [form] = peer.got("/written")
    assert (form["TranscriptionText"], form["TranscriptionStatus"]) == ("please call me back", "completed")
    assert form["RecordingSid"] == peer.got("/rec")[0]["RecordingSid"]


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")
def test_a_recording_holds_the_words_that_were_said(lab, peer):
    peer.twiml("/voice", '<Record action="/rec" timeout="2"/>')
    peer.twiml("/rec", "")
    sid = lab.call()
    lab.act(
        sid, "speech", text="I would like somebody to call me back tomorrow morning after nine, if that is possible"
    )
    lab.advance(3)
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    sound = lab.http.get(peer.got("/rec")[0]["RecordingUrl"], auth=auth, timeout=10)
    with wave.open(io.BytesIO(sound.content)) as file:
        assert file.getnframes() / file.getframerate() > 3
        assert len(set(file.readframes(40000))) > 50


def test_recordings_are_listed_by_call_and_deleted(lab, peer):
    peer.twiml("/voice", '<Record action="/rec" timeout="1"/>')
    peer.twiml("/rec", "")
    sid = lab.call()
    lab.advance(2)
    lab.call(OTHER)
    lab.advance(2)
    assert len(lab.sdk.recordings.list()) == 2
    [of_call] = lab.sdk.calls(sid).recordings.list()
    [recording] = lab.sdk.recordings.list(call_sid=sid)
    assert (of_call.sid, recording.media_url[:4]) == (recording.sid, "http")
    assert recording.delete()
    assert lab.sdk.recordings.list(call_sid=sid) == []


def test_a_call_can_be_recorded_from_the_start_by_rest(lab, peer):
    lab.phone(STAFF, behaviour="answer")
    peer.twiml("/page", "<Pause length='5'/>")
    lab.sdk.calls.create(
        to=STAFF, from_=NUMBER, url=f"{peer.url}/page", record=True, recording_status_callback=f"{peer.url}/rs"
    )
    lab.advance(6)
    [form] = peer.got("/rs")
    assert (form["RecordingSource"], form["RecordingDuration"]) == ("OutboundAPI", "5")
