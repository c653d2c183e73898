"""`helpline audit`: is the trail whole, and what does it say; `helpline console-link`: a way in for an admin."""

import sys
from datetime import UTC, datetime

import click

from helpline.commands.line import line_of_command
from helpline.store.audit import Head


@click.group()
def audit() -> None:
    """Look at the audit trail, and prove that nobody has changed it."""


@audit.command()
@click.option("--head", "kept", default="", help="A head printed earlier and kept elsewhere: NUMBER:ID:HASH.")
def verify(kept: str) -> None:
    """Check every line against the chain; exit code 1 if one was changed, added, moved or taken out."""
    anchor = _head(kept) if kept else None
    verdict = line_of_command().audit.verify(anchor)
    for fault in verdict.faults:
        click.echo(fault)
    head = verdict.head
    click.echo(f"{verdict.lines} lines linked, {verdict.waiting} waiting for their link.")
    click.echo(f"Head: {head.number}:{head.id}:{head.hash}")
    click.echo("The chain is whole." if verdict.whole else "The chain is broken.")
    sys.exit(0 if verdict.whole else 1)


@audit.command()
@click.option("--last", default=50, show_default=True, help="How many lines.")
@click.option("--callers", is_flag=True, help="Callers' turns too, not only what staff did.")
def show(last: int, callers: bool) -> None:  # noqa: FBT001  click gives it by name
    """Print the newest lines, newest first."""
    for line in line_of_command().audit.newest(last, only_staff=not callers):
        at = datetime.fromtimestamp(line.milliseconds / 1000, UTC)
        ids = " ".join(f"{name}={value}" for name, value in sorted(line.ids.items()))
        click.echo(f"{at:%Y-%m-%d %H:%M:%S}  {line.what:18} {ids}")


@click.command()
@click.option("--first", is_flag=True, help="Only if there has never been one; else nothing is printed.")
def console_link(first: bool) -> None:  # noqa: FBT001  click gives it by name
    """Print a new one-time link that signs an admin in; the one before is void."""
    from helpline.console.first_link import first_link

    link = first_link(line_of_command(), again=not first)
    if link is not None:
        click.echo(link)


def _head(kept: str) -> Head:
    number, _, rest = kept.partition(":")
    place, _, hashed = rest.partition(":")
    if not number.isdecimal() or not hashed:
        raise click.UsageError("--head looks like 1234:1763950000000-0:0f3a…, as `helpline audit verify` prints it.")
    return Head(place, int(number), hashed)
