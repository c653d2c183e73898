"""What callers live through on the phone: waiting, being called back, leaving a message; in both languages."""

import contextlib
import signal
import threading
from pathlib import Path

import pytest
import requests

from tests.stories.people import record, until
from tests.stories.test_recovery import processes
from tests.stories.voice import WORDS, both, calls, calls_and_holds, ends, is_over, paged
from tests.stories.voice import staff_phones_are_quiet as staff_phones_are_quiet  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.story


def recordings_at_carrier(line):
    kept, api = line.keys, line.env["TWILIO_API_URL"]
    sid = kept["TWILIO_ACCOUNT_SID"]
    rows = requests.get(
        f"{api}/2010-04-01/Accounts/{sid}/Recordings.json", auth=(sid, kept["TWILIO_AUTH_TOKEN"]), timeout=5
    )
    return [row["sid"] for row in rows.json()["recordings"]]


def parent_of(pid):
    """Whose child a process is; 0 where it has ended since it was listed."""
    try:
        row = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(row.rpartition(")")[2].split()[1])


@both
def test_whoever_holds_hears_the_truth_and_can_be_called_back_without_losing_the_place(line, caller, ana, language):
    words = WORDS[language]
    call = calls_and_holds(caller, language).hears(words["place"])
    code = paged(line, caller, ana)
    before, _ = record(line, code)
    call.press("6").hears(words["safe"]).press("1").hears(words["leave"]).press("1")
    call.hears(words["when"]).press("1#").hears(words["kept"])
    is_over(call)
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
    call.hears(words["when"]).press("1#").hears(words["kept"])
    is_over(call)
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
    store = line.store
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


@pytest.mark.parametrize(
    ("language", "key", "said"),
    [
        ("en", "2", ""),
        ("es", "2", ""),
        ("en", "1", "We called as you asked"),
        ("es", "1", "Le llamamos como pidió"),
    ],
    ids=["not allowed", "not allowed es", "allowed", "allowed es"],
)
def test_a_machine_hears_a_neutral_message_only_with_leave_and_the_staff_member_is_told(
    line, caller, ana, language, key, said
):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.press(key).does("hangup")
    requests.patch(f"{line.api}/phones/{caller.number}", json={"behaviour": "voicemail", "greeting_s": 1}, timeout=5)
    staff_call = ana.rings().does("answer").hears("press 1").press("1")
    staff_call.hears("The caller did not answer")
    machine = requests.get(f"{line.api}/phones/{caller.number}/calls", timeout=5).json()[-1]
    heard = " ".join(caption["said"] for caption in machine["captions"] if caption["kind"] == "say")
    assert said in heard if said else not heard
    assert not machine["live"]
    staff_call.does("hangup")
    ends(line, ana, code, 4)
    _, history = record(line, code)
    assert ("message_left" in history) == bool(said)
    assert "caller_not_reached" in history


