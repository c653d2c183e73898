import pytest
from flask import Response
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"


def refused(act) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.status, caught.value.code


def test_a_failing_webhook_sends_the_caller_an_application_error(lab, peer):
    peer.answer("/voice", Response("oops", status=500))
    sid = lab.call()
    assert "application error" in lab.heard(sid)[0]
    assert lab.view(sid)["status"] == "completed"
    assert lab.errors() == [11200]


def test_the_fallback_url_is_told_what_failed(lab, peer):
    [number] = lab.sdk.incoming_phone_numbers.list()
    number.update(voice_fallback_url=f"{peer.url}/fallback", sms_fallback_url=f"{peer.url}/fallback")
    peer.answer("/voice", Response("oops", status=500))
    peer.twiml("/fallback", "<Say>Call 988</Say>")
    sid = lab.call()
    [form] = peer.got("/fallback")
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{peer.url}/voice")
    assert lab.heard(sid) == ["Call 988"]
    assert lab.errors() == [11200]


def test_a_plain_text_error_page_is_texted_to_the_sender(lab, peer):
    peer.answer("/sms", Response("Traceback", mimetype="text/plain"))
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == ["Traceback"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("<Response><Say>hi</Say>", 12100),
        ("<Response><Say>\x01</Say></Response>", 12100),
        ("<response/>", 12102),
        ("<Response><say>hi</say></Response>", 12200),
        ('<Response><Say loud="yes">hi</Say></Response>', 12200),
        ('<Response><Gather numDigits="x"/></Response>', 13314),
        ("<Response><Gather><Dial>+12025550102</Dial></Gather></Response>", 13320),
        ('<Response><Dial callerId="+12025559999">+12025550102</Dial></Response>', 13214),
        ("<Response><Dial>911911</Dial></Response>", 13223),
    ],
)
def test_twiml_that_twilio_would_refuse_is_an_error_in_the_journal(lab, peer, body, code):
    peer.answer("/voice", Response(body, mimetype="text/xml"))
    lab.call()
    assert code in lab.errors()


def test_inline_twiml_needs_absolute_actions(lab):
    lab.phone(STAFF, behaviour="answer")
    lab.sdk.calls.create(to=STAFF, from_=NUMBER, twiml='<Response><Gather action="/key"/></Response>')
    lab.advance(1)
    assert 12200 in lab.errors()


def test_a_screening_document_may_not_dial(lab, peer):
    peer.twiml("/voice", f'<Dial callerId="{NUMBER}"><Number url="/screen">{STAFF}</Number></Dial>')
    peer.twiml("/screen", f"<Dial>{STAFF}</Dial>")
    lab.phone(STAFF, behaviour="answer")
    lab.call()
    lab.advance(1)
    assert 13201 in lab.errors()


@pytest.mark.parametrize(("behaviour", "status"), [("busy", "busy"), ("unreachable", "failed"), ("never", "no-answer")])
def test_a_dial_that_reaches_nobody_says_why(lab, peer, behaviour, status):
    lab.phone(STAFF, behaviour=behaviour)
    peer.twiml("/voice", f'<Dial action="/done" timeout="10" callerId="{NUMBER}">{STAFF}</Dial>')
    peer.twiml("/done", "")
    lab.call()
    lab.advance(15.1)
    [form] = peer.got("/done")
    assert (form["DialCallStatus"], form["DialBridged"]) == (status, "false")


def test_a_gather_without_input_falls_through_and_does_not_ask_its_action(lab, peer):
    peer.twiml("/voice", '<Gather action="/key" timeout="3"/><Say>Nothing</Say>')
    sid = lab.call()
    lab.press(sid, "#")
    lab.advance(3.1)
    assert lab.heard(sid) == ["Nothing"]
    assert peer.got("/key") == []


def test_a_live_call_can_be_redirected_and_a_finished_one_cannot(lab, peer):
    peer.twiml("/voice", "<Pause length='60'/>", "")
    sid = lab.call()
    assert refused(lambda: lab.sdk.calls(sid).update(twiml="<Response/>")) == (400, 21220)
    peer.twiml("/voice", "<Say>one</Say><Pause length='60'/>")
    sid = lab.call()
    lab.advance(1)
    lab.sdk.calls(sid).update(twiml="<Response><Say>two</Say></Response>")
    lab.advance(1)
    assert lab.heard(sid) == ["one", "two"]
    assert refused(lambda: lab.sdk.calls(sid).update(status="completed")) == (400, 21220)


def test_an_unreachable_phone_leaves_the_message_undelivered(lab, peer):
    lab.phone(STAFF, behaviour="unreachable")
    sent = lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="x", status_callback=f"{peer.url}/ms")
    assert refused(sent.delete) == (409, 20009)
    lab.advance(1)
    assert [(form["MessageStatus"], form.get("ErrorCode")) for form in peer.got("/ms")] == [
        ("sent", None),
        ("undelivered", "30003"),
    ]
    assert sent.fetch().error_code == 30003
    assert sent.delete()


def test_faults_hit_the_request_they_are_meant_for(lab):
    lab.post("/faults", kind="rest_status", status=429, path="/Messages", seconds=2)
    assert refused(lambda: lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="x"))[0] == 429
    lab.post("/faults", kind="rest_status_after", status=503, path="/Messages", method="POST")
    assert refused(lambda: lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="y"))[0] == 503
    assert [message.body for message in lab.sdk.messages.list()] == ["y"]


def test_webhooks_carry_a_signature_twilios_own_validator_accepts(lab, peer):
    lab.text(CALLER, "héllo & more")
    [seen] = [seen for seen in peer.seen if seen.path == "/sms"]
    validator = RequestValidator(lab.emulator.settings.auth_token)
    assert validator.validate(f"{peer.url}/sms", seen.form, seen.headers["X-Twilio-Signature"])
    assert not validator.validate(f"{peer.url}/sms", seen.form | {"Body": "x"}, seen.headers["X-Twilio-Signature"])


def test_wrong_credentials_and_unknown_addresses_get_twilios_errors(lab):
    base = f"{lab.emulator.url}/2010-04-01/Accounts/{lab.emulator.settings.account_sid}"
    assert lab.http.get(f"{base}/Calls.json", auth=("AC1", "x"), timeout=9).json()["code"] == 20003
    assert refused(lambda: lab.sdk.calls("CA1").fetch()) == (404, 20404)
    assert refused(lambda: lab.sdk.messages.create(to="nobody", from_=NUMBER, body="x")) == (400, 21211)
    assert refused(lambda: lab.sdk.messages.create(to=STAFF, from_="+12025559999", body="x")) == (400, 21606)
