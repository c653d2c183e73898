"""Local wall-clock times as instants, right across clock changes."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=4096)
def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the clocks of `zone` show `clock` on `day`.

    A time that happens twice means its first passing; one that the clocks skip means the first instant
    after the skip. So a handoff at a clock time always happens, and exactly once.
    """
    local = datetime.combine(day, clock.replace(fold=0), tzinfo=zone)
    utc = local.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return utc
    return _end_of_skip(local.replace(fold=1).astimezone(UTC), utc, zone)


def _end_of_skip(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between the two at which the offset of `zone` changes, to the second."""
    offset = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            after = middle
        else:
            before = middle
    return after
