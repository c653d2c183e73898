"""The signature check against vectors of Twilio's, against its own library, and against the ways to misuse it."""

from urllib.parse import urlsplit

import pytest
from flask import Flask, request
from hypothesis import given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from helpline.webhooks.signature import HEADER, Signature

TOKEN = "t" * 32
CALL = {"CallSid": "CA1234567890ABCDE", "Digits": "1234", "To": "+18005551212"}
VECTORS = [
    (
        "https://example.com/myapp.php?foo=1&bar=2",
        {**CALL, "From": "+14158675310", "Caller": "+14158675310"},
        "L/OH5YylLD5NRKLltdqwSvS0BnU=",
    ),
    (
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        {**CALL, "From": "+14158675309", "Caller": "+14158675309"},
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    ),
]
"""Twilio documentation, "Webhooks security" (the present and an older edition); token 12345."""

APP = Flask(__name__)


def accepts(public_url, target, form, signature, *, token=TOKEN, raw=True, **sent):
    headers = {} if signature is None else {HEADER: signature}
    path, _, query = target.partition("?")
    more = dict.fromkeys(("RAW_URI", "REQUEST_URI"), target if raw else "")
    body = sent or {"data": form}
    with APP.test_request_context(
        path, method="POST", query_string=query, headers=headers, environ_overrides=more, **body
    ):
        return Signature([token], public_url).signed(request)


def sign(url, form, token=TOKEN):
    return RequestValidator(token).compute_signature(url, form)


@pytest.mark.parametrize(("url", "form", "signature"), VECTORS, ids=["present", "older"])
def test_twilios_published_vectors_are_accepted_and_any_other_token_is_not(url, form, signature):
    parts = urlsplit(url)
    base, target = f"https://{parts.netloc}", f"{parts.path}?{parts.query}"
    assert accepts(base, target, form, signature, token="12345")
    assert not accepts(base, target, form, signature, token="12346")
    assert not accepts(base, target, {**form, "Digits": "1235"}, signature, token="12345")


def test_a_missing_header_is_no_error_but_a_no():
    assert not accepts("https://x.example", "/twilio/sms", {"a": "b"}, None)


def test_a_json_body_signed_by_its_hash_is_never_taken_for_a_form():
    target = "/twilio/sms?bodySHA256=" + "0" * 64
    url = f"https://x.example{target}"
    assert not accepts("https://x.example", target, {"Body": "hi"}, sign(url, {}))
    assert not accepts("https://x.example", target, {"Body": "hi"}, sign(url, {"Body": "hi"}))


@pytest.mark.parametrize("raw", [True, False], ids=["server keeps the target", "server drops the bare ?"])
def test_a_question_mark_with_nothing_after_it_is_signed_and_accepted(raw):
    signature = sign("https://x.example/twilio/sms?", {"Body": "hi"})
    assert accepts("https://x.example", "/twilio/sms?" if raw else "/twilio/sms", {"Body": "hi"}, signature, raw=raw)


@pytest.mark.parametrize("query", ["q=%C3%A9", "q=%7E%27%2F", "q=a+b", "q=%FF", "a=1&a=2&a=", "=&&="])
@pytest.mark.parametrize("raw", [True, False], ids=["raw", "query only"])
def test_encoded_characters_are_checked_as_they_were_sent(query, raw):
    target = f"/twilio/voice/turn?{query}"
    assert accepts("https://x.example", target, CALL, sign(f"https://x.example{target}", CALL), raw=raw)


@pytest.mark.parametrize(
    "public_url",
    [
        "https://x.example",
        "https://x.example:443",
        "https://user:pass@x.example",
        "https://user:pa%40ss@x.example:8443",
        "https://x.example:8443/behind/a/path/",
        "https://[2001:db8::1]:8443",
        "http://127.0.0.1:8000",
    ],
)
@pytest.mark.parametrize("with_port", [True, False], ids=["port signed", "port dropped"])
def test_userinfo_is_never_signed_and_the_port_may_or_may_not_be(public_url, with_port):
    parts = urlsplit(public_url.rstrip("/"))
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
    port = parts.port or 443
    signed = f"{parts.scheme}://{host}{f':{port}' if with_port else ''}{parts.path}/twilio/sms"
    assert accepts(public_url, "/twilio/sms", {"Body": "hi"}, sign(signed, {"Body": "hi"}))


@pytest.mark.parametrize("other", ["http://x.example", "https://x.example:8443", "https://evil.example"])
def test_another_scheme_port_or_host_is_another_address(other):
    signature = sign(f"{other}/twilio/sms", {"Body": "hi"})
    assert not accepts("https://x.example", "/twilio/sms", {"Body": "hi"}, signature)


@pytest.mark.parametrize("signature", ["é" * 28, "=" * 28, "A" * 100_000, "\t", "null", "undefined"])
def test_nonsense_in_the_header_is_a_no(signature):
    assert not accepts("https://x.example", "/twilio/sms", {"Body": "hi"}, signature.encode().decode("latin-1"))


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_no_form_carries_nothing_past_the_gate(content_type):
    """What was signed is the form; a body of another kind is no form, so nothing of it is ever read as one."""
    signature = sign("https://x.example/twilio/sms", {})
    taken = accepts(
        "https://x.example", "/twilio/sms", {}, signature, data=b'{"Body": "hi"}', content_type=content_type
    )
    assert taken == (content_type != "application/x-www-form-urlencoded")


@given(
    form=st.lists(st.tuples(st.from_regex(r"[A-Za-z0-9]{1,12}", fullmatch=True), st.text(max_size=40)), max_size=8),
    query=st.from_regex(r"([a-z]{1,4}=[A-Za-z0-9%._~-]{0,12}&?){0,4}", fullmatch=True),
)
@settings(max_examples=150)
def test_what_the_library_signs_is_accepted_and_one_changed_value_is_not(form, query):
    clean = [(name, value.encode("utf-8", "replace").decode()) for name, value in form]
    fields = MultiDict(clean)
    target = f"/twilio/sms?{query}" if query else "/twilio/sms"
    signature = sign(f"https://x.example{target}", fields)
    assert accepts("https://x.example", target, fields, signature)
    assert not accepts("https://x.example", target, MultiDict([*clean, ("Zz", "1")]), signature)
