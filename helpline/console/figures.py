"""The figures of a report, computed from hourly counters: pure, and about numbers only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from zoneinfo import ZoneInfo

from flows.urgency import Urgency
from helpline.store.measures import hour_of

LEVELS = tuple(level.word for level in reversed(Urgency))


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people of one level waited, in seconds, sorted; `target` is what the policy asks for."""

    level: str
    seconds: tuple[int, ...]
    target: int

    @property
    def in_target(self) -> int | None:
        """The share within the target, in percent; None if nobody waited."""
        met = sum(one <= self.target for one in self.seconds)
        return round(100 * met / len(self.seconds)) if self.seconds else None

    def at(self, percent: int) -> int | None:
        """The wait that `percent` of them did not exceed (nearest rank)."""
        return self.seconds[max(0, ceil(percent / 100 * len(self.seconds)) - 1)] if self.seconds else None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything a report shows of a stretch of time."""

    since: datetime
    until: datetime
    totals: Counter[str]
    by_hour: tuple[Counter[str], ...] = field(default=())
    to_claim: tuple[Waits, ...] = ()
    to_contact: tuple[Waits, ...] = ()

    def under(self, prefix: str) -> list[tuple[str, int]]:
        """The counters of one family without its name, most frequent first."""
        cut = len(prefix) + 1
        found = [(name[cut:], many) for name, many in self.totals.items() if name.startswith(f"{prefix}.")]
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def sum(self, prefix: str) -> int:
        """All of one family together."""
        return sum(many for _, many in self.under(prefix))

    @property
    def abandoned(self) -> int | None:
        """Of the contacts that have ended, the share that went quiet or hung up, in percent."""
        ended = self.sum("ended")
        gone = self.totals["ended.went_quiet"] + self.totals["ended.hung_up"]
        return round(100 * gone / ended) if ended else None


def hours(since: datetime, until: datetime) -> tuple[str, ...]:
    """The names of the UTC hours that touch this time, the one that has just begun included."""
    first, last = (moment.replace(minute=0, second=0, microsecond=0) for moment in (since, until))
    many = (last - first) // timedelta(hours=1) + 1
    return tuple(hour_of(first + timedelta(hours=number)) for number in range(many))


def figures(
    since: datetime, until: datetime, zone: ZoneInfo, rows: Iterable[tuple[str, Mapping[str, str]]],
    targets: Mapping[str, int],
) -> Figures:  # fmt: skip
    """The figures of these hours; hours of the day are those of `zone`."""
    totals: Counter[str] = Counter()
    by_hour = tuple(Counter[str]() for _ in range(24))
    waits: dict[tuple[str, str], list[int]] = {}
    for hour, row in rows:
        local = datetime.fromisoformat(f"{hour}:00+00:00").astimezone(zone).hour
        for name, value in row.items():
            kind, bar, _ = name.partition("|")
            if bar:
                level, _, seconds = value.partition("|")
                waits.setdefault((kind, level), []).append(int(seconds))
            else:
                totals[name] += int(value)
                by_hour[local][name] += int(value)
    return Figures(
        since, until, totals, by_hour, _waits("to_claim", waits, targets), _waits("to_contact", waits, targets)
    )


def _waits(kind: str, found: Mapping[tuple[str, str], list[int]], targets: Mapping[str, int]) -> tuple[Waits, ...]:
    return tuple(Waits(level, tuple(sorted(found.get((kind, level), ()))), targets[level]) for level in LEVELS)
