"""Duty as an iCalendar feed (RFC 5545), and overrides read from one person's calendar.

Both are plain functions between bytes and values; who may fetch or send a calendar is decided elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from flows.fault import Fault
from flows.roster import Override, OverrideKind, Roster, Staff, StaffId, Stretch, duty_of
from flows.roster.wall_clock import instant

MOST_BYTES = 1_000_000
_OURS = "@on-call.helpline"
_LONGEST_TURN = timedelta(days=35)
_NO_CALENDAR = "this is not a whole iCalendar file"
_WORDS = 'Call the event "out", "cover" and a name, or "swap" and a name'


def calendar_feed(roster: Roster, person: Staff, *, start: datetime, end: datetime, stamp: datetime) -> bytes:
    """Everything `person` is on call for between `start` and `end`, one event for each stretch.

    A stretch that reaches over an end of the window is shown whole (up to five weeks more), so that its event
    keeps its name and times as the window moves on. `stamp` is when the feed is made. Nothing about any
    caller is in it.
    """
    feed = Calendar()
    feed.add("PRODID", "-//Helpline//On call//EN")
    feed.add("VERSION", "2.0")
    feed.add("METHOD", "PUBLISH")
    feed.add("X-WR-CALNAME", f"On call: {person.first_name}")
    for stretch in duty_of(roster, person.id, start - _LONGEST_TURN, end + _LONGEST_TURN):
        if stretch.end > start and stretch.start < end:
            feed.add_component(_event(stretch, person.id, stamp))
    return bytes(feed.to_ical())


def _event(stretch: Stretch, person: StaffId, stamp: datetime) -> Event:
    return Event.new(
        uid=f"{stretch.list_name}-{stretch.start.astimezone(UTC):%Y%m%dT%H%M%SZ}-{person}{_OURS}",
        summary=f"On call: {stretch.list_name}",
        start=stretch.start.astimezone(UTC),
        end=stretch.end.astimezone(UTC),
        stamp=stamp,
    )


@dataclass(frozen=True, slots=True)
class CalendarReading:
    """What a calendar says: the overrides in it, and the events that could not be read."""

    overrides: tuple[Override, ...]
    faults: tuple[Fault, ...]


class _Unread(ValueError):
    """Why one event, or the whole calendar, was not read, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what, self.mend = what, mend


def read_overrides(data: bytes, owner: Staff, *, roster: Roster, shown_as: str, since: datetime) -> CalendarReading:
    """The overrides in the calendar of `owner`, each event by its title.

    "out": the owner is out. "cover ana": the owner stands in for Ana. "cover": the owner joins the primary
    list. "swap ben": the two stand in for each other. Whole days and times without a zone are those of the
    owner's zone. Events that ended by `since`, cancelled ones and those of our own feed are passed over. A
    fault names `shown_as` and the line of its event, never its words, which may be private.
    """
    try:
        events = _events(data)
    except _Unread as unread:
        return CalendarReading((), (Fault(shown_as, 0, unread.what, unread.mend),))
    overrides: dict[str, Override] = {}
    faults: list[Fault] = []
    for line, event in events:
        try:
            override = _override(event, owner, roster)
        except _Unread as unread:
            if not _is_over(event, owner.zone, since):
                faults.append(Fault(shown_as, line, unread.what, unread.mend))
            continue
        if override and override.end > since:
            overrides[override.id] = override
    return CalendarReading(tuple(overrides.values()), tuple(faults))


def _events(data: bytes) -> list[tuple[int, Event]]:
    """The calendar's events, each with the line it begins on."""
    if len(data) > MOST_BYTES:
        raise _Unread(f"the calendar has more than {MOST_BYTES} bytes", "Keep a calendar of its own for the helpline")
    try:
        written = data.decode("utf-8-sig")
        calendars = Calendar.from_ical(written, multiple=True)
    except (ValueError, LookupError) as error:
        raise _Unread(_NO_CALENDAR, "Export it again as .ics") from error
    if not any(isinstance(calendar, Calendar) for calendar in calendars):
        raise _Unread(_NO_CALENDAR, "Export it again as .ics")
    events = [event for one in calendars for event in one.walk("VEVENT") if isinstance(event, Event)]
    return list(zip(_lines_of_events(written), events, strict=False))


