"""Processes die and Redis stands still: pages still go out, and people are still answered."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from tests.stories.people import ANA, FALLBACK, NUMBERS, record, until
from tests.stories.test_faults import a_text, post
from tests.stories.test_faults import token as token  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.story

SAFE_WITHIN_S = 2.0


def processes(line, words):
    """Pids of this line's processes whose command line holds these words."""
    mark = line.env["VAR_DIR"].encode()
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            here = os.fsencode((place / "cwd").readlink())
            ours = mark in command or mark in here or mark in (place / "environ").read_bytes()
        except OSError:
            continue
        if ours and words.encode() in command.replace(b"\0", b" "):
            found.append(int(place.name))
    return found


def test_a_worker_killed_with_a_danger_text_costs_seconds_not_the_page(line, caller, ana):
    for pid in processes(line, "workers urgent"):
        os.kill(pid, signal.SIGKILL)
    caller.texts("he is not breathing")
    page = ana.gets("Reply 1", 25)
    code = page.split("case ")[1][:4] if "case " in page else ""
    until("the worker is back", lambda: processes(line, "workers urgent"))
    ana.texts(f"1 {code}")
    ana.texts(f"DONE {code} 3")


def test_while_redis_stands_still_people_get_the_safe_answer_and_then_the_line_goes_on(line, token):
    servers = processes(line, "valkey-server")
    assert servers
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        text = post(line, token, "/twilio/sms", a_text(next(NUMBERS), "hello", "SM" + "c" * 32))
        took_text = time.monotonic() - began
        call = {"CallSid": "CA" + "d" * 32, "From": next(NUMBERS), "To": "+17175550100", "CallStatus": "ringing"}
        began = time.monotonic()
        voice = post(line, token, "/twilio/voice", call)
        took_voice = time.monotonic() - began
    finally:
        for pid in servers:
            os.kill(pid, signal.SIGCONT)
    assert (text.status_code, voice.status_code) == (200, 200)
    assert "911" in text.text
    assert "988" in text.text
    assert "<Dial" in voice.text
    assert FALLBACK in voice.text
    assert took_text < SAFE_WITHIN_S
    assert took_voice < SAFE_WITHIN_S
    until("ready again", lambda: requests.get(f"{line.url}/readyz", timeout=5).ok, 30)
    again = post(line, token, "/twilio/sms", a_text(next(NUMBERS), "hi", "SM" + "e" * 32))
    assert "bot" in again.text.lower()


def test_a_worker_killed_between_the_lease_and_the_request_still_pages_within_25_s(line_that_dies_after_a_lease):
    line = line_that_dies_after_a_lease
    caller, ana = line.phone(next(NUMBERS)), line.phone(ANA)
    caller.texts("she overdosed and wont wake up")
    until("the fault has struck", (Path(line.env["VAR_DIR"]) / "fault-F4").exists)
    ana.gets("Reply 1", 25)
    ana.rings(25)


def test_a_redis_that_is_killed_comes_back_with_every_open_case_and_the_line_goes_on(line, caller, ana):
    caller.texts("i took all my pills")
    code = ana.gets("Reply 1", 10).split("case ")[1][:4]
    for pid in processes(line, "valkey-server"):
        os.kill(pid, signal.SIGKILL)
    until("ready again", lambda: requests.get(f"{line.url}/readyz", timeout=5).ok, 30)
    until("the case is still open", lambda: ana.texts(f"1 {code}"), 30)
    case, _ = record(line, code)
    assert case.owner is not None
    ana.texts(f"DONE {code} 3")
