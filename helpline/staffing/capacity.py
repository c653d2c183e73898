"""What a line of so many contacts needs: processes, memory, and which of Twilio's limits it meets first.

The costs are measured (`make bench` writes them); the limits are Twilio's published defaults and can be raised there.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import ceil
from pathlib import Path

COSTS = Path(__file__).with_name("costs.json")
BUSY = 0.6  # of a process: above it a queue grows quickly when arrivals come in bursts
SPARE = 1  # process of each kind, so that one may die
HOUR_S = 3_600
MOST = 1e9  # of any cost: none is near it, and what is above it is a slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What was measured, per unit: seconds of one process, bytes in Redis, bytes over the wire to Redis.

    Jobs of a case, and its requests to the carrier, are of one that is claimed at once, joined and closed.
    """

    turn_s: float
    job_s: float
    case_jobs: float
    case_requests: float
    conversation_bytes: float
    case_bytes: float
    turn_wire_bytes: float
    measured_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How people use the line; the defaults are assumptions, to be replaced by the line's own counts."""

    turns: float = 7.0  # of a contact
    cases: float = 0.3  # of a contact: how many need a human
    texts_sent: float = 8.0  # of a contact, segments included
    calls_made: float = 1.2  # of a contact: pages and bridges
    effort: float = 1.5  # of a case: times one that is claimed at once, for whom nobody else is paged or rung again
    request_s: float = 0.2  # until the carrier has answered one: the worker waits for it
    kept_days: float = 30.0  # conversations
    case_days: float = 90.0


LIMITS: Mapping[str, tuple[float, str]] = {
    "texts a second, long code": (1.0, "one number sends 1 segment a second: use a messaging service"),
    "texts a second, toll-free": (3.0, "a toll-free number sends 3 segments a second: use several, or a short code"),
    "texts a second, short code": (100.0, "a short code sends 100 segments a second"),
    "calls started a second": (1.0, "an account starts 1 call a second: ask Twilio to raise it"),
}
"""Twilio's defaults: "Understanding Twilio rate limits and message queues", "Call queueing and CPS"."""


@dataclass(frozen=True, slots=True)
class Need:
    """What a line needs at its busiest hour."""

    turns_per_s: float
    web: int
    workers: int
    redis_bytes: float
    wire_bytes_per_s: float
    texts_per_s: float
    calls_per_s: float

    @property
    def limits_met(self) -> tuple[str, ...]:
        """The limits this line is over, the tightest first."""
        over = []
        for name, (limit, mend) in LIMITS.items():
            rate = self.calls_per_s if name.startswith("calls") else self.texts_per_s
            if rate > limit:
                over.append((limit / rate, f"{name}: {rate:.1f} against {limit:g} ({mend})"))
        return tuple(said for _, said in sorted(over))


def jobs_of_case(costs: Costs, habits: Habits) -> float:
    """How many jobs a case makes."""
    return costs.case_jobs * habits.effort


def work_of_job(costs: Costs, habits: Habits) -> float:
    """Seconds of a worker for one job, the carrier's time to answer with it."""
    return costs.job_s + costs.case_requests / costs.case_jobs * habits.request_s


def need(per_hour: float, surge: float, costs: Costs, habits: Habits) -> Need:
    """What so many contacts in an ordinary hour, and `surge` times as many in the worst, need."""
    peak = per_hour * surge / HOUR_S
    turns = peak * habits.turns
    case_work = jobs_of_case(costs, habits) * work_of_job(costs, habits)
    kept = (
        per_hour
        * 24
        * (habits.kept_days * costs.conversation_bytes + habits.case_days * habits.cases * costs.case_bytes)
    )
    return Need(
        turns_per_s=turns,
        web=processes(turns * costs.turn_s),
        workers=processes(peak * habits.cases * case_work),
        redis_bytes=kept,
        wire_bytes_per_s=turns * costs.turn_wire_bytes,
        texts_per_s=peak * habits.texts_sent,
        calls_per_s=peak * habits.calls_made,
    )


def processes(work: float) -> int:
    """Processes for so many seconds of work a second."""
    return ceil(work / BUSY) + SPARE


def read_costs(path: Path = COSTS) -> Costs:
    """The costs that `make bench` measured.

    Raises:
        ValueError: the file is missing or damaged; says how to mend it.

    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        costs = Costs(**{field.name: data[field.name] for field in fields(Costs)})
        _judge(costs)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise ValueError(f"{path.name} cannot be used ({fault!r}): write it anew with `make bench`") from fault
    return costs


def _judge(costs: Costs) -> None:
    """Refuse a figure that cannot be a cost: all but where they were measured are numbers above nothing."""
    for name in (field.name for field in fields(Costs) if field.name != "measured_on"):
        cost = getattr(costs, name)
        if isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 < cost < MOST:
            raise ValueError(f"{name} is {cost!r}, not a number above 0")


def told(found: Need) -> Iterator[str]:
    """The need as lines for a terminal."""
    yield f"turns a second at the busiest   {found.turns_per_s:,.1f}"
    yield f"web processes                   {found.web}"
    yield f"worker processes (urgent)       {found.workers}"
    yield f"Redis memory                    {found.redis_bytes / 1e9:,.2f} GB"
    yield f"traffic to Redis                {found.wire_bytes_per_s * 8 / 1e6:,.1f} Mbit/s"
    yield f"texts sent a second             {found.texts_per_s:,.1f}"
    yield f"calls started a second          {found.calls_per_s:,.1f}"
    yield from (f"over Twilio's limit             {limit}" for limit in found.limits_met)
