"""Counts for Prometheus, kept in Redis: several web workers, workers and machines then are one line to whoever asks.

One hash; a field is `name|label|…`, a histogram's `name|…|le`. Counted in the transaction that makes it true, so a
count is never of something that did not happen. No field names a person, a case or a phone.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from flows.case import Case, Line, LineKind
from flows.pages import PageState

TURN_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
PAGE_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)


def of_case(case: Case, lines: Sequence[Line]) -> Iterator[tuple[str, float]]:
    """Fields to raise, and by how much, for what has just happened to a case."""
    for line in lines:
        yield f"case_events|{line.what.value}|{case.urgency.word}", 1
        if line.what is LineKind.PAGE_STATE:
            yield from _of_page(case, line)


def _of_page(case: Case, line: Line) -> Iterator[tuple[str, float]]:
    channel, state = line.detail.get("channel", ""), line.detail.get("state", "")
    yield f"pages|{channel}|{state}", 1
    if error := line.detail.get("error", ""):
        yield f"carrier_errors|{error}", 1
    page = case.page(line.detail.get("page", ""))
    if state == PageState.ACCEPTED and page is not None:
        yield from observed(f"page_seconds|{channel}", line.at - page.due_at, PAGE_S)


def observed(name: str, took: timedelta, bounds: Sequence[float]) -> Iterator[tuple[str, float]]:
    """The fields of a histogram that one observation raises: each bucket alone, sum and count."""
    seconds = max(took.total_seconds(), 0.0)
    bucket = next((f"{bound:g}" for bound in bounds if seconds <= bound), "+Inf")
    yield f"{name}|{bucket}", 1
    yield f"{name}|sum", round(seconds, 4)
