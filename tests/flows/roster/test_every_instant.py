"""Every instant of two years, in four zones, against a reference that shares no code with the roster.

The reference never computes when a shift begins. It reads the wall clock as a clock that is never turned
back (in the repeated hour it stands still), and asks whether that reading lies within the hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.roster import (
    EVERY_DAY,
    Holiday,
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
    on_call,
    stretches,
)

ZONES = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu")
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
YEARS = timedelta(days=731)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
ANA, BEN, CLEO, DORA, ELI = PEOPLE = tuple(map(StaffId, ("ana", "ben", "cleo", "dora", "eli")))


def reading(now: datetime, zone: ZoneInfo) -> datetime:
    """The furthest the local clock has ever got by `now`, to the minute."""
    shown = now.astimezone(zone).replace(tzinfo=None)
    three_hours_ago = (now - 180 * MINUTE).astimezone(zone).replace(tzinfo=None)
    if shown - three_hours_ago >= 180 * MINUTE:
        return shown
    earlier = ((now - n * MINUTE).astimezone(zone).replace(tzinfo=None) for n in range(181))
    return max(shown, *earlier)


@dataclass
class Wanted:
    """One line of a list as the reference sees it."""

    start: time
    end: time
    days: tuple[int, ...]
    staff: tuple[StaffId, ...]
    turn_days: int | None = None
    first: datetime | None = None

    def day_it_began(self, clock: datetime) -> date | None:
        """The date on which a stretch that holds at this reading began."""
        today, yesterday = clock.date(), clock.date() - DAY
        if self.start < self.end:
            return today if self.start <= clock.time() < self.end else None
        return today if clock.time() >= self.start else (yesterday if clock.time() < self.end else None)

    def people(self, began: date) -> tuple[StaffId, ...]:
        if self.turn_days is None:
            return self.staff
        since = datetime.combine(began, self.start) - self.first
        if since < timedelta(0):
            return ()
        return (self.staff[since // timedelta(days=self.turn_days) % len(self.staff)],)


def wanted(source: Shift | Rotation) -> list[Wanted]:
    if isinstance(source, Shift):
        return [Wanted(source.hours.start, source.hours.end, source.hours.days, source.staff)]
    hours = source.hours or (Hours(source.handoff, source.handoff),)
    first = datetime.combine(source.first, source.handoff)
    days = {Turn.DAILY: 1, Turn.WEEKLY: 7}[source.turn] * source.every
    return [Wanted(h.start, h.end, h.days, source.staff, days, first) for h in hours]


class Reference:
    """The naive answer for one list of a roster."""

    def __init__(self, roster: Roster, list_name: str) -> None:
        (one,) = [a for a in roster.lists if a.name == list_name]
        self.roster, self.zone = roster, one.zone
        self.holidays = {day: holiday for holiday in one.holidays for day in holiday.dates}
        sources = [(h, h.shifts) for h in one.holidays] + [(None, (*one.shifts, *one.rotations))]
        self.lines = [
            (place, holiday, line)
            for holiday, lines in sources
            for place, source in enumerate(lines)
            for line in wanted(source)
        ]

    def __call__(self, now: datetime) -> list[StaffId]:
        clock = reading(now, self.zone)
        on = []
        for place, holiday, line in self.lines:
            began = line.day_it_began(clock)
            if began and began.weekday() in line.days and self.holidays.get(began) is holiday:
                on.append((place, began, line.people(began)))
        people = [person for _, _, staff in sorted(on, key=lambda entry: entry[:2]) for person in staff]
        return after_overrides(people, self.roster, now)


def after_overrides(people: list[StaffId], roster: Roster, now: datetime) -> list[StaffId]:
    standing = [o for o in roster.overrides if now >= o.start and not now >= o.end]
    for o in standing:
        if o.kind == "cover":
            people = [o.by if p == o.who else p for p in people]
        if o.kind == "swap":
            people = [{o.who: o.by, o.by: o.who}.get(p, p) for p in people]
    for o in standing:
        if o.kind == "out":
            people = [p for p in people if p != o.who]
    return [p for i, p in enumerate(people) if p not in people[:i]]


def over(kind: OverrideKind, who: StaffId, by: StaffId | None, start: datetime, hours: float) -> Override:
    return Override(id=f"{kind}{start}", kind=kind, who=who, by=by, start=start, end=start + timedelta(hours=hours))


def roster_in(zone_name: str) -> Roster:
    """Handoffs inside the skipped and the repeated hour, night shifts, a holiday at a clock change."""
    zone = ZoneInfo(zone_name)
    nights = Hours(time(22), time(2, 30), (Weekday.FRI, Weekday.SAT, Weekday.SUN))
    primary = OnCallList(
        name="primary",
        zone=zone,
        rotations=(Rotation(staff=(ANA, BEN, CLEO), turn=Turn.WEEKLY, first=date(2025, 12, 7), handoff=time(2, 15)),),
    )
    danger = OnCallList(
        name="danger",
        zone=zone,
        shifts=(
            Shift(Hours(time(1, 45), time(13)), (DORA, ELI)),
            Shift(Hours(time(13), time(1, 45)), (BEN,)),
        ),
        holidays=(
            Holiday(
                "Clock change",
                (date(2026, 3, 8), date(2026, 10, 25), date(2026, 11, 1), date(2026, 12, 25)),
                (Shift(Hours(time(1, 45), time(1, 45)), (CLEO,)),),
            ),
        ),
    )
    backup = OnCallList(
        name="backup",
        zone=zone,
        shifts=(Shift(Hours(time(2), time(2, 30)), (ANA,)), Shift(nights, (DORA, ANA))),
        rotations=(
            Rotation(
                staff=(BEN, CLEO, ELI),
                turn=Turn.DAILY,
                every=2,
                first=date(2026, 1, 10),
                handoff=time(23, 30),
                hours=(Hours(time(23), time(7)), Hours(time(9), time(17), EVERY_DAY[:5])),
            ),
        ),
    )
    overrides = (
        over(OverrideKind.COVER, ANA, ELI, datetime(2026, 3, 8, 6, 40, tzinfo=UTC), 3),
        over(OverrideKind.SWAP, BEN, CLEO, datetime(2026, 10, 25, tzinfo=UTC), 60),
        over(OverrideKind.OUT, DORA, None, datetime(2026, 6, 1, tzinfo=UTC), 24 * 30),
        over(OverrideKind.COVER, DORA, CLEO, datetime(2026, 6, 10, tzinfo=UTC), 24),
        over(OverrideKind.OUT, ELI, None, datetime(2027, 4, 3, 15, 10, tzinfo=UTC), 24),
    )
    staff = tuple(Staff(id=p, name=p.title(), phones=("+12125550100",), zone=zone) for p in PEOPLE)
    return Roster(
        staff=staff,
        lists=(primary, danger, backup),
        supervisors=(DORA,),
        fallback_numbers=("+12125550199",),
        overrides=overrides,
    )


def clock_changes(zone: ZoneInfo) -> Iterator[datetime]:
    now = BEGIN
    while now < BEGIN + YEARS:
        later = now + timedelta(minutes=30)
        if now.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset():
            yield later
        now = later


def instants(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    while start < end:
        yield start
        start += step


def references(roster: Roster) -> dict[str, Reference]:
    return {name: Reference(roster, name) for name in roster.list_names}


def assert_same(roster: Roster, naive: dict[str, Reference], now: datetime) -> None:
    for name, reference in naive.items():
        assert list(on_call(roster, now, name)) == reference(now), (name, now.isoformat())


@pytest.mark.exhaustive
@pytest.mark.parametrize("zone", ZONES)
def test_every_half_hour_of_two_years_equals_the_reference(zone):
    roster = roster_in(zone)
    naive = references(roster)
    for now in instants(BEGIN, BEGIN + YEARS, timedelta(minutes=30)):
        assert_same(roster, naive, now)


@pytest.mark.exhaustive
@pytest.mark.parametrize("zone", ZONES)
def test_just_before_and_at_every_boundary_equals_the_reference(zone):
    roster = roster_in(zone)
    naive = references(roster)
    for name in roster.list_names:
        for stretch in stretches(roster, name, BEGIN, BEGIN + YEARS):
            for now in (stretch.start, stretch.end - MINUTE, stretch.end):
                assert list(on_call(roster, now, name)) == naive[name](now), (name, now)


@pytest.mark.parametrize("zone", [zone for zone in ZONES if zone != "Asia/Kathmandu"])
def test_every_minute_around_every_clock_change_equals_the_reference(zone):
    changes = list(clock_changes(ZoneInfo(zone)))
    assert len(changes) == 4
    roster = roster_in(zone)
    naive = references(roster)
    for change in changes:
        for now in instants(change - timedelta(hours=4), change + timedelta(hours=4), MINUTE):
            assert_same(roster, naive, now)


def test_a_zone_that_never_changes_its_clocks_has_no_change_to_test():
    assert list(clock_changes(ZoneInfo("Asia/Kathmandu"))) == []


@pytest.mark.parametrize("zone", ZONES)
def test_the_list_with_a_rotation_is_covered_at_every_instant(zone):
    roster = roster_in(zone)
    parts = stretches(roster, "primary", BEGIN, BEGIN + YEARS)
    bare = [part for part in parts if not part.staff]
    assert [part.start.date() for part in bare] == []
    assert parts[0].start == BEGIN
    assert parts[-1].end == BEGIN + YEARS
    assert all(one.end == two.start for one, two in pairwise(parts))


clocks = st.times().map(lambda clock: clock.replace(second=0, microsecond=0, tzinfo=None))
some_days = st.sets(st.sampled_from(Weekday), min_size=1).map(lambda days: tuple(sorted(days)))
some_hours = st.builds(Hours, clocks, clocks, some_days)
some_staff = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=3, unique=True).map(tuple)
rotations = st.builds(
    Rotation,
    staff=some_staff,
    turn=st.sampled_from(Turn),
    first=st.dates(date(2025, 12, 1), date(2026, 3, 20)),
    handoff=clocks,
    every=st.integers(1, 3),
    hours=st.lists(some_hours, max_size=2).map(tuple),
)
holidays = st.builds(
    Holiday,
    st.just("day off"),
    st.lists(st.dates(date(2026, 3, 1), date(2026, 3, 31)), max_size=3).map(tuple),
    st.lists(st.builds(Shift, some_hours, some_staff), min_size=1, max_size=2).map(tuple),
)


@st.composite
def rosters(draw):
    zone = ZoneInfo(draw(st.sampled_from((*ZONES, "America/Santiago", "Africa/Cairo", "Asia/Beirut"))))
    one = OnCallList(
        name="primary",
        zone=zone,
        shifts=tuple(draw(st.lists(st.builds(Shift, some_hours, some_staff), max_size=3))),
        rotations=tuple(draw(st.lists(rotations, max_size=2))),
        holidays=tuple(draw(st.lists(holidays, max_size=1))),
    )
    staff = tuple(Staff(id=p, name=p, phones=("+12125550100",), zone=zone) for p in PEOPLE)
    return Roster(staff=staff, lists=(one,), supervisors=(), fallback_numbers=())


@settings(max_examples=30)
@given(rosters())
def test_any_roster_equals_the_reference_at_each_of_its_boundaries(roster):
    reference = Reference(roster, "primary")
    start, end = datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 4, 28, tzinfo=UTC)
    for stretch in stretches(roster, "primary", start, end):
        for now in (stretch.start, stretch.start + MINUTE, stretch.end - MINUTE):
            assert list(on_call(roster, now)) == reference(now), now.isoformat()


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("zone", ZONES)
def test_every_thirty_seconds_of_two_years_equals_the_reference(zone):
    roster = roster_in(zone)
    naive = references(roster)
    for now in instants(BEGIN, BEGIN + YEARS, timedelta(seconds=30)):
        assert_same(roster, naive, now)