def _lines_of_events(written: str) -> Iterator[int]:
    for number, line in enumerate(written.splitlines(), 1):
        if line.rstrip().upper() == "BEGIN:VEVENT":
            yield number


def _override(event: Event, owner: Staff, roster: Roster) -> Override | None:
    uid = str(event.get("UID", ""))
    if uid.endswith(_OURS) or str(event.get("STATUS", "")).upper() == "CANCELLED":
        return None
    kind, who, by = _meaning(str(event.get("SUMMARY", "")), owner, roster)
    if event.get("RRULE") or event.get("RDATE"):
        raise _Unread("the event repeats, and repeated events are not read", "Make an event of its own for each time")
    start, end = _times(event, owner.zone)
    if end <= start:
        raise _Unread("the event has no length", "Give it an end later than its start")
    name = sha256(f"{uid} {start.isoformat()}".encode()).hexdigest()[:16]
    return Override(id=f"calendar-{owner.id}-{name}", kind=kind, who=who, by=by, start=start, end=end)


def _meaning(title: str, owner: Staff, roster: Roster) -> tuple[OverrideKind, StaffId | None, StaffId | None]:
    """What a title says: the kind, who is replaced and who steps in."""
    match title.lower().split():
        case ["out"]:
            return OverrideKind.OUT, owner.id, None
        case ["cover"]:
            return OverrideKind.COVER, None, owner.id
        case ["cover", "for", *name] | ["cover", *name]:
            return OverrideKind.COVER, _somebody_else(name, owner, roster), owner.id
        case ["swap", "with", *name] | ["swap", *name] if name:
            return OverrideKind.SWAP, owner.id, _somebody_else(name, owner, roster)
        case _:
            raise _Unread("the title of this event is not one the roster understands", _WORDS)


def _somebody_else(name: list[str], owner: Staff, roster: Roster) -> StaffId:
    """The one other person with this id, full name or first name."""
    said = " ".join(name)
    others = [one for one in roster.staff if one.id != owner.id]
    exact = [one.id for one in others if said in {one.id.lower(), one.name.lower()}]
    by_first_name = [one.id for one in others if said == one.first_name.lower()]
    for found in (exact, by_first_name):
        if len(found) == 1:
            return found[0]
    raise _Unread("the name in the title is not that of one other person on the roster", _WORDS + " as in the roster")


def _is_over(event: Event, zone: ZoneInfo, since: datetime) -> bool:
    """Whether a single event with readable times has ended; one that repeats may still come."""
    try:
        return not event.get("RRULE") and not event.get("RDATE") and _times(event, zone)[1] <= since
    except _Unread:
        return False


def _times(event: Event, zone: ZoneInfo) -> tuple[datetime, datetime]:
    try:
        for edge in ("DTSTART", "DTEND"):
            _refuse_unknown_zone(event.get(edge))
        return _utc(event.start, zone), _utc(event.end, zone)
    except (ValueError, OverflowError) as error:
        raise _Unread("the event has no start or end that can be read", "Set its start and its end again") from error


def _refuse_unknown_zone(written: Any) -> None:
    """The library reads a time in a zone it does not know as one in no zone; guessing would page at a wrong hour."""
    if "TZID" in getattr(written, "params", {}) and isinstance(written.dt, datetime) and not written.dt.tzinfo:
        raise ValueError(written.params["TZID"])


def _utc(moment: date, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        return instant(moment, time(0), zone)
    if moment.tzinfo is None:
        return instant(moment.date(), moment.time(), zone)
    return moment.astimezone(UTC)
