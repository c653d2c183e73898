"""`helpline ledger` and `helpline reconcile`: what became of everybody who reached the line, and finding who did not.

Shows ids and words of ours only: a caller's number and words are for the console, where looking is audited.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

import click

from flows.ledger import Contact, Gap, Tally
from helpline.commands.line import line_of_command
from helpline.gateway.failures import Refused, Uncertain
from helpline.gateway.failures import Unavailable as TwilioUnavailable
from helpline.ledger.book import DAY
from helpline.ledger.reconcile import AnotherLine, CheckpointUnreadable, Found, TooFarBack
from helpline.wiring import Services


@click.group(invoke_without_command=True)
@click.pass_context
def ledger(ctx: click.Context) -> None:
    """Everybody who reached the line in the last 24 hours, how each contact ended, and whether the sum adds up."""
    if ctx.invoked_subcommand is None:
        _today(line_of_command())


@ledger.command()
def gaps() -> None:
    """Contacts that nobody owes anything, or that are past their time; exit code 1 if there is one."""
    if _gaps(line_of_command()):
        raise SystemExit(1)


@ledger.command()
@click.argument("contact_id")
def show(contact_id: str) -> None:
    """Show one contact, by its id or the id of its conversation."""
    _show(line_of_command(), contact_id)


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ"]), help="From when, in UTC.")
def reconcile(since: datetime | None) -> None:
    """Compare Twilio's lists with the ledger now; what was missed is answered late, people in danger first."""
    _compare(line_of_command(), None if since is None else since.replace(tzinfo=UTC))


def rows(contacts: Iterable[Contact]) -> Iterator[str]:
    """A line for each contact."""
    yield f"{'contact':<18}{'channel':<9}{'came (UTC)':<18}{'events':<8}how it ended, or whose turn it is"
    for contact in contacts:
        late = f"  late by {int(contact.late_by.total_seconds() // 60)} min" if contact.missed else ""
        yield (
            f"{contact.id:<18}{contact.channel.value:<9}{contact.began_at:%d %b %H:%M:%S}   "
            f"{contact.events:<8}{_standing(contact)}{late}"
        )


def total(tally: Tally) -> Iterator[str]:
    """The sum in words."""
    parts = (*tally.ended, *((f"open with {owner.value}", count) for owner, count in tally.owed))
    yield (
        f"{tally.came} came: "
        + (", ".join(f"{count} {word.replace('_', ' ')}" for word, count in parts) or "nobody")
        + "."
    )
    if tally.missed:
        yield f"{tally.missed} of them came while the line was down."
    yield "It adds up." if tally.adds_up and not tally.gaps else f"It does NOT add up: {tally.gaps} to look at."


def gap_rows(found: Iterable[Gap]) -> Iterator[str]:
    """A line for each gap."""
    for gap in found:
        since = f" since {gap.since:%d %b %H:%M} UTC" if gap.since else ""
        yield f"{gap.contact_id:<18}  {gap.kind.value.replace('_', ' ')}{since}"


def _standing(contact: Contact) -> str:
    if contact.ending is not None:
        return contact.ending.value.replace("_", " ")
    due = f"until {contact.due_at:%d %b %H:%M} UTC" if contact.due_at else "with no time"
    return f"open: {contact.owner.value if contact.owner else 'NOBODY'}, {due}"


def _today(line: Services) -> None:
    since = line.clock() - DAY
    for row in (*rows(line.ledger.day(since)), *total(line.ledger.tally(since))):
        click.echo(row)


def _gaps(line: Services) -> bool:
    found = line.ledger.gaps()
    for row in gap_rows(found) if found else ("Nobody is forgotten and nobody is late.",):
        click.echo(row)
    return bool(found)


def _show(line: Services, contact_id: str) -> None:
    contact = line.ledger.one(contact_id)
    if contact is None:
        raise click.ClickException(f"No contact has the id {contact_id!r}: `helpline ledger` lists those of today.")
    for row in rows((contact,)):
        click.echo(row)
    if contact.case_id and (case := line.store.case(contact.case_id)) is not None:
        click.echo(f"case {case.code}, {case.state.value}: `helpline cases show {case.code}` tells the rest.")


def _compare(line: Services, since: datetime | None) -> None:
    try:
        found = line.reconciler.run(since)
    except (AnotherLine, CheckpointUnreadable, TooFarBack) as fault:
        raise click.ClickException(str(fault)) from fault
    except Refused as fault:
        raise click.ClickException(f"{fault}: are the credentials right? Nothing was changed.") from fault
    except (TwilioUnavailable, Uncertain) as fault:
        raise click.ClickException(f"{fault}. Nothing was changed; try again.") from fault
    click.echo(said(found))


def said(found: Found) -> str:
    """What a comparison came to, in words."""
    if not found.texts and not found.calls:
        return f"Compared since {found.since:%d %b %H:%M} UTC: nobody was missed."
    more = "" if found.finished else " There is more: the clock goes on with it."
    return (
        f"Compared since {found.since:%d %b %H:%M} UTC: {found.texts} texts and {found.calls} calls were missed "
        f"and are taken up.{more}"
    )
