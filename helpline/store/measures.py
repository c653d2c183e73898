"""What is counted of a case, from the lines it is written with: numbers by the hour, and never who.

A count is a name and how often. A measure is a number of seconds under a name that a case gives once; the keyed hash
in it only keeps the same case from being counted twice, and leads to nobody without the lookup key.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from redis.client import Pipeline

from flows.case import Case, Line, LineKind

KEPT = timedelta(days=400)

_PLAIN = {
    LineKind.CLAIM_EXPIRED: "claim_expired",
    LineKind.RELEASED: "released",
    LineKind.PASSED: "passed",
    LineKind.CALLER_NOT_REACHED: "caller_missed",
    LineKind.NOBODY_ON_CALL: "nobody_on_call",
}


def counts_of(case: Case, lines: Iterable[Line]) -> Iterator[str]:
    """The names of everything that these lines count; nothing of a case made by the line's own monitor."""
    if not case.synthetic:
        for line in lines:
            yield from _counted(case, line)


def _counted(case: Case, line: Line) -> Iterator[str]:
    detail = line.detail
    match line.what:
        case LineKind.OPENED:
            yield f"opened.{case.urgency.word}"
            yield from (f"danger.{danger}" for danger in case.dangers)
        case LineKind.PAGED:
            yield f"paged.{detail.get('channel', '')}"
            if case.round > 0:
                yield "repaged"
        case LineKind.PAGE_STATE if detail.get("state") == "failed_final":
            yield f"page_failed.{detail.get('channel', '')}"
        case LineKind.CLAIMED:
            yield f"claimed.{detail.get('via', '')}"
        case LineKind.OPTED_OUT if detail.get("out") == "true":
            yield "opted_out.near_danger" if case.in_danger else "opted_out.elsewhere"
        case LineKind.CLOSED:
            yield f"closed.{detail.get('outcome', '')}"
        case known if known in _PLAIN:
            yield _PLAIN[known]
        case _:
            return


def measures_of(case: Case, lines: Iterable[Line]) -> Iterator[tuple[str, str, float]]:
    """The waits that these lines end, to a claim and to contact with a human, and how long its last owner had it."""
    if case.synthetic:
        return
    for line in lines:
        if line.what is LineKind.CLAIMED:
            yield "to_claim", case.urgency.word, (line.at - case.opened_at).total_seconds()
        if line.what in {LineKind.CONNECTED, LineKind.RELAYED} and case.contact_at is not None:
            yield "to_contact", case.urgency.word, (case.contact_at - case.opened_at).total_seconds()
        if line.what is LineKind.CLOSED and case.claim is not None:
            yield "handled", case.urgency.word, (line.at - case.claim.since).total_seconds()


def hour_of(at: datetime) -> str:
    """The UTC hour of a moment, as its counters are named."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H}"


def once(hour: str, field: str, value: str) -> Callable[[Pipeline], object]:
    """Writes a measure unless this case gave it before."""

    def write(pipe: Pipeline) -> None:
        pipe.hsetnx(hour, field, value)
        pipe.expire(hour, KEPT)

    return write
