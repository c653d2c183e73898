"""`helpline roster`: who is on call now and next, and when nobody will be.

As the running line has it, where that can be asked; what could not be read is said on the error output.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from config.roster import read_roster
from config.settings import Settings, SettingsFaults, from_environment
from flows.roster import (
    Gap,
    OnCallList,
    Override,
    Roster,
    StaffId,
    gaps,
    next_change,
    on_call,
    with_overrides,
)
from helpline.staff.roster_source import RosterSource
from helpline.store import Unavailable
from helpline.wiring import connect, staff_key, store_of

LOOK_AHEAD = timedelta(days=14)
_FILE = click.argument("file", type=click.Path(path_type=Path), required=False)
_OVERRIDES = click.option(
    "--overrides",
    type=click.Path(path_type=Path),
    help="JSON file of overrides, a list of objects, instead of those that the running line keeps.",
)
_AT = click.option("--at", help="Ask about another time than now, such as 2026-12-25T08:00-05:00.")


@click.group()
def roster() -> None:
    """Who is on call, and when nobody is."""


@roster.command()
@_FILE
@_OVERRIDES
@_AT
def show(file: Path | None, overrides: Path | None, at: str | None) -> None:
    """Say who is on call now and next, list by list. FILE: another roster than the line's own."""
    for line in now_and_next(_roster(file, overrides), _time(at)):
        click.echo(line)


@roster.command(name="gaps")
@_FILE
@_OVERRIDES
@_AT
def gaps_command(file: Path | None, overrides: Path | None, at: str | None) -> None:
    """List every uncovered minute of the next 14 days; the exit code is 1 if there is any.

    FILE: another roster than the line's own.
    """
    start = _time(at)
    current = _roster(file, overrides)
    found = gaps(current, start, start + LOOK_AHEAD)
    for line in gap_lines(current, found):
        click.echo(line)
    sys.exit(1 if found else 0)


def now_and_next(current: Roster, now: datetime) -> Iterator[str]:
    """Lines that say, for each list, who is on at `now`, until when, and who is next; times are the list's."""
    for one in current.lists:
        yield f"{one.name} ({one.zone})"
        change = next_change(current, now, one.name)
        yield f"  now   {_names(current, one, on_call(current, now, one.name))}"
        if change is None:
            yield "  next  no change in the next 400 days"
        else:
            after = _names(current, one, on_call(current, change, one.name))
            yield f"  next  {after}, from {_local(change, one.zone)}"


def gap_lines(current: Roster, found: tuple[Gap, ...]) -> Iterator[str]:
    """A line for each gap in its list's own time, and the sum; or one line that says there is none."""
    if not found:
        yield f"Somebody is on call at every minute of the next {LOOK_AHEAD.days} days."
        return
    zones = {one.name: one.zone for one in current.lists}
    for gap in found:
        zone = zones[gap.list_name]
        yield (
            f"{gap.list_name}: nobody from {_local(gap.start, zone)} to {_local(gap.end, zone)} "
            f"({_length(gap.end - gap.start)}, {zone})"
        )
    total = sum((gap.end - gap.start for gap in found), timedelta())
    yield f"{len(found)} gaps, {_length(total)} in all, in the next {LOOK_AHEAD.days} days."


def _names(current: Roster, one: OnCallList, staff: tuple[StaffId, ...]) -> str:
    if not staff:
        return "NOBODY (a gap)" if one.always_covered else "nobody"
    return ", ".join(person.name for person in current.staff_in_order(staff))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %d %b %Y %H:%M %Z}"


def _length(span: timedelta) -> str:
    hours, minutes = divmod(int(span.total_seconds()) // 60, 60)
    return f"{hours} h {minutes:02} min"


def _time(at: str | None) -> datetime:
    if at is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.UsageError(f'--at "{at}" is not a time. Write it as 2026-12-25T08:00-05:00.') from None
    if moment.tzinfo is None:
        raise click.UsageError(f'--at "{at}" does not say its zone. Add the offset, such as {at}-05:00, or Z for UTC.')
    return moment.astimezone(UTC)


def _roster(file: Path | None, overrides: Path | None) -> Roster:
    """The roster with the live overrides laid on; ends the command if its file is faulty."""
    try:
        settings = from_environment()
    except SettingsFaults:
        where = file or Path(str(Settings.model_fields["roster_file"].default))
        written = _written(where)
        if overrides is None:
            _alone(where, "the settings of the line are not complete (`helpline check` says why)")
        return with_overrides(written, _live(overrides)) if overrides else written
    where = file or settings.roster_file
    written = _written(where)
    return with_overrides(written, _live(overrides)) if overrides else _as_the_line_has_it(settings, where, written)


def _written(file: Path) -> Roster:
    current, faults = read_roster(file)
    for fault in faults:
        click.echo(str(fault), err=True)
    if current is None:
        sys.exit(2)
    return current


def _as_the_line_has_it(settings: Settings, file: Path, written: Roster) -> Roster:
    """With the swaps, cover and absences that are in Redis, and only those who can be paged."""
    store = store_of(settings, connect(settings))
    click.get_current_context().call_on_close(store.close)
    try:
        live = store.live_roster()
    except Unavailable as fault:
        _alone(file, str(fault))
        return written
    source = RosterSource(file, written, lambda: live, staff_key(settings, store))
    reachable = {person.id for person in source.now().staff}
    for person in written.staff:
        if person.id not in reachable:
            click.echo(f"{person.name} is not paged: no number of theirs is verified yet.", err=True)
    click.echo(f"Read: {file.name} and {len(live.overrides)} live changes.", err=True)
    return source.now()


def _alone(file: Path, why: str) -> None:
    click.echo(f"ONLY {file.name} WAS READ: {why}. Swaps, cover and absences made since are missing here.", err=True)


def _live(file: Path) -> list[Override]:
    try:
        return [Override.from_json(entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    except OSError as error:
        raise click.UsageError(f"{file.name} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{file.name} is not a JSON list of overrides: {error!r}.") from error
