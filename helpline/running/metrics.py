"""What Prometheus is told: counts of the whole line out of Redis, and how things stand at this moment.

Every name is listed in docs/observability.md, the dashboard and the alert rules; a test holds them together.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from helpline.outbox import QueueName
from helpline.store import Beat, Unavailable
from helpline.store.metrics import PAGE_S, TURN_S
from helpline.wiring import Services

Rows = list[tuple[tuple[str, ...], float]]

BEAT_TTL = timedelta(seconds=30)
"""How long a try to write stays."""


class LineMetrics(Collector):
    """Reads the line at every scrape."""

    def __init__(self, line: Services) -> None:
        self._line = line

    def describe(self) -> Iterable[Metric]:
        """Nothing beforehand: registering must not ask Redis."""
        return ()

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("helpline_redis_up", "1 when Redis answers: without it callers hear the safe answer.")
        try:
            told = (*self._counted(), *self._standing())
        except Unavailable:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield _gauge(
            "helpline_redis_writes", "1 when Redis takes writes: full or read-only is as bad as down.", self._writes()
        )
        yield from told

    def _writes(self) -> float:
        try:
            self._line.store.beat("web", self._line.clock(), BEAT_TTL)
        except Unavailable:
            return 0
        return 1

    # -- counts -------------------------------------------------------------------------------------------------

    def _counted(self) -> Iterator[Metric]:
        fields = _by_name(self._line.store.metrics())
        yield _histogram("helpline_turn_seconds", "How long a caller's turn took.", ["channel"], fields, TURN_S)
        yield _histogram(
            "helpline_page_seconds", "From a page falling due to the carrier taking it.", ["channel"], fields, PAGE_S
        )
        for name, what, labels in (
            (
                "case_events",
                "What happened to cases: opened, claimed, connected, closed and more.",
                ["event", "urgency"],
            ),
            ("pages", "Pages by channel and the state they came to.", ["channel", "state"]),
            ("carrier_errors", "Errors of pages, by Twilio's code.", ["code"]),
            ("missed", "Texts and calls that came while the line was down, taken up late.", ["what"]),
        ):
            family = CounterMetricFamily(f"helpline_{name}", what, labels=labels)
            for values, count in fields[name]:
                family.add_metric(list(values), count)
            yield family

    # -- how things stand ---------------------------------------------------------------------------------------

    def _standing(self) -> Iterator[Metric]:
        now, store = self._line.clock(), self._line.store
        oldest = store.oldest_due()
        yield _gauge("helpline_due_oldest_seconds", "How long the first due row has waited.", _age(oldest, now))
        beats = GaugeMetricFamily(
            "helpline_heartbeat_age_seconds", "Since a process last said it lives.", labels=["process"]
        )
        for kind in Beat:
            beat = store.last_beat(kind)
            if beat is not None:
                beats.add_metric([kind.value], _age(beat, now))
        yield beats
        queues = GaugeMetricFamily("helpline_queue_jobs", "Doorbells nobody has answered yet.", labels=["queue"])
        for queue in QueueName:
            queues.add_metric([queue.value], store.queue_length(queue))
        yield queues
        yield from self._open(now)
        compared = store.checkpoint()
        if compared is not None:
            yield _gauge(
                "helpline_compared_age_seconds", "Since Twilio's lists were compared.",
                _age(datetime.fromisoformat(compared), now),
            )  # fmt: skip

    def _open(self, now: datetime) -> Iterator[Metric]:
        cases = self._line.store.open_cases()
        standing = GaugeMetricFamily("helpline_cases_open", "Open cases.", labels=["urgency", "state"])
        for (urgency, state), count in Counter((case.urgency.word, case.state.value) for case in cases).items():
            standing.add_metric([urgency, state], count)
        yield standing
        waits = [_age(case.opened_at, now) for case in cases if case.waiting and case.in_danger]
        yield _gauge(
            "helpline_danger_waiting_seconds", "The longest wait of a caller in danger.", max(waits, default=0)
        )
        owners = Counter(c.owner.value if c.owner else "nobody" for _, c in self._line.store.open_contacts() if c)
        contacts = GaugeMetricFamily("helpline_contacts_open", "Open contacts by whose turn it is.", labels=["owner"])
        for owner, count in owners.items():
            contacts.add_metric([owner], count)
        yield contacts
        yield _gauge(
            "helpline_ledger_gaps", "Contacts nobody owes anything, or past their time.", len(self._line.ledger.gaps())
        )


def exposition(line: Services) -> bytes:
    """The line's metrics as text. A registry of its own: the process's own numbers are of one of several workers."""
    with suppress(Unavailable):  # the scrape itself says so
        line.turn_times.flush()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(LineMetrics(line))
    return generate_latest(registry)


def _by_name(fields: Mapping[str, float]) -> defaultdict[str, Rows]:
    found: defaultdict[str, Rows] = defaultdict(list)
    for field, value in sorted(fields.items()):
        name, *labels = field.split("|")
        found[name].append((tuple(labels), value))
    return found


def _histogram(
    name: str, what: str, labels: list[str], fields: defaultdict[str, Rows], bounds: Sequence[float]
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, what, labels=labels)
    of: defaultdict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
    for (*values, bound), count in fields[name.removeprefix("helpline_")]:
        of[tuple(values)][bound] = count
    for labelled, counts in of.items():
        total, buckets = 0.0, []
        for bound in (*(f"{each:g}" for each in bounds), "+Inf"):
            total += counts.get(bound, 0)
            buckets.append((bound, total))
        family.add_metric(list(labelled), buckets, sum_value=counts.get("sum", 0))
    return family


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _age(then: datetime | None, now: datetime) -> float:
    return 0.0 if then is None else max((now - then).total_seconds(), 0.0)
