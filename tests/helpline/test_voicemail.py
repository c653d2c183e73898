"""A spoken message is fetched as soon as it is there, ever more rarely while it is not, and never lost in silence."""

from datetime import timedelta

import pytest

from flows.events import Recorded
from helpline.calls.voicemail import ALARM_AFTER, GIVE_UP_AFTER, LATEST, SOONEST
from helpline.gateway.failures import Refused, Unavailable
from helpline.store import keys
from tests.helpline.inside import BEGIN, one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller

SOUND = b"RIFF and more"


class Carrier:
    """What the carrier holds and deletes; it answers with a fault while it has one."""

    def __init__(self, fault=None):
        self.fault, self.held, self.asked, self.meanwhile = fault, {}, [], lambda: None

    def recording(self, sid):
        self.asked.append(sid)
        if self.fault is not None:
            raise self.fault
        self.meanwhile()
        return self.held.get(sid, SOUND)

    def delete_recording(self, sid):
        if self.fault is not None:
            raise self.fault
        self.held.pop(sid, None)
        self.held[f"deleted {sid}"] = b""


@pytest.fixture
def carrier(line):
    voicemail, there = line.services.voicemail, Carrier()
    real = voicemail.gateway
    object.__setattr__(voicemail, "gateway", there)
    yield there
    object.__setattr__(voicemail, "gateway", real)


def leaves_a_message(line, number):
    """A caller who holds and leaves a message; gives them and the recording's sid."""
    caller = Caller(line, number).presses("0").holds().presses("7").presses("1")
    caller.does(Recorded("r", BEGIN, "", 3))
    assert "Our staff have your message" in caller.document
    return caller, caller.session.memory["recording"]


def due_in(line, recording, case_id):
    score = line.redis.zscore(keys.DUE, keys.recording_member(recording, case_id))
    return None if score is None else timedelta(milliseconds=score) - timedelta(seconds=line.clock.now.timestamp())


def fails_until(line, recording, case, age):
    """Each try as the clock comes to it, until the message is this old; gives the waits between them."""
    waits = []
    while line.clock.now - BEGIN < age:
        line.services.voicemail.settle(recording, case.id)
        wait = due_in(line, recording, case.id)
        if wait is None:
            return waits
        waits.append(round(wait.total_seconds()))
        line.clock.forward(seconds=wait.total_seconds())
    return waits


@pytest.mark.parametrize("fault", [Refused(20404), Unavailable("429", timedelta(seconds=1))], ids=["not there", "busy"])
def test_waits_grow_from_seconds_to_an_hour_and_the_supervisor_hears_of_it_once(line, number, carrier, fault):
    caller, recording = leaves_a_message(line, number)
    carrier.fault = fault
    waits = fails_until(line, recording, caller.case, timedelta(hours=12))
    assert waits[:5] == [15, 15, 30, 60, 120]
    assert waits == sorted(waits)
    assert waits[-1] == LATEST.total_seconds()
    assert len(waits) < 25
    alarms = [one for one in caller.case.alarmed if one.value == "message_missing"]
    assert len(alarms) == 1
    assert "cannot be fetched" in line.services.errands.wording.text("notice_message_missing", "en", {"code": "7F3K"})


def test_nobody_is_alarmed_while_it_may_only_take_a_moment(line, number, carrier):
    caller, recording = leaves_a_message(line, number)
    carrier.fault = Refused(20404)
    fails_until(line, recording, caller.case, ALARM_AFTER - SOONEST)
    assert caller.case.alarmed == ()


def test_what_comes_at_last_is_kept_and_deleted_at_the_carrier(line, number, carrier):
    caller, recording = leaves_a_message(line, number)
    carrier.fault = Refused(20404)
    fails_until(line, recording, caller.case, timedelta(hours=3))
    carrier.fault = None
    line.services.voicemail.settle(recording, caller.case.id)
    assert line.services.voicemail.sound(recording) == SOUND
    line.services.voicemail.settle(recording, "")
    assert f"deleted {recording}" in carrier.held
    assert not [row for row in line.redis.zrange(keys.DUE, 0, -1) if row.startswith(b"recording|")]


def test_what_never_comes_ends_with_a_word_in_the_case(line, number, carrier):
    caller, recording = leaves_a_message(line, number)
    carrier.fault = Refused(20404)
    fails_until(line, recording, caller.case, GIVE_UP_AFTER + 3 * LATEST)
    assert due_in(line, recording, caller.case.id) is None
    notes = [entry.detail.get("text", "") for entry in line.services.store.timeline(caller.case.id)]
    assert [note for note in notes if "could not be fetched" in note] != []


def test_recording_anew_deletes_the_first_here_and_at_the_carrier(line, number, carrier):
    caller, first = leaves_a_message(line, number)
    case = caller.case
    line.services.voicemail.settle(first, case.id)
    assert line.services.voicemail.of_case(case.id) == (first,)
    caller.presses("1")
    assert "After the tone" in caller.document
    caller.does(Recorded("r", BEGIN, "", 4))
    second = caller.session.memory["recording"]
    assert second != first
    assert line.services.voicemail.sound(first) is None
    line.services.voicemail.settle(first, case.id)  # a fetch that was under way
    line.services.voicemail.settle(first, "")
    line.services.voicemail.settle(second, case.id)
    assert line.services.voicemail.of_case(case.id) == (second,)
    assert line.services.voicemail.sound(first) is None
    assert f"deleted {first}" in carrier.held


def test_a_first_message_not_fetched_yet_is_not_fetched_once_it_was_recorded_anew(line, number, carrier):
    caller, first = leaves_a_message(line, number)
    caller.presses("1")
    line.services.voicemail.settle(first, caller.case.id)
    assert carrier.asked == []
    line.services.voicemail.settle(first, "")
    assert f"deleted {first}" in carrier.held


def test_a_fetch_that_is_under_way_does_not_bring_back_what_was_recorded_anew(line, number, carrier):
    caller, first = leaves_a_message(line, number)
    carrier.meanwhile = lambda: caller.presses("1")
    line.services.voicemail.settle(first, caller.case.id)
    assert line.services.voicemail.sound(first) is None
    assert line.services.voicemail.of_case(caller.case.id) == ()
    line.services.voicemail.settle(first, "")
    assert f"deleted {first}" in carrier.held
