import io
import json
import logging
import string
import sys
import warnings

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from config import demo, logs
from config.logs import MASK, guarded
from config.settings import Settings

NUMBER = "+17175550142"
URL = f"retry of /Messages.json?To={NUMBER}"
WORDS = "I took all of them"


@pytest.fixture
def lines(tmp_path, monkeypatch):
    written = io.StringIO()
    monkeypatch.setattr("sys.stdout", written)
    monkeypatch.setattr(logging, "raiseExceptions", True)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    loggers = [logging.getLogger(name) for name in ("", "_granian", "werkzeug", "twilio.http_client", "urllib3")]
    before = [(each, each.handlers[:], each.level, each.propagate) for each in loggers]
    logs.configure(Settings.read(demo.completed({"VAR_DIR": str(tmp_path), "LOG_LEVEL": "DEBUG"})))
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.captureWarnings(False)
    structlog.reset_defaults()
    for each, handlers, level, propagate in before:
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


def test_a_line_is_json_with_its_level_and_time(lines):
    structlog.get_logger().info("turn_taken", caller="0a1b2c3d", took_ms=12)
    (line,) = lines()
    assert (line["event"], line["level"], line["caller"], line["took_ms"]) == ("turn_taken", "info", "0a1b2c3d", 12)
    assert line["at"].endswith("Z")


def test_names_that_are_not_known_are_dropped_and_only_named(lines):
    structlog.get_logger().info("text_came", body=WORDS, From=NUMBER, case="K7Q2")
    (line,) = lines()
    assert line["withheld"] == ["From", "body"]
    assert WORDS not in json.dumps(line)
    assert NUMBER not in json.dumps(line)


@pytest.mark.parametrize(
    "written", ["+17175550142", "717-555-0142", "(717) 555 0142", "717.555.0142", "call7175550142now", "5550142"]
)
def test_anything_that_looks_like_a_number_is_masked(written):
    assert guarded({"event": f"ringing {written}"})["event"].replace("(", "").strip().startswith("ringing")
    assert not any(digits in str(guarded({"reason": written})) for digits in ("0142", "555"))


def test_a_number_given_as_an_id_is_masked_too():
    assert guarded({"caller": "17175550142", "sid": 17175550142}) == {"caller": MASK, "sid": MASK}


def test_ids_made_by_machines_pass():
    ids = {"sid": "CA" + "0123456789" * 3 + "ab", "case": "a-7-12345678", "caller": "1234567890abcdef"}
    assert guarded(ids) == ids


def test_an_exception_leaves_its_kind_and_place_but_not_its_message(lines):
    try:
        _fails_twice()
    except RuntimeError:
        structlog.get_logger().exception("turn_failed")
    (line,) = lines()
    assert line["error"] == "RuntimeError from ValueError"
    assert "test_logs.py" in line["places"][0]
    assert WORDS not in json.dumps(line)
    assert NUMBER not in json.dumps(line)


def test_a_library_leaves_the_template_of_its_message_only(lines):
    logging.getLogger("rq.worker").warning("job %s failed (%s)", "abc", WORDS)
    (line,) = lines()
    assert (line["event"], line["library"]) == ("job %s failed (%s)", "rq.worker")
    assert WORDS not in json.dumps(line)


def test_text_built_by_a_library_is_withheld(lines):
    logging.getLogger("urllib3.connectionpool").warning(URL)
    (line,) = lines()
    assert line["event"] == "text of a library, withheld"
    assert line["place"].startswith("test_logs:")


def test_a_library_s_traceback_is_places_only(lines):
    try:
        int(WORDS)
    except ValueError:
        logging.getLogger("_granian").exception("Application callable raised an exception")
    (line,) = lines()
    assert line["error"] == "ValueError"
    assert WORDS not in json.dumps(line)


def test_what_ends_a_process_goes_through_the_gates(lines):
    try:
        int(WORDS)
    except ValueError as fault:
        sys.excepthook(ValueError, fault, fault.__traceback__)
    (line,) = lines()
    assert (line["event"], line["error"]) == ("process_ended", "ValueError")
    assert WORDS not in json.dumps(line)


def test_the_twilio_client_s_request_log_is_silent(lines):
    logging.getLogger("twilio.http_client").info("POST Request: %s", "/Messages.json")
    logging.getLogger("werkzeug").warning("GET /console/?q=%s", NUMBER)
    assert lines() == []


def test_a_warning_of_python_does_not_show_its_text(lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(WORDS, stacklevel=1)
    assert WORDS not in json.dumps(lines())


def _fails_twice():
    try:
        int(WORDS)
    except ValueError as fault:
        raise RuntimeError(NUMBER) from fault


PARTS = st.lists(st.sampled_from(["", " ", "-", ".", " (", ") ", " - "]), min_size=6, max_size=14)


@given(st.text(alphabet=string.ascii_letters + " +", max_size=20), PARTS, st.randoms(use_true_random=False))
def test_no_number_passes_however_its_digits_are_parted(before, parts, draw):
    digits = [str(draw.randrange(10)) for _ in range(len(parts) + 1)]
    number = digits[0] + "".join(part + digit for part, digit in zip(parts, digits[1:], strict=True))
    written = guarded({"reason": f"{before}{number} rang"})["reason"]
    assert not any(character.isdigit() for character in written)
    assert MASK in written
