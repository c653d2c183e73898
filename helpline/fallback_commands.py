"""`helpline fallback`: documents that answer for the line while it is down, to host on another machine.

They need nothing but a web server for files: Twilio fetches them when the line does not answer (fallback URLs), tells
people 911, 988 and a human's number in every language, and dials that human for who calls.
"""

from pathlib import Path

import click
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import VoiceResponse

from config import content as content_files
from config.content import ContentFaults
from config.setting_values import root_address
from config.settings import Settings, SettingsFaults, from_environment
from flows.catalogue import Catalogue
from flows.events import Channel
from flows.step import Prompt
from helpline.safe_answer import RING_S, SAFE

ROUNDS = 2  # of saying it and dialling, before the document is fetched again: a call that nobody takes goes on


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--at", "base", required=True, help="The address where this folder will be served, https.")
def fallback(folder: Path, base: str) -> None:
    """Write the documents for Twilio's fallback URLs into FOLDER, to host elsewhere."""
    try:
        settings, address = from_environment(), root_address(base)
        catalogue = content_files.load(settings.content_dir).catalogue
    except (SettingsFaults, ContentFaults) as faults:
        raise click.ClickException(str(faults)) from faults
    except ValueError as fault:
        raise click.ClickException(f"--at: {fault}. Give an address like https://static.example.org/line") from fault
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents(settings, catalogue, address).items():
        (folder / name).write_text(document, encoding="utf-8")
        click.echo(f"{folder / name}  to be served at {address}/{name} as text/xml")
    click.echo(f"Then: helpline provision --fallback {address}")


def documents(settings: Settings, catalogue: Catalogue, base: str) -> dict[str, str]:
    """File name to TwiML; the same for everybody, for a file cannot read what was written."""
    languages = (catalogue.default, *(code for code in catalogue.languages if code != catalogue.default))
    return {"sms.xml": _text(settings, catalogue, languages), "voice.xml": _call(settings, catalogue, languages, base)}


def _text(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...]) -> str:
    response = MessagingResponse()
    for language in languages:
        response.message(_say(settings, catalogue, language, Channel.SMS))
    return str(response)


def _call(settings: Settings, catalogue: Catalogue, languages: tuple[str, ...], base: str) -> str:
    response = VoiceResponse()
    for _ in range(ROUNDS):
        for language in languages:
            spoken = catalogue.language(language)
            words = _say(settings, catalogue, language, Channel.VOICE)
            response.say(words, language=spoken.tag, voice=spoken.voice or None)
        response.dial(settings.fallback_number, caller_id=settings.helpline_number, timeout=RING_S)
    response.redirect(f"{base}/voice.xml", method="GET")
    return str(response)


def _say(settings: Settings, catalogue: Catalogue, language: str, channel: Channel) -> str:
    return catalogue.text(Prompt(SAFE, language, {"fallback": settings.fallback_number}), channel)
