"""The rarer turns: what fails twice, what comes too late, what is asked for and is not there."""

import pytest
from flask import Response, redirect
from twilio.base.exceptions import TwilioRestException

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"
SID = "0" * 32


def refused(act) -> int:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.code


def advice(lab) -> list[str]:
    return [record["data"]["text"] for record in lab.get("/journal", kind="warning")["records"]]


def test_when_the_fallback_fails_too_the_caller_hears_an_error_and_both_are_logged(lab, peer):
    lab.hooks(voice_fallback_url=f"{peer.url}/fallback")
    peer.answer("/voice", Response("x", status=500))
    peer.answer("/fallback", Response("{}", mimetype="application/json"))
    sid = lab.call()
    assert lab.heard(sid) == ["We're sorry, an application error has occurred. Goodbye."]
    assert lab.errors() == [11200, 12300]


def test_the_fallback_serves_actions_later_in_the_call_too(lab, peer):
    lab.hooks(voice_fallback_url=f"{peer.url}/fallback")
    peer.twiml("/voice", '<Gather numDigits="1" action="/key"/>')
    peer.answer("/key", Response("x", status=503))
    peer.twiml("/fallback", "<Say>Call 988</Say>")
    sid = lab.call()
    lab.press(sid, "1")
    lab.advance(1)
    assert lab.heard(sid) == ["Call 988"]
    assert (peer.got("/fallback")[0]["Digits"], peer.got("/fallback")[0]["ErrorUrl"]) == ("1", f"{peer.url}/key")
    assert lab.errors() == [11200]


def test_inline_twiml_that_cannot_be_read_ends_the_call_with_an_error(lab):
    lab.phone(STAFF, behaviour="answer")
    call = lab.sdk.calls.create(to=STAFF, from_=NUMBER, twiml="<Response><Say>")
    lab.advance(1)
    assert lab.heard(call.sid) == ["We're sorry, an application error has occurred. Goodbye."]
    assert lab.errors() == [12100]


@pytest.mark.parametrize(
    ("twiml", "code"),
    [
        ("<Say>hi</Say><Reject/>", 12200),
        ("<Message></Message>", 14103),
        ("<Refer><Sip>sip:a@b</Sip></Refer>", 12200),
        ("<Leave/>", 12200),
        ("<Dial><Client>ana</Client></Dial>", 12200),
        ("<Say voice='man'>hi <break/></Say>", 13513),
        (f"<Say>{'x' * 4097}</Say>", 13520),
        ('<Dial><Conference coach="CA1">room</Conference></Dial>', 13240),
        ("words outside", 12200),
        ("<Hangup loud='yes'/>", 12200),
        ("<Dial><Say>x</Say></Dial>", 13215),
        ("<Gather hints='" + ",".join(["word"] * 501) + "'/>", 12200),
    ],
    ids=lambda value: value[:24] if isinstance(value, str) else str(value),
)
def test_a_verb_out_of_place_is_logged_with_its_code(lab, peer, twiml, code):
    peer.twiml("/voice", twiml)
    sid = lab.call()
    lab.advance(1)
    assert lab.errors() == [code]
    if lab.view(sid)["live"]:
        lab.act(sid, "hangup")


@pytest.mark.parametrize("verb", ["Redirect", "Pause", "Record", "Enqueue", "Message"])
def test_a_screening_document_may_hold_only_four_verbs(lab, peer, verb):
    peer.twiml("/voice", f'<Dial callerId="{NUMBER}"><Number url="/screen">{STAFF}</Number></Dial>')
    peer.twiml("/screen", f"<{verb}/>")
    lab.phone(STAFF, behaviour="answer")
    lab.call()
    assert set(lab.errors()) == {12200}


def test_a_dial_that_would_give_a_callers_number_away_is_remarked_on(lab, peer):
    peer.twiml("/voice", f"<Dial>{STAFF}</Dial>")
    lab.call()
    assert advice(lab) == [f"<Dial> without callerId shows {CALLER} to {STAFF}"]


def test_a_redirect_that_loses_the_form_is_remarked_on(lab, peer):
    peer.answer("/sms", lambda: redirect("/sms/", code=302))
    peer.twiml("/sms/", "")
    lab.text(CALLER, "hi")
    assert advice(lab) == [f"redirected with 302 to {peer.url}/sms/: the request's parameters are lost"]


