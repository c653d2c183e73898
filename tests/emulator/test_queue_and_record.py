import io
import wave


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
