"""What the counters of past weeks say about a coming one: people who need a human by hour of the week, and how long."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

ENOUGH = 20
"""Cases that were taken and closed, before their mean says more than a guess does."""
EXACT_BELOW, QUARTERS = 10, 4


@dataclass(frozen=True, slots=True)
class Recorded:
    """Mean cases an hour by (weekday, hour), Monday is 0; seconds from taking to closing, None if too few were."""

    arrivals: Mapping[tuple[int, int], float]
    handling: float | None
    cases: int
    hours: int


def recorded(rows: Iterable[tuple[str, Mapping[str, str]]], zone: ZoneInfo) -> Recorded:
    """From the counters by the UTC hour; hours before the first with any count are not hours without cases."""
    known = list(rows)
    first = next((place for place, (_, row) in enumerate(known) if row), len(known))
    opened, seen = Counter[tuple[int, int]](), Counter[tuple[int, int]]()
    took: list[int] = []
    for hour, row in known[first:]:
        local = datetime.fromisoformat(f"{hour}:00+00:00").astimezone(zone)
        place = (local.weekday(), local.hour)
        seen[place] += 1
        opened[place] += sum(int(many) for name, many in row.items() if name.startswith("opened."))
        took += [int(value.partition("|")[2]) for name, value in row.items() if name.startswith("handled|")]
    return Recorded(
        arrivals={place: rounded(opened[place] / many) for place, many in seen.items()},
        handling=sum(took) / len(took) if len(took) >= ENOUGH else None,
        cases=opened.total(),
        hours=len(known) - first,
    )


def rounded(rate: float) -> float:
    """To a quarter, or from ten on to a whole: more says nothing, and few different rates are reckoned quickly."""
    return round(rate * QUARTERS) / QUARTERS if rate < EXACT_BELOW else float(round(rate))
