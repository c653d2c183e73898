"""`helpline provision`: leads the Twilio number to this line. Shows what would change, asks, and can undo it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import click

from config.setting_values import root_address
from config.settings import Settings, from_environment
from helpline.commands.places import NotThere, Place, places
from helpline.commands.undo import UndoFile, Unusable
from helpline.commands.webhook_plan import difference
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.reachable import Unreachable, probe

WRONG_CREDENTIALS = frozenset({20003, 401, 20404, 404})


@click.command()
@click.option("--yes", is_flag=True, help="Change without asking.")
@click.option("--undo", is_flag=True, help="Put back what stood there before the last change.")
@click.option("--fallback", "fallback_base", default="", help="Where the documents of `helpline fallback` are hosted.")
@click.option("--unreachable", is_flag=True, help="Go on although the public address cannot be reached from here.")
def provision(*, yes: bool, undo: bool, fallback_base: str, unreachable: bool) -> None:
    """Set the webhooks of the helpline's number and Messaging Service at Twilio, with retries."""
    settings = from_environment()
    base = _base(fallback_base)
    if not undo and not unreachable:
        _reach(settings)
    file = UndoFile(settings.var_dir, settings.helpline_number)
    try:
        found = places(settings, base)
        _change(_before(file, found) if undo else found, settings, None if undo else file, yes=yes)
    except (NotThere, Unusable) as fault:
        raise click.ClickException(f"{fault}. Nothing was changed.") from fault
    except Refused as fault:
        raise click.ClickException(refusal(fault)) from fault
    except (Unavailable, Uncertain) as fault:
        raise click.ClickException(f"{fault}. Run it again: what is set already is left as it is.") from fault


def refusal(fault: Refused) -> str:
    """A refusal in words that say how to mend it."""
    if fault.code in WRONG_CREDENTIALS:
        return (
            f"Twilio does not know these credentials (error {fault.code}). Copy TWILIO_ACCOUNT_SID and "
            "TWILIO_AUTH_TOKEN from the Twilio Console. Nothing was changed."
        )
    return f"{fault}. Nothing was changed."


def rows(place: Place) -> Iterator[str]:
    """The difference, old over new."""
    yield f"{place.name}:"
    for name, (now, then) in place.changes.items():
        yield f"  {name}"
        yield f"    - {now or '(empty)'}"
        yield f"    + {then or '(empty)'}"


def _base(address: str) -> str:
    try:
        return root_address(address) if address else ""
    except ValueError as fault:
        raise click.ClickException(
            f"--fallback: {fault}. Give an address like https://static.example.org/line"
        ) from fault


def _reach(settings: Settings) -> None:
    try:
        probe(settings)
    except Unreachable as fault:
        raise click.ClickException(
            f"{fault}. Nothing was changed. If only this machine cannot reach it, add --unreachable."
        ) from fault


def _before(file: UndoFile, found: Sequence[Place]) -> tuple[Place, ...]:
    """The same places, with what stood there before the last change as what is to stand there."""
    kept = file.of([place.sid for place in found], {place.sid: place.then.keys() for place in found})
    return tuple(replace(place, then=kept[place.sid]) for place in found if place.sid in kept)


def _change(found: Sequence[Place], settings: Settings, file: UndoFile | None, *, yes: bool) -> None:
    todo = [place for place in found if place.changes]
    names = " and ".join(place.name for place in todo or found)
    if not todo:
        click.echo(f"{names}: set already; nothing to change.")
        return
    for place in todo:
        for row in rows(place):
            click.echo(row)
    if not yes and not click.confirm(f"Set this on {names}?"):
        raise click.ClickException("Nothing was changed.")
    if file is not None:
        file.begin({place.sid: place.now for place in todo})
    _set(todo)
    if file is not None:
        file.end()
        click.echo(f"{names}: set, leads to {settings.public_url}. To put it back: helpline provision --undo")
    else:
        click.echo(f"{names}: as it was before.")


def _set(todo: Sequence[Place]) -> None:
    for count, place in enumerate(todo):
        try:
            after = place.set({name: value for name, (_, value) in place.changes.items()})
        except Refused as fault:
            done = ", ".join(one.name for one in todo[:count])
            if not done:
                raise
            raise click.ClickException(
                f"{place.name}: {fault}. {done}: changed already; --undo puts it back."
            ) from fault
        if left := difference(after, place.then):
            raise click.ClickException(f"Twilio kept other values for {', '.join(left)}. Run it again, or look there.")
