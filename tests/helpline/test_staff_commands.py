"""`helpline staff` and the duty feed, over a real Redis."""

from dataclasses import replace

import pytest
from click.testing import CliRunner
from icalendar import Calendar

from flows.roster import on_call
from helpline.commands import staff as staff_commands
from helpline.commands.staff import staff
from helpline.staff.duty_feed import feed_address
from tests.helpline.inside import inside

ANA = "+17175550111"
ICS = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//x//y//EN
BEGIN:VEVENT
UID:1
DTSTAMP:20261101T000000Z
DTSTART:20261123T000000Z
DTEND:20261124T000000Z
SUMMARY:{title}
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("staff")) as running:
        yield running


@pytest.fixture
def run(line, monkeypatch):
    line.redis.flushall()
    verified = replace(line.services, roster=_strict(line))
    monkeypatch.setattr(staff_commands, "line_of_command", lambda: verified)
    return lambda *words: CliRunner().invoke(staff, list(words))


def _strict(line):
    roster = line.services.roster
    roster.verified_as = line.services.store.vault.caller_key
    return roster


def test_the_list_shows_which_numbers_do_not_count(line, run):
    assert f"{ANA}  NOT VERIFIED" in run("list").output
    line.services.store.transact(lambda tx: tx.set_verified(line.services.store.vault.caller_key(ANA)))
    assert f"{ANA}  counts" in run("list").output


def test_a_code_heard_in_a_call_is_confirmed_by_whoever_runs_the_line(line, run):
    assert "on its way" in run("verify", "ana").output
    (key,) = line.redis.keys("numbercode:*")
    code = line.services.store.vault.open(line.redis.get(key))["code"]
    assert run("confirm", "ana", "000000" if code != "000000" else "111111").exit_code == 1
    done = run("confirm", "Ana Flores", code)
    assert done.exit_code == 0, done.output
    assert "NOT VERIFIED" not in "".join(row for row in run("list").output.splitlines() if ANA in row)


def test_nobody_of_that_name_is_said_with_the_names_there_are(run):
    said = run("verify", "zoe")
    assert said.exit_code == 2
    assert "ana, ben, carla" in said.output


def test_an_absence_in_somebodys_calendar_counts_at_once_and_goes_when_it_is_gone_from_it(line, run, tmp_path):
    roster = line.services.roster
    line.services.store.transact(lambda tx: tx.set_verified(line.services.store.vault.caller_key(ANA)))
    file = tmp_path / "ana.ics"
    file.write_text(ICS.format(title="out"))
    assert "1 taken" in run("calendar", "ana", str(file)).output
    assert on_call(roster.now(), line.clock()) == ()
    file.write_text(ICS.format(title="dentist"))
    told = run("calendar", "ana", str(file))
    assert told.exit_code == 1
    assert "ana.ics:4" in told.output
    assert "dentist" not in told.output
    assert on_call(roster.now(), line.clock()) == ("ana",)


def test_each_person_has_a_feed_of_their_own_that_nobody_can_guess(line, run):
    line.services.store.transact(lambda tx: tx.set_verified(line.services.store.vault.caller_key(ANA)))
    ana = line.services.roster.written.staff_member("ana")
    path = feed_address(line.services, ana).removeprefix(line.settings.public_url)
    client = line.app.test_client()
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.get_data(as_text=True)).walk("VEVENT")
    assert {str(event["SUMMARY"]) for event in events} == {"On call: primary"}
    assert client.get(path.replace("/ana/", "/ben/")).status_code == 404
    assert client.get(path[:-6] + "aa.ics").status_code == 404


def test_a_feed_is_kept_by_nobody_on_the_way(line):
    """Who is on duty when is a person's own, and a copy kept anywhere is wrong after the next swap."""
    line.services.store.transact(lambda tx: tx.set_verified(line.services.store.vault.caller_key(ANA)))
    ana = line.services.roster.written.staff_member("ana")
    answer = line.app.test_client().get(feed_address(line.services, ana).removeprefix(line.settings.public_url))
    assert answer.headers.get_all("Cache-Control") == ["no-store"]


@pytest.mark.parametrize(
    "key", ["é", "%C3%A9%00", "%F0%9F%98%80", "a" * 5_000, "%ff"], ids=["é", "nul", "face", "long", "no-utf8"]
)
def test_whatever_is_put_for_a_key_is_no_such_calendar(line, key):
    assert line.app.test_client().get(f"/duty/ana/{key}.ics").status_code == 404
