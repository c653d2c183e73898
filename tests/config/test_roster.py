"""The roster file: what a good one says, and everything wrong with a bad one at once."""

import re
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.roster import read_roster, reload_roster
from flows.roster import Contact, OverrideKind, Role, Turn, Weekday, gaps, on_call

EXAMPLE = Path(__file__).parents[2] / "config" / "roster.example.yaml"

GOOD = """\
zone: America/New_York
fallback_numbers: ["+1 717 555 0199"]
supervisors: [dora]
staff:
  - {id: ana, name: Ana Flores, phones: ["+17175550110"], languages: [en, es]}
  - {id: ben, name: Ben Okafor, phones: ["+17175550111"], contact: [call], zone: Europe/Berlin}
  - {id: dora, name: Dora Lindqvist, called: Dee, phones: ["+17175550112"], role: supervisor}
lists:
  - name: primary
    rotations:
      - {turn: weekly, first: 2026-01-05, handoff: "09:00", staff: [ana, ben]}
  - name: nights
    always_covered: no
    shifts:
      - {days: [fri, saturday], from: "22:00", to: "06:30", staff: [dora]}
overrides:
  - {kind: cover, who: ana, by: ben, from: 2026-03-01 08:00, to: 2026-03-02 08:00}
"""


@pytest.fixture
def write(tmp_path):
    def written(text: str) -> Path:
        file = tmp_path / "roster.yaml"
        file.write_text(text, encoding="utf-8")
        return file

    return written


@pytest.fixture
def faults_of(write):
    def found(text: str) -> list[str]:
        roster, faults = read_roster(write(text))
        assert roster is None, "a faulty roster was used"
        assert all(fault.file == "roster.yaml" and fault.what and fault.mend for fault in faults)
        return [str(fault) for fault in faults]

    return found


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if part in line)


def test_a_good_file_becomes_a_roster(write):
    roster, faults = read_roster(write(GOOD))
    assert faults == ()
    ana, ben, dora = roster.staff
    new_york = ZoneInfo("America/New_York")
    assert (ana.first_name, ana.phone, ana.languages, ana.zone) == ("Ana", "+17175550110", ("en", "es"), new_york)
    assert (ben.contact, ben.zone, ben.role) == ((Contact.CALL,), ZoneInfo("Europe/Berlin"), Role.RESPONDER)
    assert (dora.first_name, dora.role, dora.contact) == ("Dee", Role.SUPERVISOR, (Contact.SMS, Contact.CALL))
    assert roster.fallback_numbers == ("+17175550199",)
    assert roster.supervisors == ("dora",)
    primary, nights = roster.lists
    assert primary.always_covered
    assert not nights.always_covered
    (rotation,) = primary.rotations
    assert (rotation.turn, rotation.first, rotation.handoff) == (Turn.WEEKLY, date(2026, 1, 5), time(9))
    (shift,) = nights.shifts
    assert shift.hours.days == (Weekday.FRI, Weekday.SAT)
    assert (shift.hours.start, shift.hours.end) == (time(22), time(6, 30))
    (override,) = roster.overrides
    assert (override.kind, override.who, override.by) == (OverrideKind.COVER, "ana", "ben")
    assert override.start == datetime(2026, 3, 1, 13, tzinfo=UTC)


def test_the_example_has_no_fault_and_no_gap_in_two_years():
    roster, faults = read_roster(EXAMPLE)
    assert faults == ()
    start = datetime(2026, 6, 1, tzinfo=UTC)
    assert gaps(roster, start, start + timedelta(days=731)) == ()
    assert len(roster.list_names) == 3
    assert all(on_call(roster, start + timedelta(hours=15), name) for name in roster.list_names)


def test_the_example_has_only_numbers_set_aside_for_fiction():
    roster, _ = read_roster(EXAMPLE)
    numbers = [*roster.fallback_numbers, *(phone for person in roster.staff for phone in person.phones)]
    assert all(number[5:10] == "55501" and len(number) == 12 for number in numbers), numbers


