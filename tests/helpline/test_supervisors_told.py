"""What supervisors get by text: the sum of each day, an alarm when somebody could be forgotten, times nobody covers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from helpline.store import keys
from tests.helpline.whole_line import SOMEBODY, fresh, whole_line

AHEAD = 13 - datetime.now(UTC).hour
HERE = ZoneInfo(f"Etc/GMT{-AHEAD:+}")  # where it is early afternoon now: the emulator's own clock cannot be moved back
DORA, EVA, LEAVER, MISSED = "+17175550131", "+17175550132", "+12025550177", "+12025550143"
ROSTER = f"""\
zone: {HERE.key}
fallback_numbers: ["+1 717 555 0199"]
supervisors: [dora, eva]
staff:
  - {{id: ana, name: Ana Flores, phones: ["+1 717 555 0111"], languages: [en]}}
  - {{id: dora, name: Dora Lindqvist, phones: ["+1 717 555 0131"], languages: [en], role: supervisor}}
  - {{id: eva, name: Eva Ruiz, phones: ["+1 717 555 0132"], languages: [es], role: supervisor}}
lists:
  - name: primary
    shifts:
      - {{from: "08:00", to: "20:00", staff: [ana]}}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    (folder / "roster.yaml").write_text(ROSTER)
    with (
        pytest.MonkeyPatch.context() as patch,
        whole_line(folder, patch, ROSTER_FILE=str(folder / "roster.yaml")) as line,
    ):
        yield line


@pytest.fixture
def line(running):
    fresh(running)
    for number in (DORA, EVA):
        running.control("phones", number=number)
    running.services.chores.begin()
    return running


def next_morning(line, *, hour=8, minute=1):
    """The clock goes on to that time tomorrow, and what is due then is done."""
    here = line.clock.now.astimezone(HERE)
    then = (here + timedelta(days=1)).replace(hour=hour, minute=minute)
    line.tick(seconds=(then.astimezone(UTC) - line.clock.now).total_seconds())
    for _ in range(3):
        line.tick(seconds=1.1)


def got(line, number, words):
    return [text for text in line.sent(number) if words in text]


def test_the_sum_of_the_day_comes_at_eight_by_the_clock_on_the_wall_to_each_in_their_language(line):
    line.text("hi")
    line.text("STOP", sender=LEAVER)
    line.arrives("hi", MISSED)
    line.clock.on(minutes=1)
    line.services.reconciler.run()
    next_morning(line, hour=7, minute=50)
    assert got(line, DORA, "last 24 h") == []
    line.tick(minutes=11)
    line.tick(seconds=2)
    (said,) = got(line, DORA, "last 24 h")
    assert said.startswith("HELPLINE, last 24 h: 3 contacts.")
    assert "1 opted out" in said
    assert "1 came while we were down" in said
    assert "0 to look at" in said
    assert not any(number.removeprefix("+1") in said for number in (SOMEBODY, LEAVER, MISSED))
    (dicho,) = got(line, EVA, "24 h")
    assert dicho.startswith("HELPLINE, 24 h: 3 contactos.")


def test_the_sum_comes_once_a_day_however_often_its_chore_is_run_and_again_on_the_next(line):
    next_morning(line)
    line.services.ledger.summary()
    line.tick(minutes=1)
    assert len(got(line, DORA, "last 24 h")) == 1
    next_morning(line)
    assert len(got(line, DORA, "last 24 h")) == 2


def test_the_sum_of_a_morning_when_the_line_was_down_comes_at_the_start(line):
    line.clock.on(hours=20)
    line.services.chores.begin()  # what a clock does when it starts
    line.tick(seconds=1)
    line.tick(seconds=1)
    assert len(got(line, DORA, "last 24 h")) == 1


def forget(line, number):
    """What a wrong restore does: the line of a contact is gone, and that it is open is not."""
    key = line.services.store.vault.caller_key(number)
    (name,) = (one for one in line.redis.scan_iter("contact:*") if key.encode() in one)
    line.redis.delete(name)


def test_a_contact_nobody_owes_anything_is_told_within_a_minute_and_once_a_day(line):
    line.text("hi")
    line.tick(seconds=1)
    forget(line, SOMEBODY)
    line.tick(minutes=1)
    line.tick(seconds=1)
    (said,) = got(line, DORA, "HELPLINE ALARM")
    assert "whom nobody owes an answer: 1." in said
    line.tick(minutes=30)
    assert len(got(line, DORA, "HELPLINE ALARM")) == 1


def test_another_one_on_the_same_day_is_told_at_once(line):
    for number in (SOMEBODY, MISSED):
        line.text("hi", sender=number)
        line.tick(seconds=1)
        forget(line, number)
        line.tick(minutes=2)
        line.tick(seconds=1)
    first, second = got(line, DORA, "HELPLINE ALARM")
    assert ": 1." in first
    assert ": 2." in second


def test_a_case_that_vanished_is_told(line):
    line.text("i took all my pills")
    line.tick(seconds=1)
    (case,) = line.services.store.open_cases()
    line.redis.delete(keys.case(case.id))
    line.tick(minutes=1)
    line.tick(seconds=1)
    assert len(got(line, DORA, "HELPLINE ALARM")) == 1


def test_times_when_nobody_is_on_call_are_told_every_morning_once(line):
    next_morning(line)
    line.services.duty.tell_gaps()
    line.tick(seconds=2)
    (said,) = got(line, DORA, "nobody is on call")
    assert "primary" in said
    next_morning(line)
    assert len(got(line, DORA, "nobody is on call")) == 2
