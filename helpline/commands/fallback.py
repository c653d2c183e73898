"""`helpline fallback`: documents that answer for the line while it is down, to host on another machine.

They need nothing but a web server for files: Twilio fetches them when the line does not answer (fallback URLs), tells
people 911, 988 and a human's number in every language, and dials that human for who calls.
"""

from pathlib import Path

import click

from config import content as content_files
from config.setting_values import root_address
from config.settings import from_environment
from helpline.channels.static_documents import documents


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--at", "base", required=True, help="The address where this folder will be served, https.")
def fallback(folder: Path, base: str) -> None:
    """Write the documents for Twilio's fallback URLs into FOLDER, to host elsewhere."""
    settings = from_environment()
    try:
        address = root_address(base)
    except ValueError as fault:
        raise click.ClickException(f"--at: {fault}. Give an address like https://static.example.org/line") from fault
    catalogue = content_files.load(settings.content_dir).catalogue
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in documents(settings, catalogue, address).items():
        (folder / name).write_text(document, encoding="utf-8")
        click.echo(f"{folder / name}  to be served at {address}/{name} as text/xml")
    click.echo(f"Then: helpline provision --fallback {address}")
