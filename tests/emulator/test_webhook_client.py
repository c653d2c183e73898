"""Twilio as the application's client: limits, retries, fallback, redirects, cookies, content types, faults on the way."""

import socket
import time
from contextlib import ExitStack

import pytest
from flask import Response, redirect
from twilio.request_validator import RequestValidator

from emulator.overrides import read_overrides
from emulator.signing import Product
from emulator.transport import Limits
from emulator.webhooks import Hook, Request, Sending

CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"
OK = Response("<Response/>", mimetype="text/xml")


def failing(status: int) -> Response:
    return Response("no", status=status, mimetype="text/html")


@pytest.mark.parametrize(
    ("fragment", "limits"),
    [
        ("", Limits(5.0, 15.0, 15.0, 1, frozenset({"ct"}))),
        ("#ct=2000&rt=5000&tt=10000&rc=3&rp=ct,rt,5xx", Limits(2.0, 5.0, 10.0, 3, frozenset({"ct", "rt", "5xx"}))),
        ("#rc=0", Limits(5.0, 15.0, 15.0, 0, frozenset({"ct"}))),
        ("#rp=all&sni=y&e=ashburn,dublin", Limits(5.0, 15.0, 15.0, 1, frozenset({"ct", "rt", "4xx", "5xx"}))),
    ],
)
def test_a_fragment_overrides_the_limits(fragment, limits):
    read = read_overrides(f"https://example.com/sms{fragment}")
    assert (read.limits, read.faults) == (limits, ())


@pytest.mark.parametrize("fragment", ["ct=50", "ct=10001", "rt=x", "tt=99999", "rc=6", "rc=-1", "rp=3xx", "zz=1"])
def test_an_override_out_of_bounds_leaves_the_default_and_is_remarked_on(fragment):
    read = read_overrides(f"https://example.com/sms#{fragment}")
    assert read.limits == Limits()
    assert len(read.faults) == 1


def test_by_default_nothing_but_a_failed_connection_is_tried_again(lab, peer):
    peer.answer("/sms", failing(503))
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == 1
    assert lab.errors() == [11200]


@pytest.mark.parametrize(
    ("policy", "status", "tries"), [("5xx", 503, 4), ("4xx", 404, 4), ("5xx", 404, 1), ("all", 500, 4)]
)
def test_the_retry_policy_decides_which_answers_are_tried_again(lab, peer, policy, status, tries):
    lab.hooks(sms_url=f"{peer.url}/sms#rc=3&rp={policy}")
    peer.answer("/sms", failing(status))
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == tries
    assert lab.errors() == [11200]


def test_retries_of_one_event_carry_one_idempotency_token_and_the_fallback_another(lab, peer):
    lab.hooks(sms_url=f"{peer.url}/sms#rc=2&rp=5xx", sms_fallback_url=f"{peer.url}/fallback")
    peer.answer("/sms", failing(500))
    peer.twiml("/fallback", "")
    lab.text(CALLER, "hi")
    tokens = [seen.headers["I-Twilio-Idempotency-Token"] for seen in peer.requests("/sms")]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1
    [fallback] = peer.requests("/fallback")
    assert fallback.headers["I-Twilio-Idempotency-Token"] not in tokens
    assert fallback.form["MessageSid"] == peer.got("/sms")[0]["MessageSid"]
    assert (fallback.form["ErrorCode"], fallback.form["ErrorUrl"]) == ("11200", f"{peer.url}/sms#rc=2&rp=5xx")
    assert lab.errors() == [11200]


def test_a_read_timeout_goes_to_the_fallback_although_the_application_has_the_message(lab, peer, stuck):
    lab.hooks(sms_url=f"{peer.url}/sms#rt=150", sms_fallback_url=f"{peer.url}/fallback")
    peer.answer("/sms", stuck)
    peer.twiml("/fallback", "<Message>From the fallback</Message>")
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == 1
    assert peer.got("/sms")[0]["MessageSid"] == peer.got("/fallback")[0]["MessageSid"]
    assert lab.bodies(CALLER) == ["From the fallback"]
    assert lab.errors() == [11200]


def test_the_total_time_covers_all_retries(lab, peer, stuck):
    lab.hooks(sms_url=f"{peer.url}/sms#rt=200&tt=250&rc=5&rp=rt")
    peer.answer("/sms", stuck)
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == 2
    assert lab.errors() == [11200]


def test_a_text_whose_webhook_fails_without_fallback_gets_no_answer(lab, peer):
    peer.answer("/sms", failing(500))
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == []
    assert lab.errors() == [11200]


@pytest.fixture
def unanswered_port():
    """A port whose queue of connections is full: the system drops further ones, as a dead route would."""
    with socket.socket() as listener, ExitStack() as queue:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):
            waiting = queue.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@pytest.mark.parametrize(("policy", "attempts"), [("ct", 3), ("rt", 1)])
