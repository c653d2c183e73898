"""`helpline provision`: leads the Twilio number to this line. Shows what would change, asks, and can undo it."""

import json
import os
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import click

from config.setting_values import root_address
from config.settings import Settings, SettingsFaults, from_environment
from helpline.commands.webhook_plan import difference, wanted
from helpline.gateway.numbers import FIELDS, NumberAtTwilio, Numbers
from helpline.gateway.reachable import Unreachable, probe
from helpline.gateway.rest import Gateway, Refused, Unavailable, Uncertain

UNDO = "provision-undo.json"
WRONG_CREDENTIALS = frozenset({20003, 401, 20404, 404})


@click.command()
@click.option("--yes", is_flag=True, help="Change without asking.")
@click.option("--undo", is_flag=True, help="Put back what stood there before the last change.")
@click.option("--fallback", "fallback_base", default="", help="Where the documents of `helpline fallback` are hosted.")
@click.option("--unreachable", is_flag=True, help="Go on although the public address cannot be reached from here.")
def provision(*, yes: bool, undo: bool, fallback_base: str, unreachable: bool) -> None:
    """Set the webhooks of the helpline's number at Twilio, with retries."""
    settings = _settings()
    then = _before(settings) if undo else wanted(settings, _base(fallback_base))
    if not undo and not unreachable:
        _reach(settings)
    numbers = Numbers(gateway_of(settings))
    try:
        ours = _ours(numbers, settings)
        _change(numbers, ours, then, settings, yes=yes)
    except Refused as fault:
        raise click.ClickException(refusal(fault)) from fault
    except (Unavailable, Uncertain) as fault:
        raise click.ClickException(f"{fault}. Run it again: what is set already is left as it is.") from fault


def gateway_of(settings: Settings) -> Gateway:
    """The way to Twilio with these settings."""
    token = settings.auth_token.get_secret_value()
    return Gateway(
        settings.account_sid,
        token,
        settings.api_url,
        settings.helpline_number,
        no_texts_to=lambda _: False,
        blocked=lambda _: None,
    )


def refusal(fault: Refused) -> str:
    """A refusal in words that say how to mend it."""
    if fault.code in WRONG_CREDENTIALS:
        return (
            f"Twilio does not know these credentials (error {fault.code}). Copy TWILIO_ACCOUNT_SID and "
            "TWILIO_AUTH_TOKEN from the Twilio Console. Nothing was changed."
        )
    return f"{fault}. Nothing was changed."


def rows(changes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """The difference, old over new."""
    for name, (now, then) in changes.items():
        yield name
        yield f"  - {now or '(empty)'}"
        yield f"  + {then or '(empty)'}"


def _settings() -> Settings:
    try:
        return from_environment()
    except SettingsFaults as faults:
        raise click.ClickException(str(faults)) from faults


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


def _ours(numbers: Numbers, settings: Settings) -> NumberAtTwilio:
    found = numbers.ours()
    if not found:
        has = ", ".join(numbers.others()) or "none"
        raise click.ClickException(
            f"This account does not have HELPLINE_NUMBER {settings.helpline_number}; its numbers: {has}. "
            "Give the number of this account, or the account of this number. Nothing was changed."
        )
    return found[0]


def _change(numbers: Numbers, ours: NumberAtTwilio, then: Mapping[str, str], settings: Settings, *, yes: bool) -> None:
    changes = difference(ours.webhooks, then)
    if not changes:
        click.echo(f"{ours.number} is set already; nothing to change.")
        return
    for row in rows(changes):
        click.echo(row)
    if not yes and not click.confirm(f"Set this on {ours.number}?"):
        raise click.ClickException("Nothing was changed.")
    _remember(settings, ours)
    after = numbers.set(ours.sid, {name: value for name, (_, value) in changes.items()})
    left = difference(after.webhooks, then)
    if left:
        raise click.ClickException(f"Twilio kept other values for {', '.join(left)}. Run it again, or look there.")
    click.echo(f"{ours.number} leads to {settings.public_url}. To put it back: helpline provision --undo")


def _remember(settings: Settings, ours: NumberAtTwilio) -> None:
    """What stands there now, for `--undo`; whole before it gets its name."""
    settings.var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = {"number": ours.number, "at": datetime.now(UTC).isoformat(), "webhooks": dict(ours.webhooks)}
    whole = settings.var_dir / f"{UNDO}.{os.getpid()}"
    whole.write_text(json.dumps(kept, indent=1), encoding="utf-8")
    whole.chmod(0o600)
    whole.replace(settings.var_dir / UNDO)


def _before(settings: Settings) -> dict[str, str]:
    """What stood there before the last change."""
    file: Path = settings.var_dir / UNDO
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        number, webhooks = str(kept["number"]), {name: str(kept["webhooks"][name]) for name in FIELDS}
    except FileNotFoundError as fault:
        raise click.ClickException(f"There is nothing to undo: no {file}.") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise click.ClickException(f"{file} cannot be read. Set the webhooks in the Twilio Console.") from fault
    if number != settings.helpline_number:
        raise click.ClickException(f"{file} is about {number}, not {settings.helpline_number}. Nothing was changed.")
    return webhooks
