"""Overrides, gaps, the calendar, the gap text: small rosters whose answers can be read off."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.roster import (
    Gap,
    Hours,
    OnCallList,
    Override,
    OverrideKind,
    Roster,
    Rotation,
    Shift,
    Staff,
    StaffId,
    Turn,
    Weekday,
    calendar,
    duty_of,
    everyone,
    gap_text,
    gaps,
    next_change,
    on_call,
    stretches,
    with_overrides,
)
from flows.roster.wall_clock import instant
from flows.segments import Encoding, size_of

ZONE = ZoneInfo("America/New_York")
ANA, BEN, CLEO = map(StaffId, ("ana", "ben", "cleo"))
HOUR = timedelta(hours=1)
NOON = datetime(2026, 3, 2, 17, tzinfo=UTC)  # a Monday, 12:00 in New York


def person(staff_id: StaffId) -> Staff:
    return Staff(id=staff_id, name=f"{staff_id.title()} Long", phones=("+17175550110", "+17175550120"), zone=ZONE)


def roster(*lists: OnCallList, overrides: tuple[Override, ...] = ()) -> Roster:
    return Roster(
        staff=tuple(map(person, (ANA, BEN, CLEO))),
        lists=lists,
        supervisors=(CLEO,),
        fallback_numbers=("+17175550199",),
        overrides=overrides,
    )


def always(name: str, *staff: StaffId) -> OnCallList:
    return OnCallList(name=name, zone=ZONE, shifts=(Shift(Hours(time(0), time(0)), staff),))


def office(name: str = "primary", *, always_covered: bool = True) -> OnCallList:
    days = (Weekday.MON, Weekday.TUE)
    shift = Shift(Hours(time(9), time(17), days), (ANA,))
    return OnCallList(name=name, zone=ZONE, shifts=(shift,), always_covered=always_covered)


def change(kind: OverrideKind, who: StaffId | None, by: StaffId | None = None, list_name: str | None = None, **times):
    start, end = times.get("start", NOON - HOUR), times.get("end", NOON + HOUR)
    return Override(id=f"{kind}-{who}-{by}", kind=kind, who=who, by=by, start=start, end=end, list_name=list_name)


def out(who):
    return change(OverrideKind.OUT, who)


def cover(who, by, list_name=None):
    return change(OverrideKind.COVER, who, by, list_name)


def swap(who, by):
    return change(OverrideKind.SWAP, who, by)


@pytest.mark.parametrize(
    ("overrides", "wanted"),
    [
        ((), (ANA, BEN)),
        ((out(ANA),), (BEN,)),
        ((out(ANA), out(BEN)), ()),
        ((cover(ANA, CLEO),), (CLEO, BEN)),
        ((cover(ANA, BEN),), (BEN,)),
        ((swap(ANA, CLEO),), (CLEO, BEN)),
        ((swap(ANA, BEN),), (BEN, ANA)),
        ((out(ANA), cover(ANA, CLEO)), (CLEO, BEN)),
        ((cover(ANA, CLEO), cover(CLEO, ANA)), (ANA, BEN)),
        ((cover(None, CLEO),), (ANA, BEN, CLEO)),
        ((cover(None, CLEO), out(CLEO)), (ANA, BEN)),
        ((cover(ANA, CLEO, "backup"),), (ANA, BEN)),
        ((cover(ANA, CLEO, "primary"),), (CLEO, BEN)),
        ((cover(ANA, StaffId("gone")),), (BEN,)),
        ((change(OverrideKind.SWAP, ANA),), (ANA, BEN)),
        ((change(OverrideKind.OUT, ANA, CLEO),), (BEN,)),
    ],
)
def test_overrides_change_who_is_on(overrides, wanted):
    assert on_call(roster(always("primary", ANA, BEN), overrides=overrides), NOON) == wanted


def test_an_override_holds_from_its_start_up_to_its_end():
    changed = roster(always("primary", ANA), overrides=(cover(ANA, BEN),))
    moments = (NOON - HOUR - timedelta(seconds=1), NOON - HOUR, NOON + HOUR - timedelta(seconds=1), NOON + HOUR)
    assert [on_call(changed, now) for now in moments] == [(ANA,), (BEN,), (BEN,), (ANA,)]


def test_a_cover_of_nobody_in_particular_joins_the_primary_list_only():
    both = roster(always("primary", ANA), always("backup", ANA), overrides=(cover(None, BEN),))
    assert on_call(both, NOON, "backup") == (ANA,)
    assert on_call(with_overrides(both, [cover(None, CLEO, "backup")]), NOON, "backup") == (ANA, CLEO)


def test_a_live_override_with_a_known_id_takes_the_place_of_the_old_one():
    first = roster(always("primary", ANA), overrides=(out(ANA),))
    again = replace(out(ANA), start=NOON + HOUR, end=NOON + 2 * HOUR)
    assert with_overrides(first, [again]).overrides == (again,)
    assert with_overrides(with_overrides(first, [again]), [again]) == with_overrides(first, [again])


def test_a_list_nobody_knows_and_a_roster_without_lists_are_answered_with_nobody():
    assert on_call(roster(), NOON) == ()
    assert on_call(roster(always("primary", ANA)), NOON, "nights") == ()
    assert stretches(roster(), "primary", NOON, NOON + HOUR)[0].staff == ()
    assert next_change(roster(), NOON) is None
    assert gaps(roster(), NOON, NOON + HOUR) == ()


def test_somebody_who_left_the_roster_is_not_on_call():
    left = replace(roster(always("primary", ANA, BEN)), staff=(person(BEN),))
    assert on_call(left, NOON) == (BEN,)
    assert left.staff_in_order((ANA, BEN)) == (person(BEN),)
    assert left.staff_member(ANA) is None


def test_everyone_is_everybody_who_is_not_out():
    assert everyone(roster(overrides=(out(BEN),)), NOON) == (ANA, CLEO)
    assert everyone(roster(overrides=(out(BEN),)), NOON + HOUR) == (ANA, BEN, CLEO)
    only_one_list = change(OverrideKind.OUT, BEN, list_name="primary")
    assert everyone(roster(overrides=(only_one_list,)), NOON) == (ANA, BEN, CLEO)


def test_a_rotation_has_nobody_before_its_first_handoff():
    turns = Rotation(staff=(ANA, BEN), turn=Turn.DAILY, first=date(2026, 3, 2), handoff=time(12))
    daily = roster(OnCallList(name="primary", zone=ZONE, rotations=(turns,)))
    moments = (NOON - timedelta(seconds=1), NOON, NOON + 24 * HOUR, NOON + 48 * HOUR)
    assert [on_call(daily, now) for now in moments] == [(), (ANA,), (BEN,), (ANA,)]


def test_a_night_shift_is_held_to_its_end_by_whoever_began_it():
    nights = Rotation(
        staff=(ANA, BEN),
        turn=Turn.DAILY,
        first=date(2026, 3, 1),
        handoff=time(0),
        hours=(Hours(time(22), time(6), (Weekday.SUN, Weekday.MON)),),
    )
    list_of_nights = roster(OnCallList(name="primary", zone=ZONE, rotations=(nights,)))
    start, end = datetime(2026, 3, 1, 17, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC)
    shown = [(s.start, s.end, s.staff) for s in stretches(list_of_nights, "primary", start, end) if s.staff]
    at = lambda day, hour: datetime(2026, 3, day, hour, tzinfo=UTC)  # noqa: E731
    assert shown == [(at(2, 3), at(2, 11), (ANA,)), (at(3, 3), at(3, 11), (BEN,))]


def test_gaps_are_every_uncovered_stretch_to_the_minute():
    start = datetime(2026, 3, 2, 5, tzinfo=UTC)
    found = gaps(roster(office()), start, start + timedelta(days=2))
    edges = [(gap.start, gap.end) for gap in found]
    at = lambda day, hour: datetime(2026, 3, day, hour, tzinfo=UTC)  # noqa: E731
    assert edges == [(at(2, 5), at(2, 14)), (at(2, 22), at(3, 14)), (at(3, 22), at(4, 5))]


def test_a_shift_that_began_before_the_window_ends_inside_it():
    nights = OnCallList(name="primary", zone=ZONE, shifts=(Shift(Hours(time(22), time(6), (Weekday.SUN,)), (ANA,)),))
    start, end = datetime(2026, 3, 2, 10, tzinfo=UTC), datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert gaps(roster(nights), start, end) == (Gap("primary", start + HOUR, end),)


def test_a_day_that_began_before_the_clocks_went_back_across_midnight_stays_begun():
    zone = ZoneInfo("America/St_Johns")  # on 2010-11-07 at 00:01 back to 23:01 the day before
    sundays = OnCallList(name="primary", zone=zone, shifts=(Shift(Hours(time(0), time(0), (Weekday.SUN,)), (ANA,)),))
    midnight = datetime(2010, 11, 7, 2, 30, tzinfo=UTC)
    moments = (midnight - timedelta(seconds=1), midnight, midnight + HOUR / 2)
    assert [on_call(roster(sundays), now) for now in moments] == [(), (ANA,), (ANA,)]
    assert (midnight + HOUR / 2).astimezone(zone).date() == date(2010, 11, 6)


def test_a_part_time_list_has_no_gaps():
    both = roster(always("primary", ANA), office("backup", always_covered=False))
    assert gaps(both, NOON, NOON + 100 * HOUR) == ()


def test_an_absence_nobody_covers_is_a_gap():
    (gap,) = gaps(roster(always("primary", ANA), overrides=(out(ANA),)), NOON, NOON + 24 * HOUR)
    assert gap == Gap("primary", NOON, NOON + HOUR)


def test_nothing_lies_between_an_end_and_a_later_start():
    assert stretches(roster(office()), "primary", NOON, NOON) == ()
    assert gaps(roster(office()), NOON, NOON - HOUR) == ()


def test_the_next_change_is_the_first_on_any_list():
    both = roster(office(), office("backup"), overrides=(cover(ANA, BEN, "backup"),))
    assert next_change(both, NOON) == NOON + HOUR
    assert next_change(both, NOON, "primary") == datetime(2026, 3, 2, 22, tzinfo=UTC)


def test_a_change_a_year_away_is_found_and_one_that_never_comes_is_none():
    far = replace(cover(ANA, BEN), start=NOON + timedelta(days=370), end=NOON + timedelta(days=371))
    assert next_change(roster(always("primary", ANA), overrides=(far,)), NOON) == far.start
    assert next_change(roster(always("primary", ANA)), NOON) is None


def test_the_calendar_has_a_row_for_each_person_and_the_gaps():
    pictured = calendar(roster(office(), always("backup", ANA, BEN)), NOON, 2)
    assert [row.staff for row in pictured.rows] == [ANA, BEN, CLEO]
    ana, ben, cleo = pictured.rows
    assert [(s.list_name, s.staff) for s in ben.stretches] == [("backup", (BEN,))]
    assert [s.list_name for s in ana.stretches] == ["backup", "primary", "primary"]
    assert cleo.stretches == ()
    assert pictured.end - pictured.start == timedelta(days=2)
    assert pictured.gaps == gaps(roster(office()), NOON, NOON + timedelta(days=2))


def test_a_row_is_not_cut_where_only_the_company_changes():
    together = replace(cover(None, CLEO), start=NOON, end=NOON + HOUR)
    ana, _, cleo = calendar(roster(always("primary", ANA), overrides=(together,)), NOON - HOUR, 1).rows
    assert [(s.start, s.end) for s in ana.stretches] == [(NOON - HOUR, NOON + 23 * HOUR)]
    assert [(s.start, s.end) for s in cleo.stretches] == [(NOON, NOON + HOUR)]


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
people = st.sampled_from((ANA, BEN, CLEO))


@given(
    st.builds(
        Override,
        id=st.text(),
        kind=st.sampled_from(OverrideKind),
        who=people | st.none(),
        by=people | st.none(),
        start=moments,
        end=moments,
        list_name=st.none() | st.text(),
    )
)
def test_an_override_is_the_same_after_json(override):
    assert Override.from_json(json.loads(json.dumps(override.to_json()))) == override


@pytest.mark.parametrize(
    ("zone", "day", "clock", "utc"),
    [
        ("America/New_York", date(2026, 3, 8), time(2, 30), datetime(2026, 3, 8, 7, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("America/New_York", date(2026, 11, 1), time(1, 30, fold=1), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), datetime(2026, 10, 3, 15, 30, tzinfo=UTC)),
        ("Asia/Beirut", date(2026, 3, 29), time(0, 30), datetime(2026, 3, 28, 22, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 30), time(8), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_a_skipped_time_is_the_first_after_and_a_repeated_one_the_first_of_two(zone, day, clock, utc):
    assert instant(day, clock, ZoneInfo(zone)) == utc


def test_staff_are_told_by_first_name_and_paged_on_their_first_phone():
    assert (person(ANA).first_name, person(ANA).phone) == ("Ana", "+17175550110")
    assert replace(person(ANA), called="Annie").first_name == "Annie"


def gap(name: str, start: datetime, hours: int) -> Gap:
    return Gap(name, start, start + hours * HOUR)


def test_no_gap_is_no_text():
    assert gap_text((), person(ANA)) is None


def test_the_gap_text_says_which_list_and_when_in_the_readers_time():
    text = gap_text((gap("primary", NOON, 2), gap("danger", NOON, 2), gap("primary", NOON + 9 * HOUR, 4)), person(CLEO))
    assert text == (
        "Helpline roster: nobody is on call for primary, danger Mon 02 Mar 12:00 to 14:00; "
        "primary Mon 02 Mar 21:00 to Tue 03 Mar 01:00. Times are New York time. "
        "Please fill this on the staff pages or in the roster file."
    )


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=40)


@given(st.lists(st.builds(gap, names, moments, st.integers(1, 400)), min_size=1, max_size=30))
def test_the_gap_text_is_never_more_than_two_segments_of_plain_sms(found):
    size = size_of(gap_text(found, person(CLEO)))
    assert size.encoding is Encoding.GSM_7
    assert size.segments <= 2


def test_gaps_that_do_not_fit_are_counted():
    text = gap_text([gap("primary", NOON + n * 24 * HOUR, 2) for n in range(14)], person(CLEO))
    shown = text.count(" to ")
    assert f"; and {14 - shown} more." in text


def test_gaps_too_wide_for_any_text_are_still_told():
    assert "1 times" not in gap_text([gap("x" * 40, NOON, 1)], person(CLEO))
    wide = [gap(f"{'x' * 38}{n}", NOON, 1) for n in range(10)]
    assert "helpline roster gaps" in gap_text(wide, person(CLEO))


def test_one_persons_duty_is_what_their_row_of_the_calendar_shows():
    both = roster(always("primary", ANA, BEN), always("backup", CLEO))
    days = 3
    rows = {row.staff: row.stretches for row in calendar(both, NOON, days).rows}
    for who in (ANA, BEN, CLEO):
        assert duty_of(both, who, NOON, NOON + timedelta(days=days)) == rows[who]
    assert duty_of(both, ANA, NOON, NOON + HOUR)[0].end == NOON + HOUR
