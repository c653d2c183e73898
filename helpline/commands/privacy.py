"""`helpline privacy`: keys changed on a running line, legal holds, blocks, forgetting somebody at a person's request.

A caller is named by the code of a case, or by a number typed at the prompt: never on the command line, which ends up
in histories and process lists.
"""

from datetime import timedelta

import click

from helpline.arrival import callable_number
from helpline.commands.line import case_with_code, line_of_command, staff_with_id
from helpline.privacy import forgetting
from helpline.store import Transaction
from helpline.store.belongings import Hold, drop_hold, hold_of, put_hold
from helpline.store.counters import Block, block, unblock
from helpline.store.reseal import reseal
from helpline.wiring import Services


@click.group()
def privacy() -> None:
    """Change keys, hold records for the law, forget somebody who asked for it, block somebody."""


@privacy.command(name="reseal")
def reseal_() -> None:
    """Put everything stored under the first of HELPLINE_SECRET_KEYS; the line goes on meanwhile."""
    line = line_of_command()
    done = line.store.ask(lambda redis: reseal(redis, line.store.vault))
    line.store.transact(lambda tx: tx.audit("resealed", changed=str(done.changed), current=str(done.current)))
    click.echo(f"{done.changed} sealed anew, {done.current} were so already, {done.unreadable} open with no key.")
    if done.unreadable:
        raise click.ClickException("Some records open with no key: put the key that is missing back into the list.")
    click.echo("The older keys are needed no more, once every process of the line knows the new one.")


@privacy.command()
@click.option("--case", "code", default="", help="Code of a case of the caller's; without it the number is asked for.")
@click.option("--as", "who", required=True, help="Who enters it: an id of the roster.")
@click.option("--reason", required=True, help="Why: the matter's reference. No name and no number.")
def hold(code: str, who: str, reason: str) -> None:
    """Hold everything about a caller: nothing of it expires or is deleted until the hold is released."""
    line, caller_key = _whose(code)
    line.store.transact(lambda tx: put_hold(tx, caller_key, Hold(staff_with_id(line, who).id, reason, line.clock())))
    click.echo("Held. Nothing about this caller is deleted until the hold is released.")


@privacy.command()
@click.option("--case", "code", default="", help="Code of a case of the caller's; without it the number is asked for.")
@click.option("--as", "who", required=True, help="Who releases it: an id of the roster.")
def release(code: str, who: str) -> None:
    """Release a hold: what it kept expires after its time."""
    line, caller_key = _whose(code)

    def decide(tx: Transaction) -> bool:
        if hold_of(tx, caller_key) is None:
            return False
        drop_hold(tx, caller_key, staff_with_id(line, who).id)
        return True

    click.echo("Released." if line.store.transact(decide) else "There was no hold.")


@privacy.command()
@click.option("--case", "code", default="", help="Code of a case of the caller's; without it the number is asked for.")
@click.option("--as", "who", required=True, help="Who does it: an id of the roster.")
def forget(code: str, who: str) -> None:
    """Forget a caller who asked a person for it; an open case and a legal hold put it off."""
    line, caller_key = _whose(code)

    def decide(tx: Transaction) -> None:
        tx.audit("forget_entered", caller=caller_key, by=staff_with_id(line, who).id)
        forgetting.asked(tx, caller_key, line.clock())

    line.store.transact(decide)
    click.echo("Done: forgotten at once, or as soon as an open case or a hold has ended.")


@privacy.command(name="block")
@click.option("--case", "code", default="", help="Code of a case of the caller's; without it the number is asked for.")
@click.option("--as", "who", required=True, help="Who decides it: an id of the roster.")
@click.option("--reason", required=True, help="Why. No name and no number.")
@click.option("--days", type=click.IntRange(1, 90), default=7, show_default=True, help="When it expires by itself.")
def block_(code: str, who: str, reason: str, days: int) -> None:
    """Answer a caller with the emergency numbers only, for a time. Danger still reaches a person."""
    line, caller_key = _whose(code)
    now = line.clock()
    why = Block(reason, staff_with_id(line, who).id, now + timedelta(days=days))
    line.store.transact(lambda tx: block(tx, caller_key, why, now))
    click.echo(f"Blocked until {why.until:%Y-%m-%d %H:%M} UTC. Danger still reaches a person.")


@privacy.command(name="unblock")
@click.option("--case", "code", default="", help="Code of a case of the caller's; without it the number is asked for.")
@click.option("--as", "who", required=True, help="Who decides it: an id of the roster.")
def unblock_(code: str, who: str) -> None:
    """Take a block back before it expires."""
    line, caller_key = _whose(code)
    line.store.transact(lambda tx: unblock(tx, caller_key, staff_with_id(line, who).id))
    click.echo("Not blocked.")


def _whose(code: str) -> tuple[Services, str]:
    line = line_of_command()
    return line, case_with_code(line, code).caller_key if code else _key_by_number(line)


def _key_by_number(line: Services) -> str:
    number = callable_number(click.prompt("Number of the caller, in E.164", hide_input=True).strip())
    if number is None:
        raise click.ClickException("That is no number in E.164, like +17175550100.")
    return line.store.vault.caller_key(number)
