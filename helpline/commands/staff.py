"""`helpline staff`: whose numbers count, the codes that make them count, and calendars out and in."""

import sys
from pathlib import Path

import click

from flows.roster import Staff, StaffId
from helpline.commands.line import line_of_command
from helpline.staff.calendars import read_overrides
from helpline.staff.duty_feed import feed_address
from helpline.store import Transaction
from helpline.wiring import Services

_WHO = click.argument("who")


@click.group()
def staff() -> None:
    """Whose numbers count, and when they are on."""


@staff.command(name="list")
def list_() -> None:
    """Everybody on the roster, whether each number counts, and the address of their duty calendar."""
    line = line_of_command()
    missing = {number for _, number in line.roster.unverified()}
    for person in line.roster.written.staff:
        click.echo(f"{person.id}  {person.name}  {person.role}")
        for number in person.phones:
            click.echo(f"  {number}  {'NOT VERIFIED: it is not paged' if number in missing else 'counts'}")
        click.echo(f"  {feed_address(line, person)}")


@staff.command()
@_WHO
def verify(who: str) -> None:
    """Send a code to every number of this person that does not count yet; by call where they take no texts."""
    line = line_of_command()
    person = _person(line, who)
    for one, number in line.roster.unverified():
        if one.id == person.id:
            line.numbers.send_code(person, number)
            click.echo(f"{number}: a code is on its way. It counts for 15 minutes.")


@staff.command()
@_WHO
@click.argument("code")
def confirm(who: str, code: str) -> None:
    """Take the code that this person heard in a call; by text they reply it themselves."""
    line = line_of_command()
    person = _person(line, who)
    if not any(line.numbers.take(person, number, code) for number in person.phones):
        click.echo("That is not the code, or it is too old. Send a new one with `helpline staff verify`.", err=True)
        sys.exit(1)
    click.echo(f"{person.name} gets pages on that number from now on.")


@staff.command()
@_WHO
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def calendar(who: str, file: Path) -> None:
    """Take swaps, covers and absences from this person's calendar file (.ics), in place of what it said before."""
    line = line_of_command()
    person = _person(line, who)
    reading = read_overrides(
        file.read_bytes(), person, roster=line.roster.now(), shown_as=file.name, since=line.clock()
    )
    for fault in reading.faults:
        click.echo(str(fault), err=True)

    def decide(tx: Transaction) -> None:
        for old in tx.overrides():
            if old.id.startswith(f"calendar-{person.id}-"):
                tx.drop_override(old.id)
        for override in reading.overrides:
            tx.put_override(override)
        tx.audit("calendar_taken", staff=person.id, count=str(len(reading.overrides)))

    line.store.transact(decide)
    click.echo(f"{len(reading.overrides)} taken, {len(reading.faults)} not understood.")
    sys.exit(1 if reading.faults else 0)


def _person(line: Services, who: str) -> Staff:
    found = line.roster.written.staff_member(_id(line, who))
    if found is None:
        known = ", ".join(person.id for person in line.roster.written.staff)
        raise click.UsageError(f'Nobody on the roster is called "{who}". There are: {known}.')
    return found


def _id(line: Services, who: str) -> StaffId:
    said = who.casefold()
    names = {person.id: {person.id.casefold(), person.name.casefold()} for person in line.roster.written.staff}
    return next((one for one, called in names.items() if said in called), StaffId(""))
