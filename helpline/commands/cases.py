"""`helpline cases`: the open cases in a terminal, for whoever runs the line when the console is out of reach.

Shows ids and words of ours only: a caller's number and words are for the console, where looking is audited.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click

from flows import handling
from flows.case import Case, Line, LineKind, Outcome
from helpline.commands.line import case_with_code, line_of_command, staff_with_id
from helpline.wiring import Services

OUTCOMES = tuple(outcome.value for outcome in Outcome if outcome is not Outcome.WITHDRAWN_BY_CALLER)


@click.group(invoke_without_command=True)
@click.pass_context
def cases(ctx: click.Context) -> None:
    """Look at open cases, and act on one. Alone: list them, the most serious and longest waiting first."""
    if ctx.invoked_subcommand is None:
        _list(line_of_command())


@cases.command()
@click.argument("code")
def show(code: str) -> None:
    """Show everything that happened to the case with this code, without anybody's words."""
    _show(line_of_command(), code)


@cases.command()
@click.argument("code")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--as", "staff_id", required=True, help="Who decides this: an id of the roster.")
def close(code: str, outcome: str, staff_id: str) -> None:
    """Close the case with this code by a staff member's word."""
    _close(line_of_command(), code, Outcome(outcome), staff_id)


def rows(found: tuple[Case, ...], now: datetime) -> Iterator[str]:
    """A line for each case, most serious and longest waiting first; or one line that says there is none."""
    if not found:
        yield "No case is open."
        return
    yield f"{'code':<6}{'level':<11}{'state':<11}{'open for':<10}{'who has it':<14}{'asked':<7}rounds without a claim"
    for case in sorted(found, key=lambda case: (-case.urgency, case.opened_at)):
        yield (
            f"{case.code:<6}{case.urgency.word:<11}{case.state.value:<11}{_age(now - case.opened_at):<10}"
            f"{case.owner or '-':<14}{len(case.tried):<7}{case.exhausted}"
        )


def history(case: Case, timeline: tuple[Line, ...], now: datetime) -> Iterator[str]:
    """The case and what happened to it, a line each. The words of a note stay out of terminals and their logs."""
    yield from rows((case,), now)
    for line in timeline:
        told = line.detail if line.what is not LineKind.NOTE else {}
        facts = " ".join(f"{name}={value}" for name, value in told.items())
        yield f"{line.at:%Y-%m-%d %H:%M:%S}  {line.what.value:<18} {line.who or '-':<14} {facts}".rstrip()


def _list(line: Services) -> None:
    for row in rows(line.store.open_cases(), line.clock()):
        click.echo(row)


def _show(line: Services, code: str) -> None:
    case = case_with_code(line, code)
    for row in history(case, line.store.timeline(case.id), line.clock()):
        click.echo(row)


def _close(line: Services, code: str, outcome: Outcome, staff_id: str) -> None:
    staff = staff_with_id(line, staff_id)
    case = case_with_code(line, code)
    closed = line.dispatch.change(case.id, lambda c, now: handling.close(c, outcome, by=staff.id, now=now))
    if closed is None:
        owner = f"{case.owner} has it" if case.owner else "it is closed already"
        raise click.ClickException(f"Case {case.code} was not closed: {owner}.")
    click.echo(f"Case {case.code} is closed: {outcome.value}.")


def _age(waited: timedelta) -> str:
    minutes = int(waited.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60:02d}" if minutes >= 60 else f"{minutes} min"
