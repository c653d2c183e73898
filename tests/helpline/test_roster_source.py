"""The roster in use: a changed file counts by itself, a faulty one never does, and only verified numbers do."""

import os
import shutil
from pathlib import Path

import pytest

from config.roster import read_roster
from flows.roster import on_call
from helpline.staff.roster_source import RosterFaults, RosterSource
from helpline.store import LiveRoster
from tests.helpline.inside import inside

ANA = "+17175550111"
BAD = """
zone: America/Nowhere
fallback_numbers: ["12"]
supervisors: [nobody]
staff:
  - {id: ana, name: Ana Flores, phones: ["+1 717 555 0111"]}
  - {id: ana, name: Ana Again, phones: ["not a number"]}
lists:
  - name: primary
    shifts:
      - {from: "08:00", to: "20:00", staff: []}
      - {from: "20:00", to: "08:00", staff: [ghost]}
overrides:
  - {kind: out, who: ana, from: 2026-12-24 00:00, to: 2026-12-26 00:00}
  - {kind: out, who: ana, from: 2026-12-25 00:00, to: 2026-12-27 00:00}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "roster.yaml"
    shutil.copy("config/roster.demo.yaml", path)
    os.utime(path, (1, 1))
    return path


def write(path, text):
    """A new text with a time of change of its own, however fast the test is."""
    before = path.stat().st_mtime
    path.write_text(text)
    os.utime(path, (before + 10, before + 10))


@pytest.fixture
def source(file):
    return RosterSource.from_file(file, LiveRoster)


def test_a_changed_file_counts_without_a_restart(source, file):
    assert source.now().staff_member("dora") is None
    new = file.read_text().replace(
        "  - id: ben", '  - {id: dora, name: Dora Lind, phones: ["+1 717 555 0114"]}\n  - id: ben'
    )
    write(file, new)
    source.look_now()
    assert source.now().staff_member("dora") is not None
    assert source.faults == ()


def test_a_bad_file_is_told_with_every_fault_at_its_line_and_the_old_roster_stays_live(source, file):
    before = source.now()
    write(file, BAD)
    source.look_now()
    assert source.now() == before
    said = "\n".join(str(fault) for fault in source.faults)
    for wrong in ("America/Nowhere", "12", "nobody", "ana", "not a number", "ghost", "overlaps"):
        assert wrong in said, said
    assert len(source.faults) >= 7
    assert all(fault.line > 0 and fault.file == "roster.yaml" for fault in source.faults)
    lines = {fault.line for fault in source.faults}
    assert {2, 3, 4, 7, 11, 12, 15} <= lines, sorted(lines)


def test_a_mended_file_counts_again(source, file):
    good = file.read_text()
    write(file, BAD)
    source.look_now()
    write(file, good)
    source.look_now()
    assert source.faults == ()


def test_a_file_that_is_gone_leaves_the_old_roster_live(source, file):
    before = source.now()
    file.unlink()
    source.look_now()
    assert source.now() == before
    assert source.faults


def test_a_line_does_not_start_with_a_bad_file(file):
    write(file, BAD)
    with pytest.raises(RosterFaults, match="America/Nowhere"):
        RosterSource.from_file(file, LiveRoster)


# -- numbers count once they are verified -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("numbers")) as running:
        running.services.roster.verified_as = running.services.store.vault.caller_key
        yield running


@pytest.fixture(autouse=True)
def _nothing_kept(request):
    if "line" in request.fixturenames:
        request.getfixturevalue("line").redis.flushall()


def code_sent_to(line, number):
    ana = line.services.roster.owner_of(number)
    letter = line.services.post.letter(line.services.numbers.send_code(ana, number))
    assert letter.to == number
    return next(word.strip(".,") for word in letter.text.split() if word.strip(".,").isdigit() and len(word) >= 6)


def test_a_number_nobody_verified_is_neither_paged_nor_listened_to(line):
    roster = line.services.roster
    assert on_call(roster.now(), line.clock()) == ()
    assert roster.staff_with_number(ANA) is None
    assert "LIST" not in line.text(ANA, "HELP")


def test_the_code_replied_from_the_phone_makes_its_number_count(line):
    code = code_sent_to(line, ANA)
    assert "gets pages" in line.text(ANA, code)
    assert on_call(line.services.roster.now(), line.clock()) == ("ana",)
    assert line.services.roster.staff_with_number(ANA).id == "ana"
    assert [person.id for person, _ in line.services.roster.unverified()] == ["ben", "carla"]


def test_a_code_in_other_digits_or_with_gaps_is_the_same_code(line):
    code = code_sent_to(line, ANA)
    assert "gets pages" in line.text(ANA, " ".join("٠١٢٣٤٥٦٧٨٩"[int(digit)] for digit in code))


@pytest.mark.parametrize("typed", ["²²²²²²", "éééééé", "１２", "六六六六六六"])
def test_what_is_no_code_is_none(line, typed):
    code_sent_to(line, ANA)
    assert not line.services.numbers.take(line.services.roster.owner_of(ANA), ANA, typed)
    assert line.text(ANA, typed)


def test_a_code_counts_once_and_only_from_its_own_phone(line):
    code = code_sent_to(line, ANA)
    ben = line.services.roster.owner_of("+17175550112")
    assert not line.services.numbers.take(ben, "+17175550112", code)
    assert line.services.numbers.take(line.services.roster.owner_of(ANA), ANA, code)
    assert not line.services.numbers.take(line.services.roster.owner_of(ANA), ANA, code)


def test_a_code_cannot_be_guessed(line):
    code = code_sent_to(line, ANA)
    ana = line.services.roster.owner_of(ANA)
    wrong = [f"{number:06d}" for number in range(10) if f"{number:06d}" != code][:5]
    assert not any(line.services.numbers.take(ana, ANA, guess) for guess in wrong)
    assert not line.services.numbers.take(ana, ANA, code)


def test_the_demo_roster_is_sound():
    assert read_roster(Path("config/roster.demo.yaml"))[1] == ()