FAULTY = {
    "unknown name in a rotation": ("staff: [ana, ben]}", "staff: [ana, bne]}", '"bne"', "did you mean ben?"),
    "unknown name in a shift": ("staff: [dora]}", "staff: [nobody]}", '"nobody"', "add it there"),
    "unknown supervisor": ("supervisors: [dora]", "supervisors: [dorra]", '"dorra"', "did you mean dora?"),
    "supervisor with another role": (", role: supervisor", "", "another role", "role: supervisor"),
    "unknown name in an override": ("who: ana", "who: anna", '"anna"', "did you mean ana?"),
    "letters for a number": ('["+17175550110"]', "[call me]", '"call me"', "country code"),
    "number without country code": ('["+17175550110"]', "[717 555 0110]", "not a phone number", "country code"),
    "number too short": ('["+17175550110"]', '["+1717555"]', "too short", "country code"),
    "extension": ('["+17175550110"]', '["+17175550110 ext 5"]', "extension", "country code"),
    "no number at all": ('["+17175550110"]', "[]", "list is empty", "at least one"),
    "same number twice": ('["+17175550111"]', '["+1 717 555 0110"]', "both ana and ben", "of their own"),
    "no fallback": ('["+1 717 555 0199"]', "[]", "list is empty", "at least one"),
    "unknown zone": ("zone: America/New_York", "zone: America/NewYork", "not a time zone", "America/New_York"),
    "zone without clock changes": ("zone: America/New_York", "zone: EST", "not a time zone", "Region/City"),
    "zone that climbs out": ("zone: Europe/Berlin", "zone: ../../etc/passwd", "not a time zone", "Region/City"),
    "zone that is a folder": ("zone: Europe/Berlin", "zone: America/Argentina", "not a time zone", "Region/City"),
    "same id twice": ("lists:\n", "  - {id: ana, name: Ana Two, phones: [+17175550119]}\nlists:\n", "twice", "line 5"),
    "id with spaces": (
        "lists:\n",
        "  - {id: an a, name: Ana, phones: [+17175550119]}\nlists:\n",
        "short name",
        "letters",
    ),
    "same list twice": ("name: nights", "name: primary", "twice", "the first is on line 9"),
    "no primary list": ("name: primary", "name: first", 'no list called "primary"', "paged first"),
    "name the policy keeps": ("name: nights", "name: everyone", "policy", "another name"),
    "shift with nobody": ("staff: [dora]}", "staff: []}", "list is empty", "at least one"),
    "shift on no day": ("days: [fri, saturday]", "days: []", "list is empty", "at least one"),
    "unknown day": ("days: [fri, saturday]", "days: [fri, caturday]", '"caturday"', "mon, tue"),
    "clock of 12 hours": ('from: "22:00"', "from: 10pm", '"10pm"', "24-hour"),
    "hour that is none": ('to: "06:30"', 'to: "25:00"', '"25:00"', "24-hour"),
    "date that is none": ("first: 2026-01-05", "first: 2026-02-30", '"2026-02-30"', "2026-12-25"),
    "unknown turn": ("turn: weekly", "turn: monthly", '"monthly"', "daily or weekly"),
    "missing part": (' handoff: "09:00",', "", "handoff: this is missing", "handoff"),
    "misspelt part": ("always_covered: no", "always_coverd: no", "nothing of this name", "spelling"),
    "neither yes nor no": ("always_covered: no", "always_covered: maybe", '"maybe"', "yes or no"),
    "list where a word belongs": ("name: Ana Flores", "name: [Ana, Flores]", "a list stands", "one value"),
    "group where a word belongs": ("name: Ana Flores", "name: {first: Ana}", "a group", "one value"),
    "word where a list belongs": ("languages: [en, es]", "languages: en", "a list must stand", "[one, two]"),
    "word where a group belongs": ("overrides:\n", "overrides:\n  - off\n", "group of settings", "one setting a line"),
    "nothing where a word belongs": ("name: Ana Flores", 'name: ""', "nothing is written", "Write a value"),
    "language that is none": ("languages: [en, es]", "languages: [English]", '"english"', "en or es"),
    "person without an id": (
        "lists:\n",
        "  - {name: Flo, phones: [+17175550119]}\nlists:\n",
        "id: this is missing",
        "id:",
    ),
    "id that is a list": (
        "lists:\n",
        "  - {id: [a], name: A, phones: [+17175550119]}\nlists:\n",
        "a list",
        "one value",
    ),
    "no turns at all": ("turn: weekly,", "turn: weekly, every: 0,", '"0"', "such as 2"),
    "list nobody is ever on": (
        "overrides:\n",
        "  - {name: spare}\noverrides:\n",
        "neither shifts nor",
        "remove the list",
    ),
    "override backwards": ("to: 2026-03-02 08:00", "to: 2026-02-28 08:00", "ends before it begins", "later"),
    "override without hour": ("to: 2026-03-02 08:00", "to: 2026-03-02", "date with a time", "2026-12-25 08:00"),
    "override with an hour that is none": ("to: 2026-03-02 08:00", "to: 2026-03-02 28:00", "time of day", "24-hour"),
    "cover by nobody": (" by: ben,", "", '"by" is missing', "steps in"),
    "cover of oneself": ("by: ben", "by: ana", "cannot stand in", "two different"),
    "out with a stand-in": ("kind: cover", "kind: out", "no place", "kind: cover"),
    "swap with nobody": ("kind: cover, who: ana", "kind: swap", '"who" is missing', "the id of a person"),
    "override on no list": ("who: ana, by: ben", "who: ana, by: ben, list: nihgts", '"nihgts"', "did you mean nights?"),
    "anchor": ("name: Ana Flores", "name: &ana Ana Flores", "anchors", "Write the value out"),
    "key that is no word": ("name: Ana Flores", "no: Ana Flores", "no", '"no"'),
    "key twice": ("name: Ana Flores", "name: Ana, name: Flores", "twice", "Keep one"),
    "broken YAML": ("supervisors: [dora]", "supervisors: [dora", "not YAML", "indentation"),
}


