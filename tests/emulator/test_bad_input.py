"""Whatever is thrown at the emulator, it answers with an error that says what is wrong, and goes on."""

import contextlib
import json

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.twiml.document import Dialect, NoDocument
from emulator.twiml.reading import read
from emulator.twiml.schema import SPECS

CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"
SHARED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
SID = "0" * 32
RESOURCES = [
    *["Messages", "Calls", "IncomingPhoneNumbers", "Conferences", "Recordings", "Queues"],
    *[f"Messages/SM{SID}", f"Messages/SM{SID}/Media", f"Calls/CA{SID}", f"Calls/CA{SID}/Recordings"],
    *[f"Conferences/CF{SID}", "Conferences/room/Participants", f"Conferences/CF{SID}/Participants/CA{SID}"],
    *[f"Queues/QU{SID}/Members/Front", f"Recordings/RE{SID}.wav", "zz", "", "Messages/../Calls", "%00"],
]
NAMES = [
    *["To", "From", "Body", "Url", "Twiml", "Timeout", "Page", "PageSize", "MediaUrl", "StatusCallback", "SendAt"],
    *[
        "ScheduleType",
        "ValidityPeriod",
        "MessagingServiceSid",
        "MachineDetection",
        "DateSent",
        "DateSent<",
        "StartTime>",
    ],
    *["Status", "Muted", "Hold", "HoldUrl", "PhoneNumber", "SmsUrl", "MaxSize", "FriendlyName", "SendDigits", "Label"],
    *["StatusCallbackEvent", "MaxParticipants", "StatusCallbackMethod", "ConferenceStatusCallbackEvent", "Beep"],
]
VALUES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [NUMBER, STAFF, "true", "-1", "9" * 30, "http://", "http://[::1", "http://a b/", "<Response", "\x00", "٣"]
    ),
    st.sampled_from(
        ["2026-99-99", "2026-01-01T00:00:00", "<Response><Say/></Response>", "http://127.0.0.1:9/x", "POST"]
    ),
)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH"])


def answers(lab, method: str, url: str, **more) -> requests.Response:
    """The answer, which is never a failure of the emulator's own."""
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    answer = lab.http.request(method, lab.emulator.url + url, auth=auth, timeout=20, allow_redirects=False, **more)
    assert answer.status_code < 500, answer.text
    return answer


@settings(SHARED, max_examples=150)
@given(
    resource=st.sampled_from(RESOURCES),
    form=st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5),
    method=METHODS,
)
def test_no_request_makes_the_rest_api_fail(lab, resource, form, method):
    data = {name: value.encode("utf-8", "replace") for name, value in form.items()}
    where = {"params": data} if method == "GET" else {"data": data}
    answer = answers(lab, method, f"/2010-04-01/Accounts/{lab.emulator.settings.account_sid}/{resource}.json", **where)
    if answer.status_code >= 400:
        assert set(answer.json()) == {"code", "message", "more_info", "status"}
    lab.excuse(-1)


@SHARED
@given(
    path=st.sampled_from(["Services", f"Services/MG{SID}", f"Services/MG{SID}/PhoneNumbers", "Nothing"]),
    form=st.dictionaries(
        st.sampled_from(["FriendlyName", "InboundRequestUrl", "ValidityPeriod", *NAMES]), VALUES, max_size=4
    ),
    method=METHODS,
)
def test_no_request_makes_the_messaging_api_fail(lab, path, form, method):
    answers(lab, method, f"/v1/{path}", data={name: value.encode("utf-8", "replace") for name, value in form.items()})


@SHARED
@given(
    body=st.binary(max_size=40),
    kind=st.sampled_from(["application/x-www-form-urlencoded", "application/json", "x", ""]),
)
def test_no_body_makes_the_rest_api_fail(lab, body, kind):
    url = f"/2010-04-01/Accounts/{lab.emulator.settings.account_sid}/Messages.json"
    assert answers(lab, "POST", url, data=body, headers={"Content-Type": kind}).status_code == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    *["number", "name", "behaviour", "body", "to", "media", "kind", "status", "seconds", "times", "speed", "digits"],
    *["text", "wait_s", "mode", "url", "seed", "faults", "word_s", "calls_per_second", "chance", "greeting_end"],
]
CONTROL = [
    *["phones", f"phones/{CALLER}", f"phones/{CALLER}/texts", f"phones/{CALLER}/calls", "calls", "calls/CA1/keys"],
    *[
        "calls/CA1/speech",
        "calls/CA1/answer",
        "clock",
        "clock/advance",
        "journal",
        "faults",
        "pace",
        "account",
        "rooms",
    ],
    *[f"opt-outs/{NUMBER}", f"opt-outs/{NUMBER}/{CALLER}", "json-webhooks", "complaints", "nothing"],
]


