"""What callers live through on the phone: waiting, being called back, leaving a message; in both languages."""

import contextlib
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
import requests
from redis import Redis

from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import RedisStore, Retention
from tests.stories.people import ANA, BEN, ROOT, record, until
from tests.stories.test_recovery import processes

pytestmark = pytest.mark.story

WORDS = {
    "en": {
        "menu": "press 0 at any time",
        "place": "You are number",
        "keys": "Press 6",
        "safe": "safe to call this number",
        "leave": "leave a short message",
        "kept": "You keep your place",
        "which": "Which number",
        "heard": "I heard",
        "cannot": "can't call that number",
        "agree": "agree to be recorded",
        "tone": "After the tone",
        "have": "have your message",
        "screen": "If you asked for a call, press 1",
        "joining": "I am connecting you",
    },
    "es": {
        "menu": "oprima 0 en cualquier momento",
        "place": "Su lugar en la fila",
        "keys": "Oprima 6",
        "safe": "seguro llamar a este número",
        "leave": "dejamos un mensaje corto",
        "kept": "No pierde su lugar",
        "which": "A qué número",
        "heard": "Oí",
        "cannot": "no puedo llamar a ese número",
        "agree": "acepta que le grabe",
        "tone": "luego del tono",
        "have": "tiene su mensaje",
        "screen": "oprima 1",
        "joining": "Le estoy conectando",
    },
}
both = pytest.mark.parametrize("language", ["en", "es"])


@pytest.fixture(autouse=True)
def staff_phones_are_quiet(line):
    """What rang for an earlier story has stopped by itself: a phone that rings on for nobody fails here.

    At the end everybody hangs up: a caller left on the line in silence is asked twice and then gets a person paged.
    """
    for number in (ANA, BEN):
        phone = line.phone(number)
        until(f"{number} quiet", lambda phone=phone: not phone._ringing(), 40)
    yield
    for call in requests.get(f"{line.api}/calls?active=true", timeout=5).json():
        requests.post(f"{line.api}/calls/{call['sid']}/hangup", timeout=5)


def paged(line, caller, staff):
    """The code of this caller's case, once this staff member has its page: an earlier story's text may come late."""
    key = store_of(line).vault.caller_key(caller.number)
    case = until("a case", lambda: store_of(line).transact(lambda tx: tx.case_of(key)))
    staff.gets(case.code)
    return case.code


def ends(line, staff, code, outcome):
    """The staff member says how it ended, and the case is closed: one that is not would ring into the next story."""
    said = staff.texts(f"DONE {code} {outcome}")
    assert record(line, code)[0].closed, said


def calls_and_holds(caller, language):
    """A call in this language that has asked for a person and holds."""
    call = caller.calls().hears("press 0 at any time")
    if language == "es":
        call.press("3").hears(WORDS["es"]["menu"])
    return call.press("0").hears(WORDS[language]["keys"])


def keys_of(line):
    return json.loads((Path(line.env["VAR_DIR"]) / "demo-keys").read_text())


def store_of(line):
    kept = keys_of(line)
    redis = Redis.from_url(f"unix://{Path(line.env['VAR_DIR']).absolute() / 'redis.sock'}")
    return RedisStore(
        redis, Vault([kept["HELPLINE_SECRET_KEYS"]], kept["HELPLINE_LOOKUP_KEY"]), Outbox(redis), Retention()
    )


def recordings_at_carrier(line):
    kept, api = keys_of(line), line.env["TWILIO_API_URL"]
    sid = kept["TWILIO_ACCOUNT_SID"]
    rows = requests.get(
        f"{api}/2010-04-01/Accounts/{sid}/Recordings.json", auth=(sid, kept["TWILIO_AUTH_TOKEN"]), timeout=5
    )
    return [row["sid"] for row in rows.json()["recordings"]]


