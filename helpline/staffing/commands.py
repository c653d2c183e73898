"""`helpline forecast` and `helpline capacity`."""

import math
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from config.roster import read_roster
from flows.roster import Roster
from helpline.staffing import capacity as capacities
from helpline.staffing import forecast as forecasts
from helpline.staffing.capacity import Habits
from helpline.staffing.erlang import Unreachable
from helpline.staffing.forecast import Aim, ArrivalsFault, Hour

FILE = click.Path(path_type=Path)


class Number(click.FloatRange):
    """A number in a range. Not NaN, which is in every range, for it compares with nothing."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number: float = super().convert(value, param, ctx)
        if math.isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


MINUTES = Number(0.1, 24 * 60)
SHARE = Number(0.01, 0.999)


@click.command()
@click.argument("roster", type=FILE)
@click.argument("arrivals", type=FILE)
@click.option("--handling", type=MINUTES, default=25.0, show_default=True, help="Minutes a contact takes.")
@click.option("--patience", type=MINUTES, default=15.0, show_default=True, help="Minutes after which callers give up.")
@click.option("--within", type=MINUTES, default=5.0, show_default=True, help="Minutes within which a human is there.")
@click.option("--share", type=SHARE, default=0.9, show_default=True, help="The share of callers that is to be so.")
@click.option("--zone", default="UTC", show_default=True, help="The time zone of the arrivals' hours.")
@click.option("--plot", type=FILE, help="Also draw needed and on call into this SVG file.")
def forecast(roster: Path, arrivals: Path, zone: str, plot: Path | None, **aim: float) -> None:
    """Say for each hour of the coming week how many people are needed, and how many the roster has.

    ARRIVALS is a CSV file with the columns weekday (0 is Monday), hour and contacts: the mean of your records. The exit
    code is 1 if any hour is short.
    """
    try:
        hours = forecasts.forecast(forecasts.read_arrivals(arrivals), _roster(roster), _start(zone), _aim(**aim))
    except (ArrivalsFault, Unreachable) as fault:
        raise click.ClickException(str(fault)) from fault
    for line in forecasts.table(hours):
        click.echo(line)
    if plot is not None:
        _draw(hours, plot)
    sys.exit(1 if any(hour.short for hour in hours) else 0)


@click.command()
@click.option("--contacts-per-hour", type=Number(0.001, 1e7), required=True, help="In an ordinary hour.")
@click.option("--surge", type=Number(1, 1_000), default=3.0, show_default=True, help="Times that at the worst.")
@click.option("--cases", type=Number(0, 1), default=0.3, show_default=True, help="Share who need a human.")
@click.option("--turns", type=Number(0.1, 1_000), default=7.0, show_default=True, help="Texts or keys of a contact.")
@click.option(
    "--request-s", type=Number(0.001, 60), default=0.2, show_default=True, help="Seconds Twilio takes to answer us."
)
@click.option("--costs", type=FILE, default=capacities.COSTS, help="Costs that `make bench` measured elsewhere.")
def capacity(contacts_per_hour: float, surge: float, costs: Path, **habits: float) -> None:
    """Say what a line of so many contacts needs: processes, Redis memory, and Twilio's limits it meets first."""
    try:
        measured = capacities.read_costs(costs)
    except ValueError as fault:
        raise click.ClickException(str(fault)) from fault
    found = capacities.need(contacts_per_hour, surge, measured, Habits(**habits))
    for line in (*capacities.told(found), f"Costs measured on {measured.measured_on}."):
        click.echo(line)


def _draw(hours: tuple[Hour, ...], file: Path) -> None:
    from helpline.staffing import picture  # with its library, which nobody else waits for

    try:
        file.write_bytes(picture.plot(hours))
    except OSError as fault:
        raise click.ClickException(f"--plot: {file} cannot be written ({fault.strerror}).") from fault


def _aim(handling: float, patience: float, within: float, share: float) -> Aim:
    """The aim of options in minutes."""
    return Aim(handling * 60, patience * 60, within * 60, share)


def _roster(file: Path) -> Roster:
    roster, faults = read_roster(file)
    if roster is None:
        raise click.ClickException("\n".join(str(fault) for fault in faults))
    return roster


def _start(zone: str) -> datetime:
    """The full hour that has begun, in the zone of the arrivals."""
    try:
        return datetime.now(UTC).astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:  # OSError: a folder of zones, or no name of a file
        raise click.ClickException(f"{zone!r} is no time zone: give one like America/New_York.") from fault
