"""The clock, the journal, the faults of the REST API, and what a test may not leave unexplained."""

import subprocess
import sys
import threading
import time

import pytest
import requests
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from emulator import Emulator, Settings
from emulator.faults import Fault, FaultKind, Faults
from emulator.journal import Journal, Query

CALLER, STAFF, NUMBER = "+12025550101", "+12025550102", "+15005550006"


def send(lab):
    return lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="x")


def test_a_stepped_clock_stands_still_and_runs_everything_due_in_order(lab, peer):
    lab.phone(STAFF, behaviour="answer", answer_after_s=3)
    peer.twiml("/page", "<Pause length='4'/><Say>after</Say>")
    call = lab.sdk.calls.create(to=STAFF, from_=NUMBER, url=f"{peer.url}/page")
    before = lab.get("/clock")
    lab.advance(2.9)
    assert call.fetch().status == "ringing"
    lab.advance(4.2)
    assert lab.heard(call.sid) == ["after"]
    assert lab.get("/clock")["elapsed_s"] - before["elapsed_s"] == pytest.approx(7.1)


def test_a_running_clock_cannot_be_stepped(lab):
    url = f"{lab.emulator.url}/emulator/api/clock"
    assert lab.http.put(url, json={"speed": 50}, timeout=9).json()["speed"] == 50
    answer = lab.http.post(f"{url}/advance", json={"seconds": 1}, timeout=9)
    assert (answer.status_code, "set its speed to 0" in answer.json()["error"]) == (409, True)


def test_a_faster_clock_shortens_a_minute_to_less_than_a_few_seconds():
    with Emulator(Settings(port=0, speed=100)) as emulator:
        api = f"{emulator.url}/emulator/api"
        order = {"To": STAFF, "From": NUMBER, "Twiml": "<Response/>", "Timeout": "60"}
        auth = (emulator.settings.account_sid, emulator.settings.auth_token)
        begun = time.monotonic()
        url = f"{emulator.url}/2010-04-01/Accounts/{auth[0]}/Calls.json"
        sid = requests.post(url, data=order, auth=auth, timeout=9).json()["sid"]
        query = {"kind": "call.no-answer", "subject": sid, "wait_s": 30}
        assert requests.get(f"{api}/journal", params=query, timeout=40).json()["records"]
        assert time.monotonic() - begun < 30


def test_the_journal_is_asked_by_kind_level_subject_and_place(lab, peer):
    peer.answer("/sms", Response("x", status=500))
    sent = lab.text(CALLER, "hi")
    assert {record["subject"] for record in lab.get("/journal", subject=sent["sid"])["records"]} == {sent["sid"]}
    assert {record["level"] for record in lab.get("/journal", level="error")["records"]} == {"error"}
    everything = lab.get("/journal")["records"]
    assert [record["number"] for record in everything] == list(range(1, len(everything) + 1))
    assert lab.get("/journal", after=everything[-2]["number"])["records"] == everything[-1:]
    export = lab.http.get(f"{lab.emulator.url}/emulator/api/journal/export", timeout=9)
    assert export.json()["records"] == everything
    assert "attachment" in export.headers["Content-Disposition"]
    assert lab.errors() == [11200]


def test_a_cleared_journal_is_empty_and_goes_on_numbering(lab):
    last = lab.get("/journal")["records"][-1]["number"]
    lab.http.delete(f"{lab.emulator.url}/emulator/api/journal", timeout=9)
    assert lab.get("/journal")["records"] == []
    lab.phone("+12025550109")
    assert lab.get("/journal")["records"][0]["number"] > last


@given(
    st.lists(st.tuples(st.sampled_from(["a.b", "a.c", "d"]), st.sampled_from(["S1", "S2"]))),
    st.sampled_from(["a", "a.b", ""]),
)
def test_a_query_gives_exactly_the_records_it_names(written, kind):
    from datetime import UTC, datetime

    journal = Journal(lambda: datetime(2026, 1, 1, tzinfo=UTC))
    for name, subject in written:
        journal.note(name, subject=subject)
    found = journal.find(Query(kind=kind, subject="S1"))
    assert [(one.kind, one.subject) for one in found] == [
        one for one in written if one[0].startswith(kind) and one[1] == "S1"
    ]