def tame(data: object) -> object:
    """The same without what would make the test wait or change the clock for good."""
    return (
        {name: value for name, value in data.items() if name not in ("wait_s", "seconds", "speed")}
        if isinstance(data, dict)
        else data
    )


@settings(SHARED, max_examples=250)
@given(
    path=st.sampled_from(CONTROL),
    data=JSON | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=3),
    method=st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE"]),
)
def test_no_request_makes_the_control_api_fail(lab, path, data, method):
    answer = answers(
        lab,
        method,
        f"/emulator/api/{path}",
        data=json.dumps(tame(data)).encode("utf-8", "replace"),
        headers={"Content-Type": "application/json"},
    )
    if answer.status_code in (400, 404, 409) and path != "nothing":
        assert answer.json()["error"]
    lab.excuse(11100, 11205, 11206)


@pytest.mark.parametrize(
    "query", ["after=x", "wait_s=abc", "wait_s=-1", "kind=%00", "level=nothing", "after=-5", "limit=0"]
)
def test_no_query_makes_the_journal_fail(lab, query):
    assert answers(lab, "GET", f"/emulator/api/journal?{query}").status_code in (200, 400)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(body):
    for dialect in Dialect:
        with contextlib.suppress(NoDocument):
            read(body, dialect)


def elements() -> st.SearchStrategy[str]:
    attributes = st.dictionaries(
        st.sampled_from(sorted({name for spec in SPECS.values() for name in spec.attributes if ":" not in name})),
        st.sampled_from(["", "1", "-1", "true", "POST", "http://x/y", "#", "zz", "+12025550102", "9999999"]),
        max_size=3,
    )

    def element(name: str, attrs: dict[str, str], inside: list[str]) -> str:
        written = "".join(f' {key}="{value}"' for key, value in attrs.items())
        return f"<{name}{written}>{''.join(inside)}</{name}>"

    names = st.sampled_from(sorted(SPECS))
    leaf = st.builds(element, names, attributes, st.just([]) | st.just(["+12025550102"]) | st.just(["words"]))
    return st.recursive(
        leaf, lambda inner: st.builds(element, names, attributes, st.lists(inner, max_size=3)), max_leaves=5
    )


@settings(SHARED, max_examples=40)
@given(verbs=st.lists(elements(), max_size=4), channel=st.sampled_from(["voice", "sms"]))
def test_no_document_breaks_a_call_or_a_text(lab, peer, verbs, channel):
    peer.twiml(f"/{channel}", "".join(verbs))
    if channel == "sms":
        lab.text(CALLER, "hi")
    else:
        sid = lab.call()
        lab.advance(2)
        if lab.view(sid)["live"]:
            lab.act(sid, "hangup")
    assert lab.get("/journal", kind="emulator.defect")["records"] == []
    lab.excuse(*{one["code"] for one in lab.complaints()})


@pytest.mark.parametrize(
    ("path", "data", "says"),
    [
        ("phones", {"number": STAFF, "behaviour": "asleep"}, "behaviour must be one of manual, answer"),
        ("phones", {"number": STAFF, "colour": "blue"}, "unknown fields: colour"),
        ("phones", [], "send a JSON object with the type application/json"),
        ("faults", {"kind": "rain"}, "kind must be one of"),
        ("faults", {"kind": "message_fate", "outcome": "lost"}, "outcome must be one of sent"),
        ("faults", {"kind": "rest_status", "status": 7}, "status must be an HTTP status"),
        ("clock/advance", {"seconds": True}, "seconds must be a number"),
        ("clock/advance", {"seconds": 1e300}, "seconds must be a number"),
        ("clock/advance", {"seconds": -1}, "seconds must be a number from 0 to 100,000,000"),
    ],
)
def test_the_control_api_says_what_is_wrong(lab, path, data, says):
    answer = lab.http.post(f"{lab.emulator.url}/emulator/api/{path}", json=data, timeout=9)
    assert answer.status_code == 400
    assert says in answer.json()["error"]
