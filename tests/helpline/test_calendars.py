"""Duty as a calendar feed, and overrides read from a calendar."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from flows.roster import (
    Hours,
    OnCallList,
    OverrideKind,
    Roster,
    Rotation,
    Shift,
    Staff,
    StaffId,
    Turn,
    on_call,
    stretches,
    with_overrides,
)
from helpline.staff.calendars import MOST_BYTES, calendar_feed, read_overrides

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 1, tzinfo=UTC)
NAMES = {"ana": "Ana Flores", "ben": "Benjamin Okafor", "ann": "Ana Other"}
ANA, BEN, ANN = (Staff(id=StaffId(key), name=name, phones=("+17175550110",), zone=ZONE) for key, name in NAMES.items())
TURNS = Rotation(staff=(ANA.id, BEN.id), turn=Turn.WEEKLY, first=date(2026, 1, 5), handoff=time(9))
NIGHTS = Shift(Hours(time(22), time(6)), (BEN.id,))
ROSTER = Roster(
    staff=(ANA, BEN, ANN),
    lists=(
        OnCallList(name="primary", zone=ZONE, rotations=(TURNS,)),
        OnCallList(name="nights", zone=ZONE, shifts=(NIGHTS,)),
    ),
    supervisors=(),
    fallback_numbers=("+17175550199",),
)


def feed(start: datetime, person: Staff = BEN) -> list:
    data = calendar_feed(ROSTER, person, start=start, end=start + timedelta(days=28), stamp=NOW)
    return Calendar.from_ical(data.decode()).walk("VEVENT")


def event(*lines: str) -> bytes:
    inside = "\r\n".join(("UID:one@example.org", "DTSTAMP:20260101T000000Z", *lines))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{inside}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()


def read(data: bytes, owner: Staff = BEN, since: datetime = NOW):
    return read_overrides(data, owner, roster=ROSTER, shown_as="ben.ics", since=since)


TIMES = ("DTSTART:20260310T120000Z", "DTEND:20260311T120000Z")


def test_a_feed_has_an_event_for_each_stretch_of_duty():
    shown = {(str(e["SUMMARY"]), e.start, e.end) for e in feed(NOW)}
    wanted = {
        (f"On call: {name}", s.start, s.end)
        for name in ROSTER.list_names
        for s in stretches(ROSTER, name, NOW - timedelta(days=70), NOW + timedelta(days=90))
        if BEN.id in s.staff and s.end > NOW and s.start < NOW + timedelta(days=28)
    }
    assert shown == wanted
    assert len({str(e["UID"]) for e in feed(NOW)}) == len(shown) > 28


def test_an_event_keeps_its_name_and_times_as_the_window_moves():
    today = {str(e["UID"]): (e.start, e.end) for e in feed(NOW)}
    later = {str(e["UID"]): (e.start, e.end) for e in feed(NOW + timedelta(days=2, hours=5))}
    assert len(today.keys() & later.keys()) > 20
    assert all(today[uid] == later[uid] for uid in today.keys() & later.keys())


def test_a_feed_is_empty_for_somebody_who_is_never_on_call():
    assert feed(NOW, ANN) == []


def test_our_own_feed_read_back_changes_nothing():
    data = calendar_feed(ROSTER, BEN, start=NOW, end=NOW + timedelta(days=28), stamp=NOW)
    reading = read(data)
    assert reading.overrides == ()
    assert reading.faults == ()


@pytest.mark.parametrize(
    ("title", "kind", "who", "by"),
    [
        ("Out", OverrideKind.OUT, "ben", None),
        ("cover ann", OverrideKind.COVER, "ann", "ben"),
        ("Cover for Ana Flores", OverrideKind.COVER, "ana", "ben"),
        ("cover", OverrideKind.COVER, None, "ben"),
        ("swap with ana", OverrideKind.SWAP, "ben", "ana"),
        ("SWAP ann", OverrideKind.SWAP, "ben", "ann"),
    ],
)
def test_a_title_says_what_changes(title, kind, who, by):
    (override,) = read(event(f"SUMMARY:{title}", *TIMES)).overrides
    assert (override.kind, override.who, override.by) == (kind, who, by)
    assert override.start == datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert override.end == datetime(2026, 3, 11, 12, tzinfo=UTC)


def test_a_whole_day_is_a_day_of_the_owner_also_when_clocks_change():
    days = ("DTSTART;VALUE=DATE:20260308", "DTEND;VALUE=DATE:20260309")
    (override,) = read(event("SUMMARY:out", *days)).overrides
    assert override.start == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert override.end == datetime(2026, 3, 9, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "utc"),
    [("DTSTART:20260310T120000", 16), ("DTSTART;TZID=Europe/Berlin:20260310T120000", 11)],
)
def test_a_time_is_read_in_its_zone_or_else_the_owners(start, utc):
    (override,) = read(event("SUMMARY:out", start, "DURATION:PT2H")).overrides
    assert override.start == datetime(2026, 3, 10, utc, tzinfo=UTC)
    assert override.end - override.start == timedelta(hours=2)


def test_an_absence_takes_the_owner_off_the_list():
    out = read(event("SUMMARY:out", "DTSTART:20260303T120000Z", "DTEND:20260303T130000Z"))
    noon = datetime(2026, 3, 3, 12, 30, tzinfo=UTC)
    on_now = on_call(ROSTER, noon)
    assert on_call(with_overrides(ROSTER, out.overrides), noon) == tuple(p for p in on_now if p != "ben")


def test_the_same_event_read_again_is_the_same_override():
    data = event("SUMMARY:out", *TIMES)
    assert read(data).overrides == read(data).overrides


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (("SUMMARY:dentist", *TIMES), "title"),
        (TIMES, "title"),
        (("SUMMARY:swap", *TIMES), "title"),
        (("SUMMARY:cover nobody", *TIMES), "name"),
        (("SUMMARY:swap ben", *TIMES), "name"),
        (("SUMMARY:cover Ana Nobody", *TIMES), "name"),
        (("SUMMARY:out", "RRULE:FREQ=WEEKLY", *TIMES), "repeats"),
        (("SUMMARY:out", "DTSTART:20260310T120000Z"), "length"),
        (("SUMMARY:out", "DTSTART:nonsense"), "start or end"),
        (("SUMMARY:out",), "start or end"),
        (("SUMMARY:out", "DTSTART;TZID=Nowhere/Town:20260310T120000", "DURATION:PT2H"), "start or end"),
    ],
)
def test_an_event_that_cannot_be_read_is_a_fault_with_its_line_and_without_its_words(lines, what):
    reading = read(event(*lines))
    assert reading.overrides == ()
    (fault,) = reading.faults
    assert what in fault.what
    assert (fault.file, fault.line) == ("ben.ics", 3)
    assert "dentist" not in str(fault)


@pytest.mark.parametrize("extra", [("STATUS:CANCELLED",), ("UID:x@on-call.helpline",)])
def test_a_cancelled_event_and_one_of_our_own_are_passed_over(extra):
    data = event("SUMMARY:out", *TIMES, *extra)
    if extra[0].startswith("UID"):
        data = data.replace(b"UID:one@example.org\r\n", b"")
    assert read(data) == type(read(data))((), ())


def test_what_is_over_is_passed_over_readable_or_not():
    after = datetime(2026, 3, 11, 12, tzinfo=UTC)
    assert read(event("SUMMARY:out", *TIMES), since=after).overrides == ()
    assert read(event("SUMMARY:dentist", *TIMES), since=after).faults == ()
    assert len(read(event("SUMMARY:dentist", "RRULE:FREQ=DAILY", *TIMES), since=after).faults) == 1
    assert len(read(event("SUMMARY:dentist"), since=after).faults) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n",
        event("SUMMARY:out")[:-20],
        b"x" * (MOST_BYTES + 1),
    ],
)
def test_a_file_that_is_no_whole_calendar_is_one_fault(data):
    reading = read(data)
    assert reading.overrides == ()
    (fault,) = reading.faults
    assert fault.line == 0
    assert fault.mend


LINES = st.sampled_from(
    ["SUMMARY:out", "SUMMARY:cover ana", "DTSTART:20260310T120000Z", "DTEND;VALUE=DATE:20260311", "DTEND:99999999",
     "DURATION:PT1H", "DURATION:-P1D", "DURATION:P99999999999D", "RRULE:FREQ=DAILY", "BEGIN:VEVENT", "END:VEVENT",
     "BEGIN:VALARM", "END:VALARM", "BEGIN:VCALENDAR", "END:VCALENDAR", "DTSTART;TZID=:20260310T1200", "UID:a", ":", ";="]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(LINES | st.text(max_size=12), max_size=10))
def test_no_calendar_however_broken_raises(lines):
    for data in (event(*lines), "\r\n".join(lines).encode("utf-8", "surrogatepass")):
        reading = read(data)
        assert all(override.start < override.end for override in reading.overrides)
