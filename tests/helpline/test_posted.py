"""What Twilio posts, read as Flask would read it."""

from io import BytesIO
from urllib.parse import urlencode

import pytest
from flask import Request
from hypothesis import example, given
from hypothesis import strategies as some
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import create_environ

from helpline.webhooks.posted import URLENCODED, Posted

NAMES = some.text(min_size=1)


def both(body: bytes, kind: str = URLENCODED):
    environs = (create_environ(method="POST", input_stream=BytesIO(body), content_type=kind) for _ in range(2))
    lengths = {"CONTENT_LENGTH": str(len(body))}
    return tuple(reader({**environ, **lengths}) for reader, environ in zip((Request, Posted), environs, strict=True))


def same_form(body: bytes, kind: str = URLENCODED) -> bool:
    theirs, ours = both(body, kind)
    return list(theirs.form.lists()) == list(ours.form.lists())


@given(some.lists(some.tuples(NAMES, some.text())))
def test_parameters_are_what_flask_reads(pairs):
    assert same_form(urlencode(pairs).encode())


@given(some.binary(max_size=200))
@example(b"Body=\xff&From=1")
@example(b"Body=%ff&=&&a")
def test_so_is_any_other_body(body):
    assert same_form(body)


def test_a_body_of_another_kind_is_left_to_flask():
    assert same_form(b"a=1", "text/plain")
    part = b'--x\r\nContent-Disposition: form-data; name="Body"\r\n\r\nhi\r\n--x--\r\n'
    assert same_form(part, "multipart/form-data; boundary=x")
    assert both(part, "multipart/form-data; boundary=x")[1].form["Body"] == "hi"


def test_a_body_that_is_too_large_is_refused():
    _, ours = both(b"a=" + b"x" * 100)
    ours.max_content_length = 50
    with pytest.raises(RequestEntityTooLarge):
        _ = ours.form
