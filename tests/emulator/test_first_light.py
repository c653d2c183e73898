"""The whole of the emulator in a few stories: text, call, page, bridge."""


def test_a_text_is_answered_by_the_webhooks_twiml(lab, peer):
    peer.twiml("/sms", "<Message>Welcome</Message>")
    lab.text("+12025550101", "hi")
    [form] = peer.got("/sms")
    assert (form["Body"], form["From"], form["To"]) == ("hi", "+12025550101", "+15005550006")
    assert lab.bodies("+12025550101") == ["Welcome"]
    assert lab.errors() == []


def test_a_call_gathers_a_key_and_ends(lab, peer):
    peer.twiml("/voice", '<Gather numDigits="1" action="/key"><Say>Press a key</Say></Gather>')
    peer.twiml("/key", "<Say>Thank you</Say><Hangup/>")
    sid = lab.call()
    lab.press(sid, "5")
    lab.advance(1)
    assert lab.heard(sid) == ["Press a key", "Thank you"]
    assert peer.got("/key")[0]["Digits"] == "5"
    assert lab.view(sid)["status"] == "completed"
    assert lab.errors() == []


def test_staff_is_paged_presses_one_and_is_bridged_with_the_screened_caller(lab, peer):
    number = f'<Number url="{peer.url}/screen">+12025550101</Number>'
    peer.twiml("/page", f'<Gather numDigits="1" action="{peer.url}/claim"><Say>Press 1</Say></Gather>')
    peer.twiml("/claim", f'<Dial callerId="+15005550006" answerOnBridge="true">{number}</Dial>')
    peer.twiml("/screen", '<Gather numDigits="1" action="/join"><Say>A call for you</Say></Gather><Hangup/>')
    peer.twiml("/join", "")
    call = lab.sdk.calls.create(
        to="+12025550102",
        from_="+15005550006",
        url=f"{peer.url}/page",
        status_callback=f"{peer.url}/progress",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )
    assert call.status == "queued"
    lab.settle()
    assert lab.live("+12025550102")["ringing"]
    lab.act(call.sid, "answer")
    lab.press(call.sid, "1")
    caller_leg = lab.live("+12025550101")
    assert caller_leg["with"] == "+15005550006"
    lab.act(caller_leg["sid"], "answer")
    assert lab.rooms() == []
    lab.press(caller_leg["sid"], "1")
    assert lab.rooms() == [["+12025550101", "+12025550102"]]
    lab.act(caller_leg["sid"], "hangup")
    lab.advance(1)
    assert lab.sdk.calls(call.sid).fetch().status == "completed"
    events = [(form["CallStatus"], form["SequenceNumber"]) for form in peer.got("/progress")]
    assert events == [("initiated", "0"), ("ringing", "1"), ("in-progress", "2"), ("completed", "3")]
    assert lab.errors() == []


def test_two_people_meet_in_a_conference(lab, peer):
    conference = (
        '<Dial><Conference beep="false" waitUrl="" endConferenceOnExit="true" statusCallback="/conf" '
        'statusCallbackEvent="start end join leave">case-1</Conference></Dial>'
    )
    peer.twiml("/voice", conference)
    first, second = lab.call("+12025550101"), lab.call("+12025550102")
    assert lab.rooms() == [["+12025550101", "+12025550102"]]
    lab.act(first, "speech", text="hello?")
    assert lab.heard(second)[-1] == "hello?"
    lab.act(first, "hangup")
    lab.advance(1)
    assert lab.view(second)["status"] == "completed"
    events = [form["StatusCallbackEvent"] for form in peer.got("/conf")]
    assert events == [
        "participant-join",
        "participant-join",
        "conference-start",
        "participant-leave",
        "participant-leave",
        "conference-end",
    ]


def test_nobody_answers_within_timeout_and_five_seconds(lab, peer):
    peer.twiml("/page", "<Say>hi</Say>")
    call = lab.sdk.calls.create(to="+12025550102", from_="+15005550006", url=f"{peer.url}/page", timeout=20)
    lab.advance(24.9)
    assert lab.sdk.calls(call.sid).fetch().status == "ringing"
    lab.advance(0.2)
    assert lab.sdk.calls(call.sid).fetch().status == "no-answer"