def parent_of(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


@both
def test_whoever_holds_hears_the_truth_and_can_be_called_back_without_losing_the_place(line, caller, ana, language):
    words = WORDS[language]
    call = calls_and_holds(caller, language).hears(words["place"])
    code = paged(line, caller, ana)
    before, _ = record(line, code)
    call.press("6").hears(words["safe"]).press("1").hears(words["leave"]).press("1").hears(words["kept"])
    until("the line hangs up", lambda: not call.now["live"])
    staff_call = ana.rings().does("answer").hears("press 1").press("1")
    back = caller.rings().does("answer").hears(words["screen"]).press("1")
    staff_call.is_connected_with(caller.number)
    case, _ = record(line, code)
    assert (case.opened_at, case.urgency) == (before.opened_at, before.urgency)
    assert case.consent.value == "call_and_voicemail"
    back.does("hangup")
    staff_call.does("hangup")
    ends(line, ana, code, 1)
    assert line.errors() == []


@both
def test_another_number_is_read_back_digit_by_digit_and_then_called(line, caller, ana, language):
    words, other = WORDS[language], line.phone("+12025550991")
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.press("6").hears(words["safe"]).press("2").hears(words["which"])
    call.press("9005550199#").hears(words["cannot"])
    call.press("2025550991#").hears("2 0 2, 5 5 5, 0 9 9 1").press("1").hears(words["leave"]).press("2")
    call.hears(words["kept"])
    until("the line hangs up", lambda: not call.now["live"])
    staff_call = ana.rings().does("answer").hears("press 1").press("1")
    other.rings().does("answer").hears(words["screen"]).press("1")
    staff_call.is_connected_with(other.number)
    assert "2025550991" not in line.log.read_text()
    staff_call.does("hangup")
    ends(line, ana, code, 1)


@both
def test_a_message_is_recorded_only_after_a_key_kept_sealed_and_deleted_at_the_carrier(line, caller, ana, language):
    words = WORDS[language]
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.press("7").hears(words["agree"])
    assert "beep" not in call.heard
    call.press("1").hears(words["tone"]).hears("beep").press("#").hears(words["have"])
    call.does("hangup")
    case, history = record(line, code)
    store = store_of(line)
    (kept,) = until("the message is here", lambda: store.voicemails(case.id))
    sound = store.voicemail(kept)
    assert sound is not None
    assert sound[:4] == b"RIFF"
    assert "voicemail" in history
    assert case.due_at is not None
    assert not case.closed
    until("gone at the carrier", lambda: kept not in recordings_at_carrier(line))
    ana.texts(f"1 {code}")
    ends(line, ana, code, 2)


def test_a_machine_hears_a_neutral_message_only_with_leave_and_the_staff_member_is_told(line, caller, ana):
    call = calls_and_holds(caller, "en")
    code = paged(line, caller, ana)
    call.press("2").does("hangup")  # yes, but no voicemail
    requests.patch(f"{line.api}/phones/{caller.number}", json={"behaviour": "voicemail", "greeting_s": 1}, timeout=5)
    staff_call = ana.rings().does("answer").hears("press 1").press("1")
    staff_call.hears("The caller did not answer")
    machine = requests.get(f"{line.api}/phones/{caller.number}/calls", timeout=5).json()[-1]
    assert "message" not in " ".join(caption["said"] for caption in machine["captions"] if caption["kind"] == "say")
    staff_call.does("hangup")
    ends(line, ana, code, 4)
    _, history = record(line, code)
    assert "message_left" not in history
    assert "caller_not_reached" in history


def test_staff_who_drop_leave_the_caller_on_hold_and_somebody_else_is_found(line, caller, ana, ben):
    call = calls_and_holds(caller, "en")
    code = paged(line, caller, ana)
    first = ana.rings().does("answer").hears("press 1").press("1")
    call.is_connected_with(ana.number)
    first.does("hangup")
    call.hears("We lost the other end")
    second = ben.rings(60).does("answer").hears("press 1").press("1")
    call.is_connected_with(ben.number)
    second.does("hangup")
    call.does("hangup")
    ends(line, ben, code, 1)


def listens(line, main):
    """Whether this web server, with its worker processes, takes connections on the line's port."""
    port = f":{int(line.env['PORT']):04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()]
    waiting = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(port) and row[3] == "0A"}
    return any(waiting & open_files(pid) for pid in processes(line, "granian") if parent_of(pid) == main)


def open_files(pid):
    found = set()
    for file in Path(f"/proc/{pid}/fd").glob("*"):
        with contextlib.suppress(OSError):
            found.add(str(file.readlink()))
    return found


def web_of(line):
    found = [pid for pid in processes(line, "granian") if parent_of(pid) == line.process.pid]
    return found[0] if found and listens(line, found[0]) else None


def test_a_call_goes_on_while_one_web_server_takes_over_from_another(line, caller):
    """The new one is started beside the old one on the same port; only once it listens the old one is ended."""
    old = web_of(line)
    command = Path(f"/proc/{old}/cmdline").read_bytes().split(b"\0")[:-1]
    env = dict(pair.split(b"=", 1) for pair in Path(f"/proc/{old}/environ").read_bytes().split(b"\0") if b"=" in pair)
    new = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until("the new web server listening", lambda: listens(line, new.pid), 120)
        call = caller.calls().hears("press 0 at any time")
        os.kill(old, signal.SIGTERM)
        until("the old one ended", lambda: not Path(f"/proc/{old}").exists(), 60)
        call.press("2").hears("About ketamine")
        call.does("hangup")
        assert line.errors() == []
    finally:
        until("the line's own web server back", lambda: web_of(line), 120)
        new.send_signal(signal.SIGTERM)
        new.wait(30)


def ending_rooms(line):
    """For everybody in a room now, whether their leaving ends it."""
    kept = keys_of(line)
    sid = kept["TWILIO_ACCOUNT_SID"]
    auth, root = (sid, kept["TWILIO_AUTH_TOKEN"]), f"{line.env['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}/Conferences"
    rooms = requests.get(f"{root}.json?Status=in-progress", auth=auth, timeout=5).json()["conferences"]
    for room in rooms:
        people = requests.get(f"{root}/{room['sid']}/Participants.json", auth=auth, timeout=5).json()["participants"]
        yield from (person["end_conference_on_exit"] for person in people)


def test_staff_can_bring_a_colleague_into_the_call_and_leave_the_two(line, caller, ana, ben):
    call = calls_and_holds(caller, "en")
    code = paged(line, caller, ana)
    mine = ana.rings().does("answer").hears("press 1").press("1")
    call.is_connected_with(ana.number)
    mine.press("*").hears("add a colleague")
    call.hears("has taken your call")
    mine.press("3")
    call.is_connected_with(ana.number)
    theirs = ben.rings(40).does("answer").hears("asks you to join").press("1")
    until("three in the room", lambda: len(call.now["connected_phones"]) == 2)
    theirs.is_connected_with(caller.number)
    until("the room outlives the owner", lambda: not any(ends for ends in ending_rooms(line)))
    mine.does("hangup")
    until("the two go on", lambda: call.now["connected_phones"] == [ben.number])
    until("ben has the case", lambda: record(line, code)[0].owner == "ben")
    _, history = record(line, code)
    assert {"stepped_out", "guest_asked", "guest_joined", "given"} <= set(history)
    call.does("hangup")
    theirs.does("hangup")
    ends(line, ben, code, 1)
    assert line.errors() == []
