"""Hour by hour of a week: how many people are needed, how many are on call."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from flows.roster import Roster, on_call
from helpline.staffing.erlang import Queue, staff_needed

HOURS = 7 * 24
HOUR_S = 3_600
MOST_CONTACTS = 100_000  # in an hour: five times a national line in a surge
COLUMNS = ("weekday", "hour", "contacts")


class ArrivalsFault(ValueError):
    """The file of arrivals cannot be used; says which line, what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What a contact with a human takes and when it is in time: mean seconds, seconds, and a share."""

    handling: float
    patience: float
    within: float
    share: float


@dataclass(frozen=True, slots=True)
class Hour:
    """One hour: contacts expected, people needed and on call, and the share answered in time by those on call."""

    at: datetime
    contacts: float
    needed: int
    on_call: int
    in_time: float

    @property
    def short(self) -> int:
        """How many more are needed."""
        return max(0, self.needed - self.on_call)


def forecast(arrivals: Mapping[tuple[int, int], float], roster: Roster, start: datetime, aim: Aim) -> tuple[Hour, ...]:
    """The week that begins at `start`; `arrivals` has contacts for each (weekday, hour), Monday is 0.

    Weekdays and hours are those of `start`'s time zone.
    """
    hours = []
    for number in range(HOURS):
        at = start + timedelta(hours=number)
        rate = arrivals.get((at.weekday(), at.hour), 0.0)
        needed = _needed(rate, aim)
        there = len({person for one in roster.lists for person in on_call(roster, at, one.name)})
        in_time = _in_time(rate, aim, there)
        hours.append(Hour(at, rate, max(1, needed), there, in_time))
    return tuple(hours)


@lru_cache(maxsize=4_096)
def _needed(rate: float, aim: Aim) -> int:
    """As many hours of a week are alike, each kind is reckoned once: a week took 5 s without this."""
    return staff_needed(rate / HOUR_S, aim.handling, aim.patience, within=aim.within, share=aim.share)


@lru_cache(maxsize=4_096)
def _in_time(rate: float, aim: Aim, there: int) -> float:
    return Queue(rate / HOUR_S, aim.handling, aim.patience, there).within(aim.within)


def read_arrivals(path: Path) -> dict[tuple[int, int], float]:
    """Mean contacts an hour from a CSV file with the columns weekday (0 is Monday), hour and contacts.

    Raises:
        ArrivalsFault: with the line and the mend.

    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as lines:  # as spreadsheets write it, too
            arrivals = dict(_rows(csv.DictReader(lines), path.name))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        mend = f"give a CSV file with {', '.join(COLUMNS)}"
        raise ArrivalsFault(f"{path.name} cannot be read ({fault}): {mend}") from fault
    if not arrivals:
        raise ArrivalsFault(f"{path.name} has no hour in it: write one a line, for example 0,22,3.5")
    return arrivals


def _rows(rows: "csv.DictReader[str]", name: str) -> Iterator[tuple[tuple[int, int], float]]:
    if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
        raise ArrivalsFault(f"{name}:1 has no column {', '.join(missing)}: begin the file with {','.join(COLUMNS)}")
    seen: set[tuple[int, int]] = set()
    for row in rows:
        hour, contacts = _hour(row, where := f"{name}:{rows.line_num}")
        if hour in seen:
            raise ArrivalsFault(f"{where} names weekday {hour[0]}, hour {hour[1]} a second time: keep one of the two")
        seen.add(hour)
        yield hour, contacts


def _hour(row: Mapping[str, str], where: str) -> tuple[tuple[int, int], float]:
    if None in row:  # where csv puts what no column has a name for
        raise ArrivalsFault(f"{where} has more values than columns: write a decimal point, not a comma")
    try:
        weekday, hour, contacts = int(row["weekday"]), int(row["hour"]), float(row["contacts"])
    except (TypeError, ValueError) as fault:
        raise ArrivalsFault(f"{where} is not three numbers: write for example 0,22,3.5") from fault
    if not (0 <= weekday <= 6 and 0 <= hour <= 23 and 0 <= contacts <= MOST_CONTACTS):
        raise ArrivalsFault(f"{where} is out of range: weekday 0 to 6, hour 0 to 23, contacts 0 to {MOST_CONTACTS:,}")
    return (weekday, hour), contacts


def table(hours: Iterable[Hour]) -> Iterator[str]:
    """The forecast as lines for a terminal; an hour with too few people is marked."""
    yield f"{'hour':<18}{'contacts':>9}{'needed':>8}{'on call':>9}{'in time':>9}"
    for hour in hours:
        mark = f"  short of {hour.short}" if hour.short else ""
        people = f"{hour.needed:>8}{hour.on_call:>9}{hour.in_time:>9.0%}"
        yield f"{hour.at:%a %Y-%m-%d %H} h {hour.contacts:>8.1f}{people}{mark}"
