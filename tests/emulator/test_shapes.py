"""Every answer of the REST API has the shape Twilio's public OpenAPI description gives it."""

import base64
import re
from pathlib import Path

import pytest

from tests.emulator.shapes import SHAPES, faults, holds

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"


class Api:
    """Plain requests to the REST API; every error body is checked as it comes."""

    def __init__(self, lab) -> None:
        self._lab, self._settings = lab, lab.emulator.settings
        self.base = f"/2010-04-01/Accounts/{self._settings.account_sid}"

    def __call__(self, path: str, /, method: str = "GET", **form: str) -> dict:
        url = self._lab.emulator.url + (path if path.startswith("/") else f"{self.base}/{path}.json")
        auth = (self._settings.account_sid, self._settings.auth_token)
        answer = self._lab.http.request(method, url, data=form or None, auth=auth, timeout=9)
        assert answer.headers["Content-Type"] == "application/json"
        if answer.status_code >= 400:
            assert faults("error", answer.json()) == []
            assert answer.json()["status"] == answer.status_code
        return answer.json()

    def items(self, path: str, key: str) -> list[dict]:
        body = self(path)
        items = body.pop(key)
        assert faults("page", body) == []
        return items


@pytest.fixture
def api(lab) -> Api:
    return Api(lab)


def shaped(shape: str, *bodies: dict) -> None:
    assert bodies
    assert [fault for body in bodies for fault in faults(shape, body)] == []


def test_messages_and_media_of_every_status(lab, peer, api):
    lab.post("/faults", kind="message_fate", outcome="undelivered", code=30005)
    shaped("message", api("Messages", "POST", To=STAFF, From=NUMBER, Body="x"))
    lab.text(CALLER, "look", media=[{"data": base64.b64encode(b"x").decode()}])
    service = api("/v1/Services", "POST", FriendlyName="s")
    shaped("service", service, api(f"/v1/Services/{service['sid']}"))
    number = api.items("IncomingPhoneNumbers", "incoming_phone_numbers")[0]["sid"]
    added = api(f"/v1/Services/{service['sid']}/PhoneNumbers", "POST", PhoneNumberSid=number)
    shaped("service_number", added, *api(f"/v1/Services/{service['sid']}/PhoneNumbers")["phone_numbers"])
    shaped("message", api("Messages", "POST", To=OTHER, MessagingServiceSid=service["sid"], Body="x"))
    lab.advance(1)
    messages = api.items("Messages", "messages")
    assert {one["status"] for one in messages} == {"undelivered", "received", "delivered"}
    shaped("message", *messages, api(f"Messages/{messages[0]['sid']}"))
    [picture] = [one["sid"] for one in messages if one["num_media"] == "1"]
    media = api.items(f"Messages/{picture}/Media", "media_list")
    shaped("media", *media, api(f"Messages/{picture}/Media/{media[0]['sid']}"))


def test_calls_recordings_conferences_participants_and_queues(lab, peer, api):
    peer.twiml(
        "/voice",
        '<Dial><Conference waitUrl="">room</Conference></Dial>',
        "<Enqueue>help</Enqueue>",
        '<Record action="/after" timeout="1"/>',
    )
    peer.twiml("/after", "")
    lab.call(CALLER)
    lab.call(OTHER)
    made = api("Conferences/room/Participants", "POST", To=STAFF, From=NUMBER, Label="staff")
    lab.settle()
    lab.act(made["call_sid"], "answer")
    lab.call("+12025550104")
    lab.advance(2)
    conference = api(f"Conferences/{made['conference_sid']}")
    people = api.items(f"Conferences/{conference['sid']}/Participants", "participants")
    shaped("participant", made, *people)
    queue = api.items("Queues", "queues")[0]
    shaped("queue", queue, api("Queues", "POST", FriendlyName="other"))
    members = api.items(f"Queues/{queue['sid']}/Members", "queue_members")
    shaped("member", *members, api(f"Queues/{queue['sid']}/Members/Front"))
    recordings = api.items("Recordings", "recordings")
    shaped("recording", *recordings, api(f"Recordings/{recordings[0]['sid']}"))
    ended = api(f"Conferences/{conference['sid']}", "POST", Status="completed")
    shaped("conference", conference, ended, *api.items("Conferences", "conferences"))
    assert ended["reason_conference_ended"] == "conference-ended-via-api"
    lab.advance(1)
    shaped("call", *api.items("Calls", "calls"), api("Calls", "POST", To=STAFF, From=NUMBER, Twiml="<Response/>"))


def test_numbers_and_the_account(lab, api):
    shaped("incoming_phone_number", *api.items("IncomingPhoneNumbers", "incoming_phone_numbers"))
    shaped("incoming_phone_number", api("IncomingPhoneNumbers", "POST", PhoneNumber="+15005550008"))
    shaped("account", api(f"{api.base}.json"))


@pytest.mark.parametrize(
    ("path", "method", "form", "status", "code"),
    [
        ("Messages/SM1", "GET", {}, 404, 20404),
        ("Nothing", "GET", {}, 404, 20404),
        ("Messages", "POST", {}, 400, 21604),
        ("Calls", "POST", {}, 400, 21201),
        ("Calls", "DELETE", {}, 405, 20004),
        ("Calls?PageSize=zz", "GET", {}, 400, 20001),
        ("Messages", "PUT", {}, 405, 20004),
        ("Calls?PageSize=1001", "GET", {}, 400, 20001),
    ],
)
def test_errors_have_twilios_shape_and_codes(api, path, method, form, status, code):
    path = f"{api.base}/{path.replace('?', '.json?')}" if "?" in path else path
    error = api(path, method, **form)
    assert (error["status"], error["code"]) == (status, code)


def test_credentials_are_asked_for_and_checked(lab, api):
    url = f"{lab.emulator.url}{api.base}/Messages.json"
    for auth in (None, ("AC1", "x"), (lab.emulator.settings.account_sid, "x")):
        answer = lab.http.get(url, auth=auth, timeout=9)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_another_account_is_not_found(lab, api):
    assert api("/2010-04-01/Accounts/AC" + "9" * 32 + "/Messages.json")["code"] == 20404


def test_unknown_parameters_are_remarked_on_and_change_nothing(lab, api):
    api("Messages", "POST", To=STAFF, From=NUMBER, Body="x", Colour="blue")
    [warning] = lab.get("/journal", kind="warning")["records"]
    assert "Colour" in warning["data"]["text"]


def test_a_429_says_when_to_come_back(lab, api):
    lab.post("/faults", kind="rest_status", status=429, seconds=2)
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    answer = lab.http.get(f"{lab.emulator.url}{api.base}/Calls.json", auth=auth, timeout=9)
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (429, 20429, "2")


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("rfc2822", "2026-01-01"),
        ("sid CA", "CA12"),
        ("int", True),
        ("text", None),
        ("GET|POST", "PUT"),
        ("digits", "1.5"),
    ],
)
def test_the_shapes_can_be_broken(kind, value):
    assert not holds(kind, value)
    assert faults("error", {"code": 1, "message": "m", "status": 400, "more": 1}) == [
        "error.more is unknown",
        "error.more_info is missing",
    ]


def test_every_shape_is_used_here():
    text = Path(__file__).read_text()
    assert [name for name in SHAPES if not re.search(rf'(shaped|faults)\(\s*"{name}"', text)] == []