@pytest.mark.parametrize(("old", "new", "what", "mend"), FAULTY.values(), ids=FAULTY)
def test_one_fault_is_told_with_its_place_and_mend(faults_of, old, new, what, mend):
    faults = faults_of(changed(old, new))
    (fault,) = faults
    assert what in fault
    assert mend in fault


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("bne", "staff: [ana, bne]}", 11),
        ("call me", "phones: [call me]", 5),
        ("caturday", "days: [fri, caturday]", 15),
        ("who", "who: anna", 17),
    ],
)
def test_a_fault_names_file_and_line(faults_of, old, new, line):
    text = GOOD
    for good, bad in (
        ("staff: [ana, ben]}", "staff: [ana, bne]}"),
        ('phones: ["+17175550110"]', "phones: [call me]"),
        ("days: [fri, saturday]", "days: [fri, caturday]"),
        ("who: ana", "who: anna"),
    ):
        text = text.replace(good, bad)
    assert line_of(text, new) == line
    faults = faults_of(text)
    assert len(faults) == 4
    assert any(fault.startswith(f"roster.yaml:{line}: ") for fault in faults)


def test_two_faults_in_one_entry_are_both_told(faults_of):
    faults = faults_of(changed('phones: ["+17175550110"], languages: [en, es]', "phones: [12], languages: [English]"))
    assert [("phone number" in fault, "language code" in fault) for fault in faults] == [(False, True), (True, False)]


def test_an_entry_with_a_fault_does_not_make_its_name_unknown(faults_of):
    assert len(faults_of(changed('["+17175550111"]', "[x]"))) == 1


def test_every_kind_of_fault_is_told_at_once(faults_of):
    text = GOOD
    for good, bad in (
        ("zone: America/New_York", "zone: Nowhere"),
        ('["+1 717 555 0199"]', "[]"),
        ("[ana, ben]}", "[ana, zed]}"),
        ("id: dora", "id: ben"),
        ("from: 2026-03-01 08:00", "from: soon"),
    ):
        assert good in text
        text = text.replace(good, bad)
    faults = faults_of(text)
    lines = sorted({int(fault.split(":")[1]) for fault in faults})
    assert lines == [1, 2, 3, 7, 11, 15, 17]


@pytest.mark.parametrize(
    ("second", "why"),
    [
        ("{kind: cover, who: ana, by: dora, from: 2026-03-01 20:00, to: 2026-03-03 08:00}", "both replace ana"),
        ("{kind: swap, who: dora, by: ana, from: 2026-03-01 20:00, to: 2026-03-03 08:00}", "both replace ana"),
        ("{kind: out, who: ben, from: 2026-03-01 20:00, to: 2026-03-03 08:00}", "ben steps in while out"),
    ],
)
def test_overlapping_overrides_are_told_with_both_lines(faults_of, second, why):
    (fault,) = faults_of(f"{GOOD}  - {second}\n")
    assert fault.startswith("roster.yaml:18: ")
    assert "line 17" in fault
    assert why in fault


def test_the_same_absence_twice_is_told(faults_of):
    out = "  - {kind: out, who: dora, from: 2026-04-01 00:00, to: 2026-04-03 00:00}\n"
    (fault,) = faults_of(GOOD + out * 2)
    assert "dora is out in both" in fault


