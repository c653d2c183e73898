"""The same story with the things going wrong that do go wrong."""

import threading

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.stories.people import HELPLINE, NUMBERS, conversation, until

pytestmark = pytest.mark.story


@pytest.fixture(scope="module")
def token(line):
    import json
    from pathlib import Path

    return json.loads((Path(line.env["VAR_DIR"]) / "demo-keys").read_text())["TWILIO_AUTH_TOKEN"]


def a_text(number, body, sid):
    return {"MessageSid": sid, "SmsSid": sid, "From": number, "To": HELPLINE, "Body": body, "NumMedia": "0"}


def post(line, token, path, form):
    url = f"{line.url}{path}"
    signature = RequestValidator(token).compute_signature(url, form)
    return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=15)


def test_the_same_text_twice_and_eight_at_once_has_one_effect_and_one_answer(line, token):
    number = next(NUMBERS)
    form = a_text(number, "hi", "SM" + "a" * 32)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(line, token, "/twilio/sms", form).text)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.append(post(line, token, "/twilio/sms/fallback", form).text)
    assert len(answers) == 9
    assert len(set(answers)) == 1
    kept = conversation(line, number)
    assert kept is not None
    assert (kept.version, kept.turns) == (1, 1)  # one step was taken, not nine


@pytest.mark.parametrize("header", [None, "bm9uc2Vuc2U="])
def test_an_unsigned_text_is_refused_and_leaves_no_trace_of_its_words(line, header):
    form = a_text(next(NUMBERS), "planted-canary-words", "SM" + "b" * 32)
    headers = {} if header is None else {"X-Twilio-Signature": header}
    answer = requests.post(f"{line.url}/twilio/sms", data=form, headers=headers, timeout=5)
    assert answer.status_code == 403
    assert "planted-canary-words" not in line.log.read_text()


@pytest.mark.parametrize(
    "change",
    [
        {"Body": ""},
        {"Body": "x" * 10_000},
        {"Body": "\x00\x07\x1b[2J hi \x0b"},
        {"Body": "\N{PILL}\N{SKULL} 🆘"},
        {"Body": "", "NumMedia": "1", "MediaUrl0": "https://x.example/1"},
        {"From": "anonymous"},
        {"From": "12345"},
        {"Unheard": "of"},
    ],
    ids=["empty", "endless", "control", "emoji", "media", "anonymous", "short code", "unknown parameter"],
)
def test_odd_texts_get_a_sane_answer(line, token, change):
    number = next(NUMBERS)
    sid = f"SM{abs(hash(number)):032x}"[:34]
    answer = post(line, token, "/twilio/sms", {**a_text(number, "hi", sid), **change})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/xml")
    assert "<Message>" in answer.text


def test_a_text_without_its_sid_is_the_machines_fault_and_said_so(line, token):
    form = a_text(next(NUMBERS), "hi", "x")
    del form["MessageSid"]
    answer = post(line, token, "/twilio/sms", form)
    assert answer.status_code == 400
    assert "MessageSid" in answer.text


def test_a_get_where_post_is_meant_is_405(line):
    assert requests.get(f"{line.url}/twilio/sms", timeout=5).status_code == 405


def test_the_line_says_that_it_can_answer_and_page(line):
    until("ready", lambda: requests.get(f"{line.url}/readyz", timeout=5).json()["ready"])
