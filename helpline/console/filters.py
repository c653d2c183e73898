"""What templates may do with values: times, ages, names, marks."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_login import current_user

from flows.case import CALLER
from flows.roster import Role
from flows.urgency import Urgency
from helpline.console.access import Person
from helpline.wiring import Services

MORE = {"console.reports": "Figures", "console.ledger": "Ledger", "console.limits": "Limits"}
"""What stands under Reports, each with its tab."""
NAV: tuple[tuple[str, str, str, Role, frozenset[str]], ...] = (
    ("console.board", "Board", "board", Role.RESPONDER, frozenset({"console.case"})),
    ("console.roster", "Roster", "roster", Role.RESPONDER, frozenset({"console.forecast_week"})),
    ("console.flows", "Flows", "flows", Role.RESPONDER, frozenset({"console.talk"})),
    ("console.reports", "Reports", "reports", Role.SUPERVISOR, frozenset({"console.ledger_contact", *MORE})),
    ("console.audit", "Audit", "audit", Role.SUPERVISOR, frozenset()),
)
BLOCK_DAYS = {"1": "1 day", "7": "7 days", "30": "30 days", "90": "90 days"}
OUTCOME_WORDS = {
    "handed_over": "Talked, and handed over",
    "reached_elsewhere": "Reached another way",
    "withdrawn_by_caller": "The caller no longer needs us",
    "transferred_911_988": "Passed to 911 or 988",
    "unreachable": "Could not be reached",
}


def add(app: Flask, line: Services) -> None:
    """Register them."""
    app.add_template_filter(age)
    app.add_template_filter(clock_time)
    app.add_template_filter(moment_time)
    app.add_template_filter(until_time)
    app.add_template_filter(day_time)
    app.add_template_filter(field_time)
    app.jinja_env.globals.update(
        outcome_words=OUTCOME_WORDS, nav=NAV, more=MORE, block_days=BLOCK_DAYS, levels=tuple(reversed(Urgency))
    )

    @app.context_processor
    def known() -> dict[str, object]:
        signed_in = isinstance(current_user._get_current_object(), Person)  # noqa: SLF001
        zone = current_user.staff.zone if signed_in else ZoneInfo("UTC")
        return {"signed_in": signed_in, "zone": zone, "staff_name": lambda who: named(line, who)}


def named(line: Services, who: str) -> str:
    """Who did something, as people say it."""
    if who in {"", "bot"}:
        return "the line"
    return "the caller" if who == CALLER else line.errands.name(who) or "somebody who left"


def age(since: datetime, now: datetime) -> str:
    """How long ago, short: 40 s, 12 min, 3 h 05 min, 2 d."""
    seconds = max(0, int((now - since).total_seconds()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h {minutes % 60:02} min" if hours < 48 else f"{hours // 24} d"


def clock_time(moment: datetime, zone: ZoneInfo) -> str:
    """03:12:09 in somebody's own zone."""
    return f"{moment.astimezone(zone):%H:%M:%S}"


def moment_time(moment: datetime, zone: ZoneInfo, now: datetime) -> str:
    """03:12:09 of the same day, and with its day if it was another."""
    same_day = moment.astimezone(zone).date() == now.astimezone(zone).date()
    return clock_time(moment, zone) if same_day else day_time(moment, zone)


def until_time(end: datetime, start: datetime, zone: ZoneInfo) -> str:
    """The end of a stretch: with its day only if that is another than the day it begins."""
    local = end.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == start.astimezone(zone).date() else day_time(end, zone)


def day_time(moment: datetime, zone: ZoneInfo) -> str:
    """Wed 25 Nov, 03:12."""
    return f"{moment.astimezone(zone):%a %d %b, %H:%M}"


def field_time(moment: datetime, zone: ZoneInfo) -> str:
    """What a datetime-local field takes."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