@pytest.mark.parametrize(("kind", "done"), [("rest_cut", 0), ("rest_cut_after", 1)])
def test_a_cut_connection_leaves_the_request_undone_or_done(lab, kind, done):
    lab.post("/faults", kind=kind, path="/Messages", method="POST")
    with pytest.raises(requests.ConnectionError):
        send(lab)
    assert len(lab.sdk.messages.list()) == done


@pytest.mark.parametrize(("kind", "status", "done"), [("rest_status", 503, 0), ("rest_status_after", 500, 1)])
def test_a_server_error_comes_before_or_after_the_work(lab, kind, status, done):
    lab.post("/faults", kind=kind, status=status, path="/Messages", method="POST")
    with pytest.raises(TwilioRestException) as caught:
        send(lab)
    assert (caught.value.status, caught.value.code) == (status, 20500)
    assert len(lab.sdk.messages.list()) == done


def test_a_slow_answer_comes_after_the_work_is_done(lab):
    lab.post("/faults", kind="rest_slow", seconds=0.4, path="/Messages", method="POST")
    begun = time.monotonic()
    send(lab)
    assert time.monotonic() - begun >= 0.4
    assert len(lab.sdk.messages.list()) == 1


def test_a_fault_is_aimed_by_number_and_counted_and_can_be_taken_back(lab):
    fault = lab.post("/faults", kind="rest_status", status=429, number=STAFF, times=2)
    for _ in range(2):
        with pytest.raises(TwilioRestException):
            send(lab)
    assert lab.sdk.messages.create(to=CALLER, from_=NUMBER, body="x").sid
    assert send(lab).sid
    always = lab.post("/faults", kind="rest_status", status=503, always=True)
    assert lab.http.delete(f"{lab.emulator.url}/emulator/api/faults/{always['sid']}", timeout=9).status_code == 204
    assert lab.http.delete(f"{lab.emulator.url}/emulator/api/faults", timeout=9).status_code == 204
    assert lab.get("/faults") == []
    assert fault["sid"].startswith("FT")


@given(st.integers(0, 2**32), st.lists(st.sampled_from(["+1", "+2"]), min_size=1, max_size=30))
def test_the_same_seed_and_course_of_events_bring_the_same_faults(seed, numbers):
    def struck() -> list[bool]:
        from datetime import UTC, datetime

        faults = Faults(Journal(lambda: datetime(2026, 1, 1, tzinfo=UTC)))
        faults.script(seed, [Fault(FaultKind.MESSAGE_FATE, times=None, chance=0.5, outcome="failed")])
        return [faults.for_message({"to": number}) is not None for number in numbers]

    assert struck() == struck()


def test_an_error_nobody_looked_at_is_a_complaint(lab, peer):
    peer.answer("/sms", Response("x", status=500))
    lab.text(CALLER, "hi")
    assert [one["code"] for one in lab.complaints()] == [11200]
    lab.errors()
    assert lab.complaints() == []


def test_a_failing_callback_is_a_complaint(lab, peer):
    peer.answer("/ms", Response("x", status=500))
    lab.sdk.messages.create(to=STAFF, from_=NUMBER, body="x", status_callback=f"{peer.url}/ms")
    lab.advance(1)
    assert [one["code"] for one in lab.complaints()] == [11200, 11200]
    lab.excuse(11200)


@pytest.mark.parametrize("how", ["text", "call"])
def test_what_reaches_a_phone_nobody_set_up_is_a_complaint(lab, peer, how):
    stranger = "+12025550177"
    if how == "text":
        lab.sdk.messages.create(to=stranger, from_=NUMBER, body="x")
    else:
        lab.sdk.calls.create(to=stranger, from_=NUMBER, twiml="<Response/>")
    lab.advance(1)
    assert [(one["code"], one["subject"]) for one in lab.complaints()] == [(-1, stranger)]
    lab.excuse(-1)


def test_the_fixture_fails_a_test_that_leaves_something_unexplained(tmp_path):
    (tmp_path / "test_sloppy.py").write_text(
        "pytest_plugins = ['tests.emulator.conftest']\n"
        "def test_sloppy(lab):\n"
        "    lab.sdk.messages.create(to='+12025550177', from_='+15005550006', body='x')\n"
        "    lab.advance(1)\n"
    )
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "nobody set it up" in done.stdout


def test_many_clients_at_once_are_all_answered(lab):
    codes: list[int] = []

    def ask() -> None:
        url = f"{lab.emulator.url}/emulator/api/phones"
        codes.extend(requests.get(url, timeout=20).status_code for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [200] * 80