def test_a_connection_that_is_never_made_is_given_up_at_its_own_limit(lab, unanswered_port, policy, attempts):
    lab.hooks(sms_url=f"http://127.0.0.1:{unanswered_port}/sms#ct=200&tt=2000&rc=2&rp={policy}")
    lab.text(CALLER, "hi")
    tried = lab.get("/journal", kind="webhook")["records"]
    assert [record["data"]["attempt"] for record in tried] == list(range(attempts))
    assert lab.errors() == [11205]


def test_a_closed_port_is_a_connection_failure_tried_twice(lab, closed_port):
    lab.hooks(sms_url=f"http://127.0.0.1:{closed_port}/sms")
    lab.text(CALLER, "hi")
    attempts = lab.get("/journal", kind="webhook")["records"]
    assert [record["data"]["attempt"] for record in attempts] == [0, 1]
    assert lab.errors() == [11205]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"garbage\r\n\r\n", 11206),
        (b"", 11206),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n<Response>" + b" " * 66_000 + b"</Response>", 11750),
    ],
    ids=["no HTTP", "nothing", "more than 64 kB"],
)
def test_broken_answers_get_their_own_codes(lab, raw_server, answer, code):
    lab.hooks(sms_url=f"{raw_server(answer)}/sms")
    lab.text(CALLER, "hi")
    assert lab.errors() == [code]


@pytest.mark.parametrize(("url", "code"), [("http://host.invalid/x", 11210)])
def test_an_unknown_host_has_its_own_code(lab, url, code):
    lab.hooks(sms_url=f"{url}#rc=0")
    lab.text(CALLER, "hi")
    assert lab.errors() == [code]


def test_a_plain_server_behind_https_is_a_handshake_error(lab, peer):
    lab.hooks(sms_url=f"{peer.url.replace('http', 'https')}/sms#rc=0")
    lab.text(CALLER, "hi")
    assert lab.errors() == [11220]


@pytest.mark.parametrize(("status", "method", "kept"), [(301, "GET", False), (302, "GET", False), (307, "POST", True)])
def test_a_redirect_loses_the_parameters_unless_it_keeps_the_method(lab, peer, status, method, kept):
    peer.answer("/sms", lambda: redirect("/sms/", code=status))
    peer.twiml("/sms/", "<Message>moved</Message>")
    lab.text(CALLER, "hi")
    [seen] = peer.requests("/sms/")
    assert (seen.method, "Body" in seen.form) == (method, kept)
    assert lab.bodies(CALLER) == ["moved"]


def test_redirects_without_end_are_given_up_after_ten(lab, peer):
    peer.answer("/sms", lambda: redirect("/sms", code=302))
    lab.text(CALLER, "hi")
    assert len(peer.seen) == 11
    assert lab.errors() == [11215]


def test_a_redirected_request_is_signed_for_where_it_goes(lab, peer):
    peer.answer("/sms", lambda: redirect("/there?x=1", code=302))
    peer.twiml("/there", "")
    lab.text(CALLER, "hi")
    [seen] = peer.requests("/there")
    validator = RequestValidator(lab.emulator.settings.auth_token)
    assert validator.validate(f"{peer.url}/there?x=1", {}, seen.headers["X-Twilio-Signature"])


def test_get_webhooks_carry_everything_in_the_query_and_are_signed_so(lab, peer):
    lab.hooks(sms_method="GET", sms_url=f"{peer.url}/sms?tenant=7")
    peer.twiml("/sms", "")
    lab.text(CALLER, "hi there & more")
    [seen] = peer.requests("/sms")
    assert (seen.method, seen.form["Body"], seen.form["tenant"]) == ("GET", "hi there & more", "7")
    validator = RequestValidator(lab.emulator.settings.auth_token)
    assert validator.validate(peer.url + seen.url, {}, seen.headers["X-Twilio-Signature"])


def test_user_and_password_in_the_url_are_sent_but_not_signed(lab, peer):
    lab.hooks(sms_url=f"{peer.url.replace('://', '://user:pa%20ss@')}/sms#rc=0")
    peer.twiml("/sms", "")
    lab.text(CALLER, "hi")
    [seen] = peer.requests("/sms")
    assert seen.headers["Authorization"] == "Basic dXNlcjpwYSBzcw=="
    validator = RequestValidator(lab.emulator.settings.auth_token)
    assert validator.validate(f"{peer.url}/sms", seen.form, seen.headers["X-Twilio-Signature"])
    assert "#" not in seen.url


def test_a_json_webhook_is_signed_over_its_url_with_the_hash_of_its_body(lab, peer):
    sent = lab.post("/json-webhooks", url=f"{peer.url}/events?x=1", body={"kind": "event", "n": 1})
    assert sent["status"] == 204
    [seen] = peer.requests("/events")
    validator = RequestValidator(lab.emulator.settings.auth_token)
    url, mark = peer.url + seen.url, seen.headers["X-Twilio-Signature"]
    assert validator.validate(url, seen.body, mark)
    assert not validator.validate(url, seen.body + " ", mark)


