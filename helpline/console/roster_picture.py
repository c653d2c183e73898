"""Two weeks of the roster as a picture: a row for each person, a bar for each stretch of duty, gaps on top in red.

Colours are classes of the stylesheet, so that it is right in the dark too; every bar says its list in words.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

from flows.roster import Calendar, Roster

DAYS = 14
DAY, LABEL, HEAD, LANE, PAD = 76, 118, 44, 26, 8
LETTER = 7.2  # pixels a letter takes


@dataclass(frozen=True, slots=True)
class Picture:
    """Where things are drawn."""

    calendar: Calendar
    zone: ZoneInfo
    now: datetime

    def x(self, moment: datetime) -> float:
        inside = min(max(moment, self.calendar.start), self.calendar.end)
        return round(LABEL + (inside - self.calendar.start) / timedelta(days=1) * DAY, 1)


def draw(roster: Roster, calendar: Calendar, zone: ZoneInfo, now: datetime) -> str:
    """The picture as SVG; it is shown next to the same in words, so it is hidden from screen readers."""
    picture = Picture(calendar, zone, now)
    lists = roster.list_names
    body: list[str] = []
    y = HEAD
    body += _row(picture, "Gaps", y, 1, (("gap", gap.list_name, gap.start, gap.end) for gap in calendar.gaps))
    y += LANE + PAD * 2
    for row in calendar.rows:
        person = roster.staff_member(row.staff)
        used = [name for name in lists if any(one.list_name == name for one in row.stretches)]
        bars = ((f"duty l{lists.index(one.list_name) % 4}", one.list_name, one.start, one.end) for one in row.stretches)
        body += _row(picture, person.first_name if person else row.staff, y, max(1, len(used)), bars, used)
        y += max(1, len(used)) * LANE + PAD * 2
    width = LABEL + DAY * DAYS + 2
    head = "".join(_days(picture, y))
    x_now = picture.x(now)
    line = (
        f'<path class="now" d="M{x_now} {HEAD - 8}V{y}"/>'
        f'<text class="now-word" x="{x_now + 4}" y="{HEAD - 12}">now</text>'
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="calendar" viewBox="0 0 {width} {y + 2}" width="{width}" '
        f'height="{y + 2}" aria-hidden="true" focusable="false">{head}{"".join(body)}{line}</svg>'
    )


def _days(picture: Picture, bottom: int) -> Iterator[str]:
    for number in range(DAYS + 1):
        moment = picture.calendar.start + timedelta(days=number)
        x = picture.x(moment)
        yield f'<path class="grid" d="M{x} {HEAD - 6}V{bottom}"/>'
        if number < DAYS:
            local = moment.astimezone(picture.zone)
            kind = "day weekend" if local.weekday() >= 5 else "day"
            yield f'<text class="{kind}" x="{x + 6}" y="18">{local:%a %d}</text>'


def _row(
    picture: Picture, name: str, y: int, lanes: int, bars: Iterator[tuple[str, str, datetime, datetime]],
    used: list[str] | None = None,
) -> Iterator[str]:  # fmt: skip
    height = lanes * LANE + PAD * 2
    yield f'<path class="grid" d="M0 {y}H{LABEL + DAY * DAYS}"/>'
    yield f'<text class="who" x="10" y="{y + height / 2 + 5}">{escape(name[:14])}</text>'
    for kind, words, start, end in bars:
        lane = used.index(words) if used else 0
        yield _bar(picture, kind, words, start, end, y + PAD + lane * LANE)


def _bar(picture: Picture, kind: str, words: str, start: datetime, end: datetime, y: float) -> str:
    x, until = picture.x(start), picture.x(end)
    width = max(3.0, until - x - 2)
    fits = int((width - 10) / LETTER)
    said = f"gap: {words}" if kind == "gap" else words
    text = f'<text class="in-bar" x="{x + 8}" y="{y + 15.5}">{escape(said[:fits])}</text>' if fits > 2 else ""
    times = f"{start.astimezone(picture.zone):%a %d %H:%M} – {end.astimezone(picture.zone):%a %d %H:%M}"
    return (
        f'<g class="{kind}"><title>{escape(f"{said}, {times}")}</title>'
        f'<rect x="{x + 1}" y="{y}" width="{width}" height="{LANE - 4}" rx="6"/>{text}</g>'
    )
