"""Who can be paged at an instant."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from flows.roster.overrides import Override, OverrideKind, overridden
from flows.roster.people import Staff, StaffId
from flows.roster.shifts import PRIMARY, Duty, OnCallList

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The staff, the lists they are on call for, and the changes to those lists.

    `supervisors` are drawn in when nobody answers, first one first; `fallback_numbers` are the last resort
    (E.164), never empty in a roster that was read from a file.
    """

    staff: tuple[Staff, ...]
    lists: tuple[OnCallList, ...]
    supervisors: tuple[StaffId, ...]
    fallback_numbers: tuple[str, ...]
    overrides: tuple[Override, ...] = ()

    def staff_member(self, staff_id: StaffId) -> Staff | None:
        """The person with this id; None for somebody who has left the roster."""
        return next((person for person in self.staff if person.id == staff_id), None)

    def staff_in_order(self, staff_ids: Iterable[StaffId]) -> tuple[Staff, ...]:
        """The people with these ids, in the same order; ids of people who have left are passed over."""
        return tuple(person for one in staff_ids if (person := self.staff_member(one)))

    def list_named(self, name: str) -> OnCallList | None:
        return next((one for one in self.lists if one.name == name), None)

    @property
    def list_names(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.lists)


def on_call(roster: Roster, now: datetime, list_name: str = PRIMARY) -> tuple[StaffId, ...]:
    """Who is on call at `now` (aware), in paging order; empty when nobody is, or there is no such list."""
    on_call_list = roster.list_named(list_name)
    if on_call_list is None:
        return ()
    ordinary = tuple(person for duty in _duties_at(on_call_list, now) for person in duty.staff)
    staff = overridden(ordinary, roster.overrides, now, list_name)
    return tuple(person for person in staff if roster.staff_member(person))


def everyone(roster: Roster, now: datetime) -> tuple[StaffId, ...]:
    """Everybody on the roster who is not out at `now`, on a list or not."""
    away = {
        override.who
        for override in roster.overrides
        if override.kind is OverrideKind.OUT and override.list_name is None and override.start <= now < override.end
    }
    return tuple(person.id for person in roster.staff if person.id not in away)


def with_overrides(roster: Roster, overrides: Iterable[Override]) -> Roster:
    """The roster with live overrides after its own; one with the id of an earlier one takes its place."""
    by_id = {override.id: override for override in roster.overrides}
    for override in overrides:
        by_id.pop(override.id, None)
        by_id[override.id] = override
    return replace(roster, overrides=tuple(by_id.values()))


def _duties_at(on_call_list: OnCallList, now: datetime) -> list[Duty]:
    """The stretches of duty that hold at `now`, in paging order.

    The day after is looked at too: where clocks go back across midnight, its first shift has begun while
    the calendar once more says the day before.
    """
    today = now.astimezone(on_call_list.zone).date()
    holding = [
        duty
        for day in _days(today - _DAY, today + _DAY)
        for duty in on_call_list.duties_beginning(day)
        if duty.start <= now < duty.end
    ]
    return sorted(holding, key=lambda duty: duty.place)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + _DAY * number for number in range((last - first).days + 1))
