"""`helpline ledger` and `helpline reconcile`, as an operator types them at night."""

from datetime import timedelta

import pytest
from click.testing import CliRunner

from helpline.__main__ import main
from helpline.store import keys
from tests.helpline.whole_line import SOMEBODY

pytestmark = pytest.mark.usefixtures("its_environment")
OTHER, LEAVER = "+12025550143", "+12025550177"


def helpline(*words):
    return CliRunner().invoke(main, list(words))


def missed(line, body="hi", sender=OTHER):
    """A text nobody saw, sent long enough ago that it is not left to its webhook."""
    message = line.arrives(body, sender)
    message.date_created -= timedelta(minutes=42)
    message.date_sent = message.date_created


def test_the_day_lists_each_contact_and_adds_up_and_names_nobody(line):
    line.text("hi")
    line.text("i took all my pills", sender=OTHER)
    line.text("STOP", sender=LEAVER)
    day = helpline("ledger")
    assert day.exit_code == 0
    rows = day.output.splitlines()
    assert sum("open: caller, until" in row for row in rows) == 1
    assert sum("open: staff, until" in row for row in rows) == 1
    assert sum("opted out" in row for row in rows) == 2  # its own row, and the sum
    assert "3 came: " in day.output
    assert rows[-1] == "It adds up."
    for private in (SOMEBODY, OTHER, LEAVER, "pills"):
        assert private.removeprefix("+1") not in day.output


def test_who_came_while_the_line_was_down_is_marked_with_how_late_they_were_answered(line):
    missed(line)
    compared = helpline("reconcile")
    assert (compared.exit_code, "1 texts and 0 calls were missed" in compared.output) == (0, True)
    day = helpline("ledger").output
    assert "late by 42 min" in day
    assert "1 of them came while the line was down." in day
    assert "nobody was missed" in helpline("reconcile").output


def test_without_gaps_it_says_so_and_with_one_it_names_it_and_fails(line):
    line.text("hi")
    well = helpline("ledger", "gaps")
    assert (well.exit_code, well.output) == (0, "Nobody is forgotten and nobody is late.\n")
    ((session_id, _),) = line.services.store.open_contacts()
    line.redis.delete(keys.contact(session_id))
    ill = helpline("ledger", "gaps")
    assert (ill.exit_code, ill.output.split()) == (1, [session_id, "record", "gone"])
    assert "It does NOT add up: 1 to look at." in helpline("ledger").output


def test_one_contact_is_shown_by_either_of_its_ids_with_the_way_to_its_case(line):
    line.text("i took all my pills")
    ((session_id, contact),) = line.services.store.open_contacts()
    (case,) = line.services.store.open_cases()
    for known_as in (session_id, contact.id):
        shown = helpline("ledger", "show", known_as)
        assert shown.exit_code == 0
        assert f"helpline cases show {case.code}" in shown.output
    unknown = helpline("ledger", "show", "nobody")
    assert (unknown.exit_code, "No contact has the id 'nobody'" in unknown.output) == (1, True)


def test_a_comparison_from_a_time_of_ones_own_finds_what_is_older_than_the_checkpoint(line):
    missed(line)
    line.services.store.put_checkpoint(line.clock.now, timedelta(minutes=10))
    assert "nobody was missed" in helpline("reconcile").output
    refused = helpline("reconcile", "--since", "2020-01-01T00:00:00Z")
    assert (refused.exit_code, "nothing was changed" in refused.output) == (1, True)
    since = line.clock.now - timedelta(hours=1)
    assert "1 texts" in helpline("reconcile", "--since", f"{since:%Y-%m-%dT%H:%M:%SZ}").output
    assert helpline("reconcile", "--since", "yesterday").exit_code == 2


def test_a_checkpoint_that_is_no_time_is_told_with_the_mend(line):
    line.redis.set(keys.CHECKPOINT, "2026-11-2")
    told = helpline("reconcile")
    assert told.exit_code == 1
    assert "nothing was changed" in told.output
    assert "helpline reconcile --since" in told.output


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TWILIO_AUTH_TOKEN": "f" * 32}, "are the credentials right? Nothing was changed"),
        ({"TWILIO_API_URL": "http://127.0.0.1:9"}, "Nothing was changed; try again"),
        ({"REDIS_URL": "redis://127.0.0.1:9"}, "Is the line running, and is REDIS_URL its Redis?"),
        ({"HELPLINE_NUMBER": "nonsense"}, "HELPLINE_NUMBER"),
    ],
    ids=["credentials", "no Twilio", "no Redis", "settings"],
)
def test_what_keeps_a_comparison_from_being_made_is_said_and_changes_nothing(line, monkeypatch, change, said):
    missed(line)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    told = helpline("reconcile")
    assert told.exit_code == 1
    assert said in " ".join(told.output.split())
    assert line.services.store.open_contacts() == ()
    assert line.services.store.checkpoint() is None
