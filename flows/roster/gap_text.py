"""The daily text that tells a supervisor when nobody will be on call."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from flows.roster.people import Staff
from flows.roster.timeline import Gap

TWO_SEGMENTS = 306
"""Characters of the GSM 03.38 basic alphabet in two joined segments of 153 (3GPP TS 23.038)."""


def gap_text(gaps: Sequence[Gap], reader: Staff) -> str | None:
    """One text of at most two segments with the first gaps in the reader's time; None if there are none.

    What does not fit is counted, so that a long list never reads as a short one.
    """
    if not gaps:
        return None
    lines = [
        f"{', '.join(gap.list_name for gap in same)} {_span(start, end, reader.zone)}"
        for (start, end), same in groupby(sorted(gaps, key=_when), key=_when)
    ]
    texts = (_text(lines, shown, reader.zone) for shown in range(len(lines), 0, -1))
    return next((text for text in texts if len(text) <= TWO_SEGMENTS), _text(lines, 0, reader.zone))


def _text(lines: list[str], shown: int, zone: ZoneInfo) -> str:
    """The text with the first `shown` gaps; with none shown it only says how many there are."""
    left = len(lines) - shown
    if not shown:
        return f"Helpline roster: {left} times nobody is on call. See them: helpline roster gaps."
    more = f"; and {left} more" if left else ""
    return (
        f"Helpline roster: nobody is on call for {'; '.join(lines[:shown])}{more}. "
        f"Times are {_place(zone)} time. Please fill this on the staff pages or in the roster file."
    )


def _span(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    same_day = begins.date() == ends.date()
    return f"{begins:%a %d %b %H:%M} to {ends:{'%H:%M' if same_day else '%a %d %b %H:%M'}}"


def _place(zone: ZoneInfo) -> str:
    return str(zone).rsplit("/", maxsplit=1)[-1].replace("_", " ")


def _when(gap: Gap) -> tuple[datetime, datetime]:
    return gap.start, gap.end