@pytest.mark.parametrize(
    "second",
    [
        "{kind: cover, who: ana, by: dora, from: 2026-03-02 08:00, to: 2026-03-03 08:00}",
        "{kind: out, who: ana, from: 2026-03-01 00:00, to: 2026-03-05 00:00}",
        "{kind: cover, who: dora, by: ana, list: nights, from: 2026-03-01 20:00, to: 2026-03-02 08:00}",
        "{kind: cover, by: dora, from: 2026-03-01 20:00, to: 2026-03-02 08:00}",
    ],
)
def test_overrides_that_go_together_are_no_fault(write, second):
    roster, faults = read_roster(write(f"{GOOD}  - {second}\n"))
    assert faults == ()
    assert len(roster.overrides) == 2


def test_the_same_person_may_be_covered_on_two_lists_at_once(write):
    times = "from: 2026-05-01 20:00, to: 2026-05-02 08:00}"
    text = "".join(
        f"  - {{kind: cover, who: dora, by: {by}, list: {name}, {times}\n"
        for by, name in (("ana", "nights"), ("ben", "primary"))
    )
    assert read_roster(write(GOOD + text))[1] == ()


def test_yaml_no_is_a_language_and_an_id_like_any_other(write):
    text = GOOD.replace("languages: [en, es]", "languages: [no, en]").replace("ben", "no")
    roster, faults = read_roster(write(text))
    assert faults == ()
    assert roster.staff[0].languages == ("no", "en")
    assert roster.staff[1].id == "no"
    assert roster.lists[0].rotations[0].staff == ("ana", "no")


def test_a_number_without_quotes_keeps_its_plus(write):
    roster, faults = read_roster(write(changed('["+17175550110"]', "[+17175550110]")))
    assert faults == ()
    assert roster.staff[0].phone == "+17175550110"


def test_a_number_in_no_known_range_is_told_but_blocks_nothing(write):
    roster, (fault,) = read_roster(write(changed('["+17175550110"]', '["+1 555 555 0110"]')))
    assert roster.staff[0].phone == "+15555550110"
    assert not fault.blocks
    assert fault.line == 5


def test_midnight_may_be_written_as_24_00(write):
    roster, _ = read_roster(write(changed('from: "22:00", to: "06:30"', 'from: "00:00", to: "24:00"')))
    (shift,) = roster.lists[1].shifts
    day = roster.lists[1].duties_beginning(date(2026, 3, 6))
    assert [duty.end - duty.start for duty in day] == [timedelta(days=1)]
    assert shift.hours.end == time(0)


def test_an_override_may_give_its_own_offset(write):
    roster, faults = read_roster(write(changed("from: 2026-03-01 08:00", "from: 2026-03-01T08:00:00+01:00")))
    assert faults == ()
    assert roster.overrides[0].start == datetime(2026, 3, 1, 7, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "just words\n", "- a\n- b\n"])
def test_a_file_that_is_no_roster_is_one_fault(faults_of, text):
    assert len(faults_of(text)) == 1


def test_a_file_that_is_not_there_is_a_fault(tmp_path):
    roster, (fault,) = read_roster(tmp_path / "roster.yaml")
    assert roster is None
    assert "cannot be read" in fault.what


def test_the_old_roster_stays_live_while_the_file_is_faulty(write):
    current, _ = read_roster(write(GOOD))
    kept, faults = reload_roster(write(changed("who: ana", "who: anna")), current)
    assert kept is current
    assert len(faults) == 1


def test_a_mended_file_takes_the_place_of_the_old_roster(write):
    current, _ = read_roster(write(GOOD))
    after, faults = reload_roster(write(changed("called: Dee", "called: Dodo")), current)
    assert faults == ()
    assert after.staff[2].first_name == "Dodo"


def test_a_roster_of_two_hundred_people_reports_each_of_its_faults(faults_of):
    people = "".join(f'  - {{id: p{n}, name: P {n}, phones: ["x{n}"]}}\n' for n in range(200))
    assert len(faults_of(changed("lists:\n", people + "lists:\n"))) == 200


def places(text: str) -> list[tuple[int, int]]:
    """Where each value of the file begins and ends."""
    kinds = (r"\[[^\]\n]*\]", r"(?<=: )[^,}\[{\n]+", r"(?<=[\[ ])[^, \[]+(?=[,\]])")
    return sorted({found.span() for kind in kinds for found in re.finditer(kind, text)})


@pytest.mark.parametrize("odd", ["[a, [b]]", "{a: {b: c}}", '""', "null", "0", "no", "[]", "{}"])
def test_whatever_stands_in_any_place_is_answered_and_never_raises(write, odd):
    assert len(places(GOOD)) == 50
    for begin, end in places(GOOD):
        roster, faults = read_roster(write(GOOD[:begin] + odd + GOOD[end:]))
        assert (roster is None) == any(fault.blocks for fault in faults)
