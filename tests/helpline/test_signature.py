"""Twilio's requests are let in, everybody else's are not, by the address Twilio was given."""

import pytest
from flask import Flask, request
from twilio.request_validator import RequestValidator

from helpline.webhooks.signature import HEADER, Signature

TOKEN, OTHER = "t" * 32, "o" * 32
URL = "https://line.example.org"
FORM = {"MessageSid": "SM" + "0" * 32, "Body": "hé llo+&=%"}


def is_signed(checker, path, form, header, headers=None):
    app = Flask(__name__)
    sent = {**(headers or {}), **({} if header is None else {HEADER: header})}
    with app.test_request_context(path, method="POST", data=form, headers=sent):
        return checker.signed(request)


def sign(url, form, token=TOKEN):
    return RequestValidator(token).compute_signature(url, form)


def test_a_request_signed_for_the_public_address_is_twilios():
    assert is_signed(Signature([TOKEN], URL), "/twilio/sms?a=1", FORM, sign(f"{URL}/twilio/sms?a=1", FORM))


@pytest.mark.parametrize("header", [None, "", "nonsense", sign(f"{URL}/twilio/sms", {}), sign(f"{URL}/other", FORM)])
def test_a_missing_or_wrong_signature_is_nobodys(header):
    assert not is_signed(Signature([TOKEN], URL), "/twilio/sms", FORM, header)


def test_the_host_header_has_no_say():
    signed_for_evil = sign("https://evil.example/twilio/sms", FORM)
    assert not is_signed(Signature([TOKEN], URL), "/twilio/sms", FORM, signed_for_evil, {"Host": "evil.example"})


def test_an_encoded_query_is_checked_as_it_was_sent():
    path = "/twilio/voice/turn?v=3&x=%C3%A9%7E"
    assert is_signed(Signature([TOKEN], URL), path, FORM, sign(URL + path, FORM))


def test_both_tokens_count_while_one_is_being_changed():
    checker = Signature([TOKEN, OTHER], URL)
    assert is_signed(checker, "/twilio/sms", FORM, sign(f"{URL}/twilio/sms", FORM, OTHER))


def test_the_port_of_a_public_address_may_be_signed_or_not():
    checker = Signature([TOKEN], "https://line.example.org:8443")
    for signed in (f"{URL}:8443/twilio/voice", f"{URL}/twilio/voice"):
        assert is_signed(checker, "/twilio/voice", FORM, sign(signed, FORM))


def test_user_and_password_in_the_public_address_are_not_signed():
    checker = Signature([TOKEN], "https://user:word@line.example.org")
    assert is_signed(checker, "/twilio/sms", FORM, sign(f"{URL}/twilio/sms", FORM))


def test_without_a_token_the_line_does_not_start():
    with pytest.raises(ValueError, match="TWILIO_AUTH_TOKEN"):
        Signature([""], URL)
