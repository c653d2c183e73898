"""When it is safe to call a caller: times of day they named themselves, by the clock where the line is.

Somebody may be beside them at other times (NNEDV, contact with survivors: ask whether and when it is safe to call).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.roster.wall_clock import instant


@dataclass(frozen=True, slots=True)
class SafeTime:
    """From one clock time to another in `zone`; to the same or an earlier one means until the next day.

    Plain words like 17:00 and America/New_York, for it is kept in records.
    """

    opens: str
    closes: str
    zone: str

    def on(self, day: date) -> tuple[datetime, datetime]:
        """The instants at which it begins and ends that begins on this day."""
        zone, opens, closes = ZoneInfo(self.zone), time.fromisoformat(self.opens), time.fromisoformat(self.closes)
        last = day + timedelta(days=1) if closes <= opens else day
        return instant(day, opens, zone), instant(last, closes, zone)


SafeTimes = tuple[SafeTime, ...]
"""None at all: the caller named no times, so any is as safe as another."""


def next_safe(times: SafeTimes, at: datetime) -> datetime:
    """The first instant from `at` on at which the caller may be called; `at` itself where they named no times."""
    spans = [(begins, ends) for one in times for begins, ends in _around(one, at) if begins < ends]
    if not times or any(begins <= at < ends for begins, ends in spans):
        return at
    return min(begins for begins, _ in spans if begins > at)


def written(times: Iterable[SafeTime]) -> str:
    """The times as one word of a memory; `read` gives them back."""
    return " ".join(f"{one.opens}-{one.closes}@{one.zone}" for one in times)


def read(word: str) -> SafeTimes:
    """Times as `written` wrote them."""
    return tuple(_read(one) for one in word.split())


def _read(word: str) -> SafeTime:
    span, _, zone = word.partition("@")
    opens, _, closes = span.partition("-")
    return SafeTime(opens, closes, zone)


def _around(one: SafeTime, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Yesterday's, which may last until today, to that of the day after tomorrow: a clock change can empty a span."""
    today = at.astimezone(ZoneInfo(one.zone)).date()
    return (one.on(today + timedelta(days=n)) for n in (-1, 0, 1, 2))