def test_verbs_that_can_never_be_reached_are_remarked_on(lab, peer):
    peer.twiml("/voice", "<Hangup/><Say>never</Say>")
    lab.call()
    assert advice(lab) == ["<Say> after <Hangup> can never be reached"]


def test_hanging_up_in_a_conference_still_asks_the_action(lab, peer):
    peer.twiml("/voice", '<Dial action="/done"><Conference waitUrl="">room</Conference></Dial>')
    peer.twiml("/done", "")
    sid = lab.call()
    lab.act(sid, "hangup")
    assert peer.got("/done")[0]["DialCallStatus"] == "answered"


def test_a_live_call_in_a_conference_can_be_sent_elsewhere(lab, peer):
    peer.twiml("/voice", '<Dial><Conference beep="false" waitUrl="">room</Conference></Dial>')
    peer.twiml("/away", "<Say>Elsewhere</Say><Pause length='60'/>")
    first, second = lab.call(CALLER), lab.call(OTHER)
    lab.sdk.calls(first).update(url=f"{peer.url}/away", method="POST")
    lab.advance(1)
    assert (lab.heard(first), lab.rooms(), lab.view(second)["live"]) == (["Elsewhere"], [], True)


@pytest.mark.parametrize("where", ["waitUrl", "announce"])
def test_waiting_words_that_cannot_be_had_leave_silence_and_an_error(lab, peer, where):
    url = "/broken" if where == "waitUrl" else ""
    peer.twiml("/voice", f'<Dial><Conference beep="false" waitUrl="{url}">room</Conference></Dial>')
    peer.answer("/broken", Response("x", status=500))
    first = lab.call(CALLER)
    if where == "announce":
        lab.call(OTHER)
        [conference] = lab.sdk.conferences.list()
        conference.participants(first).update(announce_url=f"{peer.url}/broken")
        lab.settle()
    assert (lab.heard(first), lab.view(first)["live"]) == ([], True)
    assert lab.errors() == [11200]


def test_status_callbacks_can_be_got_instead_of_posted(lab, peer):
    call = lab.sdk.calls.create(
        to=STAFF,
        from_=NUMBER,
        twiml="<Response/>",
        status_callback=f"{peer.url}/cs?x=1",
        status_callback_method="GET",
        status_callback_event=["ringing"],
    )
    lab.settle()
    [seen] = peer.requests("/cs")
    assert (seen.method, seen.form["x"], seen.form["CallSid"]) == ("GET", "1", call.sid)


def test_a_hook_changed_during_a_call_is_the_one_that_is_told(lab, peer):
    peer.twiml("/voice", "<Say>hi</Say><Pause length='60'/>")
    sid = lab.call()
    lab.sdk.calls(sid).update(status_callback=f"{peer.url}/late", status="completed")
    lab.settle()
    assert [form["CallStatus"] for form in peer.got("/late")] == ["completed"]
    assert peer.got("/status") == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"phone_number": "12345"}, 21421),
        ({"phone_number": NUMBER}, 21422),
        ({}, 21451),
        ({"phone_number": "+15005550009", "sms_url": "nowhere"}, 21402),
    ],
)
def test_a_number_is_bought_only_if_it_can_be(lab, change, code):
    assert refused(lambda: lab.sdk.incoming_phone_numbers.create(**change)) == code


def test_numbers_are_found_renamed_and_given_back(lab):
    bought = lab.sdk.incoming_phone_numbers.create(phone_number="+15005550009", friendly_name="second")
    assert [one.sid for one in lab.sdk.incoming_phone_numbers.list(friendly_name="second")] == [bought.sid]
    assert bought.update(friendly_name="third").friendly_name == "third"
    assert bought.fetch().voice_method == "POST"
    assert bought.delete()
    assert refused(bought.fetch) == 20404