@both
def test_staff_who_drop_leave_the_caller_on_hold_and_somebody_else_is_found(line, caller, ana, ben, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    first = ana.rings().does("answer").hears("press 1").press("1")
    call.is_connected_with(ana.number)
    first.does("hangup")
    call.hears(WORDS[language]["lost"])
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


@both
def test_a_call_goes_on_while_a_new_web_server_takes_over_and_nobody_finds_none(line, caller, language):
    """SIGHUP, as a deploy sends it, in the middle of a call; somebody asks all the time whether anybody answers."""
    old, stop, refused = web_of(line), threading.Event(), []

    def asks_all_the_time():
        while not stop.wait(0.02):
            try:
                requests.get(f"{line.url}/healthz", timeout=10).raise_for_status()
            except requests.RequestException as fault:
                refused.append(repr(fault))

    watcher = threading.Thread(target=asks_all_the_time)
    call = calls(caller, language)
    watcher.start()
    try:
        line.process.send_signal(signal.SIGHUP)
        until("another web server", lambda: web_of(line) not in {None, old}, 120)
        until("the old one ended", lambda: not Path(f"/proc/{old}").exists(), 60)
    finally:
        stop.set()
        watcher.join()
    assert refused == []
    call.press("2").hears({"en": "About ketamine", "es": "ketamina"}[language])
    call.does("hangup")
    until("the line ready again", lambda: requests.get(f"{line.url}/readyz", timeout=5).ok, 120)
    assert line.errors() == []


def ending_rooms(line):
    """For everybody in a room now, whether their leaving ends it."""
    kept = line.keys
    sid = kept["TWILIO_ACCOUNT_SID"]
    auth, root = (sid, kept["TWILIO_AUTH_TOKEN"]), f"{line.env['TWILIO_API_URL']}/2010-04-01/Accounts/{sid}/Conferences"
    rooms = requests.get(f"{root}.json?Status=in-progress", auth=auth, timeout=5).json()["conferences"]
    for room in rooms:
        people = requests.get(f"{root}/{room['sid']}/Participants.json", auth=auth, timeout=5).json()["participants"]
        yield from (person["end_conference_on_exit"] for person in people)


@both
def test_staff_can_bring_a_colleague_into_the_call_and_leave_the_two(line, caller, ana, ben, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    mine = ana.rings().does("answer").hears("press 1").press("1")
    call.is_connected_with(ana.number)
    mine.press("*").hears("add a colleague")
    call.hears(WORDS[language]["taken"])
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


@both
def test_staff_can_bring_the_crisis_line_into_the_call_and_leave_the_two(line, caller, ana, language):
    lifeline = line.phone("+18002738255")
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    mine = ana.rings().does("answer").hears("press 1").press("1")
    call.is_connected_with(ana.number)
    mine.press("*").hears("add the").press("9")
    call.is_connected_with(ana.number)
    theirs = lifeline.rings(40).does("answer")
    until("three in the room", lambda: len(call.now["connected_phones"]) == 2)
    assert caller.number not in theirs.heard
    until("the room outlives the owner", lambda: not any(ends for ends in ending_rooms(line)))
    mine.does("hangup")
    until("the two go on", lambda: call.now["connected_phones"] == [lifeline.number])
    until("the outcome is ana's to say", lambda: record(line, code)[0].awaits_outcome)
    call.does("hangup")
    theirs.does("hangup")
    assert record(line, code)[0].owner == "ana"
    ends(line, ana, code, 3)
    _, history = record(line, code)
    assert {"stepped_out", "guest_asked", "guest_joined"} <= set(history)
    assert line.errors() == []


@both
def test_three_calls_in_vain_are_followed_by_a_text_and_a_human_decides(line, caller, ana, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.press("2").does("hangup")
    caller.texts("ok")  # so texts reach this caller too
    requests.patch(f"{line.api}/phones/{caller.number}", json={"behaviour": "busy"}, timeout=5)
    for _ in range(3):
        staff_call = ana.rings(40).does("answer").hears("press 1").press("1").hears("The caller did not answer")
        staff_call.does("hangup")
    caller.gets(WORDS[language]["missed"])
    ana.gets("how did it go")
    case, history = record(line, code)
    assert (case.caller_tries, case.owner, case.try_due_at) == (3, "ana", None)
    assert history.count("ringing_caller") == 3
    tried = [entry.at for entry in line.store.timeline(case.id) if entry.what.value == "ringing_caller"]
    missed = [entry.at for entry in line.store.timeline(case.id) if entry.what.value == "caller_not_reached"]
    for spacing, (before, after) in zip(case.level.callback_spacing, zip(missed, tried[1:], strict=False), strict=True):
        assert after - before >= spacing
    ends(line, ana, code, 4)


@both
def test_two_staff_who_press_1_in_the_same_moment_and_one_has_the_caller(line, caller, ana, ben, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    theirs = ben.rings(40)
    mine = ana.rings(40)
    both_calls = [one.does("answer").hears("press 1") for one in (mine, theirs)]
    start = threading.Barrier(2)

    def presses(one):
        start.wait(10)
        one.press("1")

    threads = [threading.Thread(target=presses, args=(one,)) for one in both_calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owner = until("an owner", lambda: record(line, code)[0].owner)
    won, lost = (mine, theirs) if owner == "ana" else (theirs, mine)
    won.is_connected_with(caller.number)
    lost.hears("already has this case")
    call.hears({"ana": "Ana", "ben": "Ben"}[owner])
    assert len(call.now["connected_phones"]) == 1
    assert record(line, code)[1].count("claimed") == 1
    won.does("hangup")
    call.does("hangup")
    ends(line, ana if owner == "ana" else ben, code, 1)
    assert line.errors() == []
