"""What every answer says to browsers, and what the server refuses to take."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from helpline.web_guards import LARGEST_FORM, MOST_PARTS
from tests.helpline.inside import inside

CALLER = "+12025550123"


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield running


@pytest.fixture(scope="module")
def tls_line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("v"), PUBLIC_URL="https://line.example.org", TRUSTED_PROXIES="1") as running:
        yield running


@pytest.mark.parametrize("path", ["/healthz", "/twilio/sms", "/nothing/here", "/console/"])
def test_every_answer_forbids_framing_referrers_inline_script_and_keeping(line, path):
    headers = line.app.test_client().get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy or "default-src 'self'" in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]


def test_over_tls_browsers_are_told_to_stay_there_and_cookies_to_travel_nowhere_else(tls_line):
    answer = tls_line.app.test_client().get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]
    config = tls_line.app.config
    assert config["SESSION_COOKIE_NAME"].startswith("__Host-")
    for kind in ("SESSION", "REMEMBER"):
        assert config[f"{kind}_COOKIE_SECURE"]
        assert config[f"{kind}_COOKIE_HTTPONLY"]
        assert config[f"{kind}_COOKIE_SAMESITE"] == "Strict"


def test_plain_http_on_this_machine_is_not_told_of_tls_it_has_not(line):
    assert "Strict-Transport-Security" not in line.app.test_client().get("/healthz").headers


def proto_seen(line, forwarded):
    seen = []

    def look(environ, start):
        seen.append((environ["wsgi.url_scheme"], environ.get("REMOTE_ADDR")))
        start("204 No Content", [])
        return [b""]

    guarded = line.app.wsgi_app
    inner = getattr(guarded, "app", None)
    if inner is None:
        return None
    guarded.app = look
    try:
        line.app.test_client().get("/healthz", headers=forwarded)
    finally:
        guarded.app = inner
    return seen[0]


def test_forwarded_headers_are_believed_only_from_as_many_proxies_as_were_counted(line, tls_line):
    forwarded = {"X-Forwarded-Proto": "http, https", "X-Forwarded-For": "6.6.6.6, 192.0.2.7"}
    assert proto_seen(tls_line, forwarded) == ("https", "192.0.2.7")  # the last hop's word, not the stranger's
    assert proto_seen(line, forwarded) is None  # no proxy was counted: nothing stands in between to believe them


def test_a_body_larger_than_any_webhook_is_refused_before_it_is_read_as_a_form(line):
    client, signed = line.app.test_client(), {"X-Twilio-Signature": "x" * 28}
    assert client.post("/twilio/sms", data={"Body": "x" * (LARGEST_FORM + 1)}, headers=signed).status_code == 413
    many = {f"p{n}": "1" for n in range(MOST_PARTS + 1)}
    parts = client.post("/twilio/sms", data=many, content_type="multipart/form-data", headers=signed)
    assert parts.status_code == 413


@given(body=st.text(max_size=60), sender=st.text(max_size=20))
@settings(max_examples=40)
def test_whatever_is_texted_the_answer_is_xml(line, body, sender):
    answer = line.text(sender or CALLER, body.encode("utf-8", "replace").decode())
    assert etree.fromstring(answer.encode()).tag == "Response"


@pytest.mark.parametrize("body", ["\x00\x0b\x1f", "\ufffe\uffff", "<Dial>+19005551234</Dial>", "]]>", "&amp;&#0;"])
def test_markup_and_characters_xml_cannot_carry_stay_text(line, body):
    ana = next(one.phone for one in line.services.roster.now().staff)
    for number in (CALLER, ana):
        root = etree.fromstring(line.text(number, f"1 {body}").encode())
        assert {child.tag for child in root} <= {"Message"}
