"""How many people the coming week needs, hour by hour, beside how many are on call: from what was recorded here."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter

from flows.roster import Role
from helpline.console.access import allowed, me
from helpline.console.figures import hours
from helpline.console.recorded import Recorded, recorded
from helpline.console.reports_page import picture
from helpline.staffing.forecast import Aim, Hour, forecast
from helpline.wiring import Services

WEEKS = {"4": "4 weeks", "8": "8 weeks", "12": "12 weeks"}


@dataclass(frozen=True, slots=True)
class Field:
    """One assumption that can be changed: its name in the address, what it is, and between what it may lie."""

    name: str
    words: str
    usual: float
    least: float
    most: float


FIELDS = (
    Field("handling", "Minutes a case takes", 25, 1, 240),
    Field("patience", "Minutes until callers give up", 15, 1, 240),
    Field("within", "Minutes within which a human is there", 5, 0.5, 120),
    Field("share", "Percent of callers for whom it is so", 90, 50, 99),
)


def add(pages: Blueprint, line: Services, limiter: Limiter) -> None:
    """The addresses of the forecast."""

    @pages.get("/forecast")
    @allowed(Role.SUPERVISOR)
    @limiter.limit("60 per minute")
    def forecast_week() -> ResponseReturnValue:
        """Plot, hours that are short, and what it was reckoned with."""
        line.store.transact(lambda tx: tx.audit("viewed_forecast", staff=me().staff.id))
        past = _past(line)
        asked = _asked(past)
        week = _week(line, past, asked)
        return render_template(
            "console/forecast.html", week=week, short=_worst(week), past=past, asked=asked,
            fields=FIELDS, weeks=WEEKS, chosen=_weeks(),
        )  # fmt: skip

    @pages.get("/forecast.svg")
    @allowed(Role.SUPERVISOR)
    @limiter.limit("60 per minute")
    def forecast_plot() -> ResponseReturnValue:
        """Needed and on call as a plot."""
        from helpline.console import plots  # their library costs a tenth of a second: not at every start

        tone = plots.TONES.get(request.args.get("tone", "dark"))
        if tone is None:
            abort(404)
        past = _past(line)
        return picture(plots.cover(_week(line, past, _asked(past)), tone))


def _worst(week: tuple[Hour, ...]) -> list[Hour]:
    """Hours with too few people, those first in which the fewest callers are answered in time."""
    return sorted((one for one in week if one.short), key=lambda one: (one.in_time, one.at))


def _weeks() -> str:
    asked = request.args.get("weeks", "4")
    return asked if asked in WEEKS else "4"


def _past(line: Services) -> Recorded:
    until = line.clock()
    names = hours(until - timedelta(weeks=int(_weeks())), until)
    return recorded(zip(names, line.console.counts(names), strict=True), me().staff.zone)


def _asked(past: Recorded) -> dict[str, float]:
    """The assumptions in minutes and percent: as typed where that is sensible, else recorded, else usual."""
    measured = {"handling": None if past.handling is None else past.handling / 60}
    return {one.name: _number(one, measured.get(one.name)) for one in FIELDS}


def _number(field: Field, measured: float | None) -> float:
    usual = field.usual if measured is None else min(max(measured, field.least), field.most)
    try:
        typed = float(request.args.get(field.name, ""))
    except ValueError:
        return round(usual, 1)
    return typed if field.least <= typed <= field.most else round(usual, 1)


def _week(line: Services, past: Recorded, asked: dict[str, float]) -> tuple[Hour, ...]:
    start = line.clock().astimezone(me().staff.zone).replace(minute=0, second=0, microsecond=0)
    aim = Aim(asked["handling"] * 60, asked["patience"] * 60, asked["within"] * 60, asked["share"] / 100)
    return forecast(past.arrivals, line.roster.now(), start, aim)
