"""`helpline backup` and `helpline restore`: what is in Redis as one file, and back into an empty one."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from config.settings import Settings, from_environment
from helpline.running import embedded_redis
from helpline.store import Unavailable
from helpline.store import backup as backups
from helpline.wiring import connect


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Write everything in Redis into FILE; the line may go on meanwhile. What is sealed stays sealed: keep the keys."""
    settings = from_environment()
    try:
        with _running(settings), connect(settings) as redis:
            count = backups.write(redis, file, datetime.now(UTC))
    except Unavailable as fault:
        raise click.ClickException(f"{fault}. Nothing was written.") from fault
    except OSError as fault:
        raise click.ClickException(f"{file} cannot be written ({fault.strerror}).") from fault
    click.echo(f"{count} records in {file}. Keep HELPLINE_SECRET_KEYS and HELPLINE_LOOKUP_KEY elsewhere.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
def restore(file: Path) -> None:
    """Put FILE into an empty Redis, while web, workers and clock are stopped."""
    settings = from_environment()
    try:
        with _running(settings), connect(settings) as redis:
            count, made = backups.read(redis, file)
    except (backups.Damaged, backups.NotEmpty) as fault:
        raise click.ClickException(f"{fault}.") from fault
    except Unavailable as fault:
        raise click.ClickException(
            f"{fault}. See that Redis runs, is empty and not older than the one before, and try again."
        ) from fault
    click.echo(f"{count} records of {made:%d %b %Y %H:%M} UTC are back. Start the line: its clock compares the rest.")


@contextmanager
def _running(settings: Settings) -> Iterator[None]:
    """Start the embedded Redis for this alone when the line, which would have, is stopped."""
    if settings.redis_url or embedded_redis.answers(settings.redis_socket):
        yield
        return
    try:
        with embedded_redis.EmbeddedRedis(settings.var_dir):
            yield
    except embedded_redis.CannotStart as fault:
        raise click.ClickException(str(fault)) from fault
