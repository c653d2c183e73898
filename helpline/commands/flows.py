"""`helpline flows …` and `helpline try`: for the people who write what the line says."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from shutil import get_terminal_size

import click

from config import content
from config.content_schema import content_schema
from config.settings import Settings
from flows.difference import differences, stranded
from flows.draw import draw as picture
from flows.fault import Fault
from flows.loaded import LoadedContent
from flows.review import review as reviewed
from helpline.content.trial import QUIT, Trial, TrialLine, played

DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)
content_option = click.option(
    "--content",
    "directory",
    type=DIRECTORY,
    envvar="CONTENT_DIR",
    default=Path(str(Settings.model_fields["content_dir"].default)),
    help="The content directory.",
)


@click.group()
def flows() -> None:
    """Review, draw and compare what the line says."""


@flows.command()
@content_option
def review(directory: Path) -> None:
    """Prove that the content can go live; exit code 1 when it cannot, or when a date has run out."""
    faults = _faults(directory)
    for fault in faults:
        click.echo(str(fault))
    if faults:
        click.echo(f"{len(faults)} to mend.")
        sys.exit(1)
    loaded = content.load(directory)
    texts = sum(len(messages) for messages in loaded.catalogue.messages.values())
    languages = ", ".join(loaded.flow.languages)
    click.echo(
        f"Nothing to mend: {len(loaded.flow.nodes)} nodes, {texts} texts ({languages}), version {loaded.flow.version}."
    )


@flows.command()
@content_option
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("docs/flows"), show_default=True)
def draw(directory: Path, out: Path) -> None:
    """Draw one SVG picture for each part of the conversation."""
    loaded = _loaded(directory)
    out.mkdir(parents=True, exist_ok=True)
    for chart in loaded.charts:
        file = out / f"{chart.name}.svg"
        file.write_text(picture(loaded, chart), encoding="utf-8")
        click.echo(f"{file}  {chart.title}")


@flows.command()
@click.argument("old", type=DIRECTORY)
@click.argument("new", type=DIRECTORY)
def diff(old: Path, new: Path) -> None:
    """Show what differs between two content directories; exit code 1 if something does."""
    was, now = _loaded(old), _loaded(new)
    found = differences(was, now)
    for difference in found:
        click.echo(str(difference))
    for name in stranded(was, now):
        click.echo(f"A caller at {name} would be sent to {now.flow.places.landing}; `moves` can name another node.")
    click.echo(f"{len(found)} differences." if found else "No difference.")
    sys.exit(1 if found else 0)


@flows.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file instead.")
def schema(out: Path | None) -> None:
    """Print the JSON Schema of the content files, for editors."""
    text = json.dumps(content_schema(), indent=2, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        click.echo(str(out))


@click.command()
@content_option
@click.option(
    "--script", type=click.File(encoding="utf-8"), help="Answers to give, one a line, instead of the keyboard."
)
@click.option("--language", default="", help="Begin in this language.")
def try_(directory: Path, script: Iterator[str] | None, language: str) -> None:
    """Talk to the line in this terminal, by text and by call side by side, with what would happen behind it.

    An answer is given to both. A line beginning with `/` is an event: /silence, /hangup, /call, /again, /wait SECONDS,
    /case STATE, /quit. In a script `#` begins a remark, and `/first TEXT` as its first line is what is said first.
    """
    loaded = _loaded(directory)
    spoken, started = language or loaded.catalogue.default, datetime.now(UTC).replace(microsecond=0)
    if script is None:
        _talk(Trial(loaded, spoken, started))
        return
    try:
        for line, given in played(loaded, script, spoken, started):
            if line:
                click.echo(f"> {line}")
            _show(given)
    except ValueError as fault:
        raise click.ClickException(str(fault)) from fault


def _talk(trial: Trial) -> None:
    """With a person at the keyboard, who may mistype a command."""
    _show(trial.begin())
    while True:
        try:
            line = click.prompt("", prompt_suffix="> ", default="", show_default=False)
        except click.Abort:
            return
        if line == QUIT:
            return
        try:
            _show(trial.give(line))
        except ValueError as fault:
            click.echo(str(fault))


def _show(given: TrialLine) -> None:
    for shown in given.drawn(get_terminal_size(fallback=(100, 24)).columns):
        click.echo(shown)


def _faults(directory: Path) -> tuple[Fault, ...]:
    try:
        return reviewed(content.load(directory), datetime.now(UTC).date())
    except content.ContentFaults as refused:
        return refused.faults


def _loaded(directory: Path) -> LoadedContent:
    try:
        return content.load(directory)
    except content.ContentFaults as refused:
        raise click.ClickException(str(refused)) from refused
