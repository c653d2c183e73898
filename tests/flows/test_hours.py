"""When an office is open, by the clock on its own wall."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from flows.hours import Office, Span, Standing

NEW_YORK = ZoneInfo("America/New_York")
DAY, NIGHT, ALWAYS = Span(time(8), time(17)), Span(time(22), time(6)), Span(time(0), time(0))
WEEKDAYS = dict.fromkeys(range(5), (DAY,))


def local(text):
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def an_office(weekly, *holidays):
    return Office("main", NEW_YORK, weekly, frozenset(date.fromisoformat(day) for day in holidays))


@pytest.mark.parametrize(
    ("at", "standing"),
    [
        ("2026-11-23T07:59:59", "closed"),
        ("2026-11-23T08:00", "open"),
        ("2026-11-23T16:59:59", "open"),
        ("2026-11-23T17:00", "closed"),
        ("2026-11-28T12:00", "closed"),
        ("2026-11-26T12:00", "holiday"),
        ("2026-11-29T12:00", "closed"),
    ],
)
def test_days_with_their_hours_weekends_and_holidays(at, standing):
    assert an_office(WEEKDAYS, "2026-11-26", "2026-11-29").standing(local(at)) is Standing(standing)


def test_a_night_goes_on_after_midnight_and_belongs_to_the_day_it_began():
    mondays = an_office({0: (NIGHT,)})
    assert mondays.standing(local("2026-11-24T05:59")) is Standing.OPEN
    assert mondays.standing(local("2026-11-24T06:00")) is Standing.CLOSED
    assert mondays.standing(local("2026-11-23T05:00")) is Standing.CLOSED
    assert an_office({0: (NIGHT,)}, "2026-11-24").standing(local("2026-11-24T03:00")) is Standing.OPEN


def test_round_the_clock_has_no_hole_at_midnight():
    always = an_office(dict.fromkeys(range(7), (ALWAYS,)))
    for at in ("2026-11-23T23:59:59.999999", "2026-11-24T00:00", "2026-11-01T01:30", "2026-03-08T02:30"):
        assert always.standing(local(at)) is Standing.OPEN


def test_hours_follow_the_wall_clock_through_a_clock_change():
    office = an_office(dict.fromkeys(range(7), (DAY,)))
    assert office.standing(datetime(2026, 10, 31, 12, 0, tzinfo=UTC)) is Standing.OPEN  # 8:00, summer time
    assert office.standing(datetime(2026, 11, 1, 12, 59, tzinfo=UTC)) is Standing.CLOSED  # 7:59, winter time
    assert office.standing(datetime(2026, 11, 1, 13, 0, tzinfo=UTC)) is Standing.OPEN
