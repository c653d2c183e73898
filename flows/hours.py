"""When an office is open: by the clock on its own wall, with holidays, also across midnight and clock changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from flows.roster.wall_clock import instant


class Standing(StrEnum):
    """How an office stands at a moment."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"  # closed, on a day on which it would else have been open


@dataclass(frozen=True, slots=True)
class Span:
    """Open from one clock time to another; to an earlier one means the next day, to the same one round the clock."""

    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Office:
    """One office. `weekly` holds the spans of each weekday, Monday is 0; `holidays` are its closed days."""

    id: str
    zone: ZoneInfo
    weekly: Mapping[int, tuple[Span, ...]]
    holidays: frozenset[date] = frozenset()

    def standing(self, now: datetime) -> Standing:
        """How the office stands at `now`. A night that began on a working day stays open after midnight."""
        today = now.astimezone(self.zone).date()
        if any(self._covers(day, now) for day in (today - timedelta(days=1), today) if day not in self.holidays):
            return Standing.OPEN
        missed = today in self.holidays and bool(self.weekly.get(today.weekday()))
        return Standing.HOLIDAY if missed else Standing.CLOSED

    def _covers(self, day: date, now: datetime) -> bool:
        spans = self.weekly.get(day.weekday(), ())
        return any(self._begins(day, span) <= now < self._ends(day, span) for span in spans)

    def _begins(self, day: date, span: Span) -> datetime:
        return instant(day, span.opens, self.zone)

    def _ends(self, day: date, span: Span) -> datetime:
        after = timedelta(days=1) if span.closes <= span.opens else timedelta(0)
        return instant(day + after, span.closes, self.zone)
