STAFF, NUMBER = "+12025550102", "+15005550006"


def test_a_synchronous_detection_tells_the_script_that_a_machine_answered(lab, peer):
    lab.phone(STAFF, behaviour="voicemail", greeting_s=6)
    peer.twiml("/page", "")
    lab.sdk.calls.create(to=STAFF, from_=NUMBER, url=f"{peer.url}/page", machine_detection="DetectMessageEnd")
    lab.advance(5.9)
    assert peer.got("/page") == []
    lab.advance(0.2)
    assert peer.got("/page")[0]["AnsweredBy"] == "machine_end_beep"


def test_an_asynchronous_detection_lets_the_script_begin_at_once(lab, peer):
    lab.phone(STAFF, behaviour="answer")
    peer.twiml("/page", "<Pause length='30'/>")
    lab.sdk.calls.create(
        to=STAFF,
        from_=NUMBER,
        url=f"{peer.url}/page",
        machine_detection="Enable",
        async_amd="true",
        async_amd_status_callback=f"{peer.url}/amd",
    )
    lab.advance(0.1)
    assert "AnsweredBy" not in peer.got("/page")[0]
    lab.advance(4)
    assert peer.got("/amd")[0]["AnsweredBy"] == "human"


def test_calls_by_rest_begin_one_a_second(lab, peer):
    for number in ("+12025550111", "+12025550112", "+12025550113"):
        lab.phone(number)
        lab.sdk.calls.create(to=number, from_=NUMBER, url=f"{peer.url}/page")
    lab.advance(0.5)
    assert [call.status for call in lab.sdk.calls.list()] == ["queued", "queued", "ringing"]
    lab.advance(2)
    assert {call.status for call in lab.sdk.calls.list()} == {"ringing"}
