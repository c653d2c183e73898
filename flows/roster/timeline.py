"""How the lists run over time: stretches, gaps, the next change, a calendar to draw."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from flows.roster.people import StaffId
from flows.roster.roster import Roster, on_call
from flows.roster.shifts import OnCallList

_DAY = timedelta(days=1)
_LOOK_AHEAD = (timedelta(days=3), timedelta(days=30), timedelta(days=400))


@dataclass(frozen=True, slots=True)
class Stretch:
    """The same people on one list from `start` up to `end`; nobody, when `staff` is empty."""

    list_name: str
    start: datetime
    end: datetime
    staff: tuple[StaffId, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which nobody is on a list that must always be covered."""

    list_name: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One person's duty on every list, in order of time."""

    staff: StaffId
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a picture of the roster shows: a row for each person, and the gaps."""

    start: datetime
    end: datetime
    rows: tuple[Row, ...]
    gaps: tuple[Gap, ...]


def stretches(roster: Roster, list_name: str, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """The whole of [start, end) on one list, cut wherever the people on it change."""
    merged: list[Stretch] = []
    cuts = _cuts(roster, list_name, start, end)
    for begin, until in pairwise(cuts):
        staff = on_call(roster, begin, list_name)
        since = merged.pop().start if merged and merged[-1].staff == staff else begin
        merged.append(Stretch(list_name, since, until, staff))
    return tuple(merged)


def gaps(roster: Roster, start: datetime, end: datetime) -> tuple[Gap, ...]:
    """Every uncovered stretch of [start, end) on the lists that must always be covered, earliest first."""
    found = (
        Gap(stretch.list_name, stretch.start, stretch.end)
        for one in roster.lists
        if one.always_covered
        for stretch in stretches(roster, one.name, start, end)
        if not stretch.staff
    )
    return tuple(sorted(found, key=lambda gap: gap.start))


def next_change(roster: Roster, now: datetime, list_name: str | None = None) -> datetime | None:
    """The first instant after `now` at which somebody else is on; None if nothing changes for 400 days.

    Looks at one list, or without `list_name` at all of them.
    """
    names = roster.list_names if list_name is None else (list_name,)
    changes = [change for name in names if (change := _next_change_on(roster, name, now))]
    return min(changes, default=None)


def calendar(roster: Roster, start: datetime, days: int) -> Calendar:
    """Each person's duty and every gap in the `days` times 24 hours from `start`."""
    end = start + _DAY * days
    everything = [stretch for name in roster.list_names for stretch in stretches(roster, name, start, end)]
    rows = tuple(Row(person.id, _of_person(everything, person.id)) for person in roster.staff)
    return Calendar(start, end, rows, gaps(roster, start, end))


def duty_of(roster: Roster, staff_id: StaffId, start: datetime, end: datetime) -> tuple[Stretch, ...]:
    """One person's duty on every list in [start, end), in order of time."""
    everything = [stretch for name in roster.list_names for stretch in stretches(roster, name, start, end)]
    return _of_person(everything, staff_id)


def _of_person(everything: list[Stretch], staff_id: StaffId) -> tuple[Stretch, ...]:
    """The person's stretches, joined where only their company on the list changes."""
    joined: list[Stretch] = []
    for stretch in everything:
        if staff_id not in stretch.staff:
            continue
        start = stretch.start
        if joined and joined[-1].list_name == stretch.list_name and joined[-1].end == start:
            start = joined.pop().start
        joined.append(Stretch(stretch.list_name, start, stretch.end, (staff_id,)))
    return tuple(sorted(joined, key=lambda stretch: (stretch.start, stretch.list_name)))


def _next_change_on(roster: Roster, list_name: str, now: datetime) -> datetime | None:
    for span in _LOOK_AHEAD:
        parts = stretches(roster, list_name, now, now + span)
        if len(parts) > 1:
            return parts[0].end
    return None


def _cuts(roster: Roster, list_name: str, start: datetime, end: datetime) -> list[datetime]:
    """`start`, `end`, and every instant between them at which the list might change, in order."""
    on_call_list = roster.list_named(list_name)
    edges = set(_duty_edges(on_call_list, start, end)) if on_call_list else set()
    edges |= {edge for override in roster.overrides for edge in (override.start, override.end)}
    return [start, *sorted(edge for edge in edges if start < edge < end), end] if start < end else []


def _duty_edges(on_call_list: OnCallList, start: datetime, end: datetime) -> Iterator[datetime]:
    day = start.astimezone(on_call_list.zone).date() - _DAY
    last = end.astimezone(on_call_list.zone).date() + _DAY
    while day <= last:
        for duty in on_call_list.duties_beginning(day):
            yield duty.start
            yield duty.end
        day += _DAY