def test_cookies_come_back_for_the_same_two_numbers_only_and_for_four_hours(lab, peer):
    answer = Response("<Response/>", mimetype="text/xml")
    answer.set_cookie("step", "two")
    peer.answer("/sms", answer)
    for phone in (CALLER, CALLER, STAFF):
        lab.text(phone, "hi")
    lab.advance(4 * 3600 + 2)
    lab.text(CALLER, "again")
    assert [seen.headers.get("Cookie") for seen in peer.seen] == [None, "step=two", None, None]


@pytest.mark.parametrize(
    ("kind", "body", "texted", "errors"),
    [
        ("text/xml", "<Response><Message>a</Message></Response>", ["a"], []),
        ("application/xml; charset=utf-8", "<Response><Message>a</Message></Response>", ["a"], []),
        ("text/html", "<Response><Message>a</Message></Response>", ["a"], []),
        ("text/plain", "Internal Server Error", ["Internal Server Error"], []),
        ("text/plain", "", [], []),
        ("application/json", "{}", [], [12300]),
        ("image/png", "x", [], [12300]),
        ("text/html", "<html><body>Error</body></html>", [], [12102]),
    ],
)
def test_the_content_type_decides_what_an_answer_means(lab, peer, kind, body, texted, errors):
    peer.answer("/sms", Response(body, content_type=kind))
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == texted
    assert lab.errors() == errors


@pytest.mark.parametrize(
    ("kind", "body", "heard"),
    [
        ("text/plain", "A secret page", ["A secret page"]),
        ("audio/wav", "RIFF", ["/voice"]),
        ("image/png", "x", ["We're sorry"]),
    ],
)
def test_a_call_hears_plain_text_and_sound_and_nothing_else(lab, peer, kind, body, heard):
    peer.answer("/voice", Response(body, content_type=kind))
    sid = lab.call()
    lab.advance(1)
    assert all(part in said for part, said in zip(heard, lab.heard(sid), strict=True))
    assert lab.view(sid)["status"] == "completed"
    lab.excuse(12300)


def test_an_empty_204_is_no_reply_to_a_text(lab, peer):
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == []


def test_a_status_callback_wants_204_or_xml(lab, peer):
    peer.answer("/ms", Response("ok", mimetype="application/json"))
    lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="x", status_callback=f"{peer.url}/ms")
    lab.advance(1)
    assert {one["code"] for one in lab.complaints()} == {12300}
    lab.excuse(12300)


@pytest.mark.parametrize("kind", ["webhook_unsigned", "webhook_forged"])
def test_a_fault_spoils_the_signature_of_one_request(lab, peer, kind):
    peer.twiml("/sms", "")
    lab.post("/faults", kind=kind, path="/sms")
    for _ in range(2):
        lab.text(CALLER, "hi")
    validator = RequestValidator(lab.emulator.settings.auth_token)
    marks = [seen.headers.get("X-Twilio-Signature") for seen in peer.seen]
    assert (marks[0] is None) == (kind == "webhook_unsigned")
    fine = [
        mark is not None and validator.validate(f"{peer.url}/sms", seen.form, mark)
        for mark, seen in zip(marks, peer.seen, strict=True)
    ]
    assert fine == [False, True]


def test_a_repeated_webhook_reaches_the_application_twice_and_is_answered_once(lab, peer):
    peer.twiml("/sms", "<Message>one</Message>", "<Message>two</Message>")
    lab.post("/faults", kind="webhook_repeated")
    lab.text(CALLER, "hi")
    assert [form["MessageSid"] for form in peer.got("/sms")] == [peer.got("/sms")[0]["MessageSid"]] * 2
    assert lab.bodies(CALLER) == ["two"]


@pytest.mark.parametrize(("kind", "reached", "code"), [("webhook_lost", 0, 11205), ("webhook_answer_lost", 1, 11200)])
def test_a_webhook_or_its_answer_can_be_lost_on_the_way(lab, peer, kind, reached, code):
    lab.hooks(sms_fallback_url=f"{peer.url}/fallback")
    peer.twiml("/fallback", "<Message>safe</Message>")
    lab.post("/faults", kind=kind, path="/sms", number=CALLER)
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == reached
    assert lab.bodies(CALLER) == ["safe"]
    assert lab.errors() == [code]


def test_a_retry_has_only_what_is_left_of_the_total_time():
    call = Request(Hook("http://127.0.0.1/x"), {}, Product.MESSAGING, "", "")
    assert Sending(call, Limits(), None, "", time.monotonic() + 0.5).remaining.total_s <= 0.5
    assert Sending(call, Limits(), None, "", time.monotonic() - 5).remaining.total_s == 0.001
