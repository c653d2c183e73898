"""The ordinary week of an on-call list: hours, shifts, rotations and holidays."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum, IntEnum
from zoneinfo import ZoneInfo

from flows.roster.people import StaffId
from flows.roster.wall_clock import instant

PRIMARY = "primary"


class Weekday(IntEnum):
    """Numbered as `date.weekday` numbers them."""

    MON = 0
    TUE = 1
    WED = 2
    THU = 3
    FRI = 4
    SAT = 5
    SUN = 6


EVERY_DAY = tuple(Weekday)


class Turn(Enum):
    """How long one turn of a rotation is, in days of the calendar."""

    DAILY = 1
    WEEKLY = 7


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the clock that begins on each of `days`.

    An `end` that is not later than `start` is on the next day: 22:00 to 06:00 on Friday is one shift, which
    ends on Saturday, and 08:00 to 08:00 is 24 hours.
    """

    start: time
    end: time
    days: tuple[Weekday, ...] = EVERY_DAY

    def on(self, day: date, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
        """The UTC start and end of the stretch that begins on `day`; None if none does."""
        if Weekday(day.weekday()) not in self.days:
            return None
        last = day if self.end > self.start else day + timedelta(days=1)
        return instant(day, self.start, zone), instant(last, self.end, zone)


@dataclass(frozen=True, slots=True)
class Shift:
    """The same people, all at once and in the order they are paged, in the same hours."""

    hours: Hours
    staff: tuple[StaffId, ...]

    def staff_of(self, _day: date, _hours: Hours) -> tuple[StaffId, ...]:
        return self.staff

    def stretches(self) -> tuple[Hours, ...]:
        return (self.hours,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns, one at a time, changing at the wall-clock time `handoff`.

    The first turn begins on `first`; before that nobody is on. A turn is `every` days or weeks. Without
    `hours` the turn lasts day and night; with them, whoever has the turn when a shift begins keeps that
    shift to its end.
    """

    staff: tuple[StaffId, ...]
    turn: Turn
    first: date
    handoff: time
    every: int = 1
    hours: tuple[Hours, ...] = ()

    def staff_of(self, day: date, hours: Hours) -> tuple[StaffId, ...]:
        elapsed = (day - self.first).days - (hours.start < self.handoff)
        if elapsed < 0:
            return ()
        turns = elapsed // (self.turn.value * self.every)
        return (self.staff[turns % len(self.staff)],)

    def stretches(self) -> tuple[Hours, ...]:
        return self.hours or (Hours(self.handoff, self.handoff),)


@dataclass(frozen=True, slots=True)
class Holiday:
    """Dates on which `shifts` take the place of every shift and turn that would begin on them."""

    name: str
    dates: tuple[date, ...]
    shifts: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody's stretch of duty before overrides; `place` is where the list has it, 0 being paged first."""

    start: datetime
    end: datetime
    staff: tuple[StaffId, ...]
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCallList:
    """One level of people to page, such as primary, backup or danger.

    `zone` is where its clock times hold. `always_covered` says that an uncovered minute is a gap.
    """

    name: str
    zone: ZoneInfo
    shifts: tuple[Shift, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    always_covered: bool = True

    def duties_beginning(self, day: date) -> Iterator[Duty]:
        """Every stretch of duty that begins on the local date `day`."""
        for place, source in enumerate(self._sources(day)):
            for hours in source.stretches():
                if (span := hours.on(day, self.zone)) and (staff := source.staff_of(day, hours)):
                    yield Duty(*span, staff, place)

    def _sources(self, day: date) -> tuple[Shift | Rotation, ...]:
        holidays = [holiday for holiday in self.holidays if day in holiday.dates]
        if holidays:
            return tuple(shift for holiday in holidays for shift in holiday.shifts)
        return self.shifts + self.rotations