@pytest.mark.parametrize(
    "act",
    [
        lambda sdk: sdk.queues("QU" + SID).fetch(),
        lambda sdk: sdk.recordings("RE" + SID).fetch(),
        lambda sdk: sdk.conferences("CF" + SID).fetch(),
        lambda sdk: sdk.messages("SM" + SID).media("ME" + SID).fetch(),
        lambda sdk: sdk.messaging.v1.services("MG" + SID).phone_numbers("PN" + SID).fetch(),
        lambda sdk: sdk.messaging.v1.services("MG" + SID).delete(),
        lambda sdk: sdk.incoming_phone_numbers("PN" + SID).delete(),
        lambda sdk: sdk.calls("CA" + SID).update(status="completed"),
    ],
    ids=["queue", "recording", "conference", "media", "sender", "service", "number", "call"],
)
def test_what_is_not_there_is_not_found(lab, act):
    assert refused(lambda: act(lab.sdk)) == 20404


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"friendly_name": ""}, 20001),
        ({"friendly_name": "x", "inbound_request_url": "nowhere"}, 20001),
        ({"friendly_name": "x", "validity_period": 99999}, 20001),
    ],
)
def test_a_messaging_service_is_checked(lab, change, code):
    assert refused(lambda: lab.sdk.messaging.v1.services.create(**change)) == code


def test_a_number_belongs_to_one_service_at_most(lab):
    [number] = lab.sdk.incoming_phone_numbers.list()
    first, second = (lab.sdk.messaging.v1.services.create(friendly_name=name) for name in "ab")
    first.phone_numbers.create(phone_number_sid=number.sid)
    assert refused(lambda: second.phone_numbers.create(phone_number_sid=number.sid)) == 21712
    assert refused(lambda: second.phone_numbers.create(phone_number_sid="PN" + SID)) == 21701


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"media_url": ["nowhere"]}, 21620),
        ({"media_url": [f"http://x/{n}" for n in range(11)]}, 21620),
        ({"status_callback": "http://under_score.example/x"}, 21609),
        ({"validity_period": 0}, 20001),
        ({"to": NUMBER}, 21266),
        ({"to": ""}, 21604),
        ({"from_": ""}, 21603),
    ],
    ids=["no address", "eleven pictures", "underscore", "validity", "to itself", "to nobody", "from nobody"],
)
def test_an_order_for_a_message_is_checked(lab, more, code):
    assert refused(lambda: lab.sdk.messages.create(**({"to": STAFF, "from_": NUMBER, "body": "x"} | more))) == code


def test_hands_can_only_do_what_the_phone_allows(lab, peer):
    peer.twiml("/voice", "<Pause length='60'/>")
    sid = lab.call()
    api = f"{lab.emulator.url}/emulator/api"
    for act, says in (("answer", "not ringing"), ("dance", "a call knows answer")):
        answer = lab.http.post(f"{api}/calls/{sid}/{act}", timeout=9)
        assert answer.status_code in (404, 409)
        assert says in answer.json()["error"]
    lab.act(sid, "hangup")
    assert "the call is over" in lab.http.post(f"{api}/calls/{sid}/hangup", timeout=9).json()["error"]
    for path in (f"/calls/{sid}/keys", f"/calls/{sid}/speech"):
        assert lab.http.post(api + path, json={"digits": "1", "text": "x"}, timeout=9).status_code in (400, 409)


def test_keys_nobody_waits_for_in_time_are_a_conflict(lab, peer):
    peer.twiml("/voice", "<Pause length='60'/>")
    sid = lab.call()
    for path, data in (("keys", {"digits": "1"}), ("speech", {"text": "x"})):
        answer = lab.http.post(
            f"{lab.emulator.url}/emulator/api/calls/{sid}/{path}", json=data | {"wait_s": 0.1}, timeout=9
        )
        assert answer.status_code == 409
        assert "nobody listened" in answer.json()["error"]


def test_a_phone_taken_away_hangs_up_and_is_gone(lab, peer):
    peer.twiml("/voice", "<Pause length='60'/>")
    sid = lab.call()
    url = f"{lab.emulator.url}/emulator/api/phones/{CALLER}"
    assert lab.http.delete(url, timeout=9).status_code == 204
    assert lab.view(sid)["live"] is False
    assert "POST it to /emulator/api/phones first" in lab.http.get(url, timeout=9).json()["error"]


def test_a_phone_shows_its_thread_and_all_its_calls(lab, peer):
    peer.twiml("/voice", "<Hangup/>")
    lab.text(CALLER, "hi")
    lab.call()
    shown = lab.get(f"/phones/{CALLER}")
    assert ([text["body"] for text in shown["thread"]], [call["status"] for call in shown["all_calls"]]) == (
        ["hi"],
        ["completed"],
    )
