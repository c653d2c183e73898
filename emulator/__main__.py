"""`python -m emulator`: run the emulator until interrupted."""

import signal
import threading

import click

from emulator.identifiers import is_e164
from emulator.server import Emulator
from emulator.settings import (
    DEFAULT_ACCOUNT_SID,
    DEFAULT_AUTH_TOKEN,
    DEFAULT_NUMBER,
    DEFAULT_PORT,
    NumberSettings,
    Pace,
    Settings,
)


@click.command(context_settings={"auto_envvar_prefix": "EMULATOR"})
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--account-sid", default=DEFAULT_ACCOUNT_SID, show_default=True, help="Account SID to accept.")
@click.option("--auth-token", default=DEFAULT_AUTH_TOKEN, show_default=True, help="Auth token to accept and sign with.")
@click.option("--number", "numbers", multiple=True, default=(DEFAULT_NUMBER,), show_default=True, help="Twilio number.")
@click.option("--sms-url", default="", help="Webhook for incoming messages, set on every number.")
@click.option("--sms-fallback-url", default="", help="Its fallback.")
@click.option("--voice-url", default="", help="Webhook for incoming calls, set on every number.")
@click.option("--voice-fallback-url", default="", help="Its fallback.")
@click.option("--status-callback", default="", help="Where the end of incoming calls is reported.")
@click.option("--phone", "phones", multiple=True, help="A telephone to put up: NUMBER or NUMBER=NAME.")
@click.option("--speed", default=1.0, show_default=True, help="1 real time, 10 ten times faster, 0 stepped by hand.")
@click.option("--word-s", default=0.3, show_default=True, help="Seconds one spoken word takes.")
@click.option("--calls-per-second", default=1.0, show_default=True, help="Rate at which calls made by REST begin.")
def main(
    host: str, port: int, numbers: tuple[str, ...], phones: tuple[str, ...], speed: float, **options: str | float
) -> None:
    """Run a Twilio on loopback until interrupted; point your application's API address at it."""
    for chosen in (*numbers, *(phone.partition("=")[0] for phone in phones)):
        if not is_e164(chosen):
            raise click.BadParameter(f"{chosen} is no phone number such as {DEFAULT_NUMBER}")
    hooks = ("sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback")
    settings = Settings(
        host=host,
        port=port,
        account_sid=str(options["account_sid"]),
        auth_token=str(options["auth_token"]),
        numbers=tuple(NumberSettings(number, **{hook: str(options[hook]) for hook in hooks}) for number in numbers),
        speed=speed,
        pace=Pace(word_s=float(options["word_s"]), calls_per_second=float(options["calls_per_second"])),
    )
    emulator = Emulator(settings)
    try:
        emulator.start()
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another --port"
        ) from error
    for phone in phones:
        number, _, name = phone.partition("=")
        emulator.put_up(number, name)
    click.echo(f"Twilio emulator on {emulator.url}, account {settings.account_sid}, numbers {', '.join(numbers)}")
    click.echo(f"Telephones for people: {emulator.url}/")
    _until_told_to_stop()
    emulator.stop()


def _until_told_to_stop() -> None:
    """Wait for Ctrl-C or a polite kill."""
    told = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: told.set())
    told.wait()


if __name__ == "__main__":
    main()
