"""The line as one command sees it, and the words for what keeps a command from it."""

import click

from config.content import ContentFaults
from config.policy import PolicyFaults
from config.settings import SettingsFaults, from_environment
from helpline.privacy.vault import Unreadable
from helpline.staff.roster_source import RosterFaults
from helpline.store import Conflict, Unavailable
from helpline.wiring import Services, build


def line_of_command() -> Services:
    """The services this environment asks for, until the command ends.

    Raises:
        SettingsFaults, ContentFaults, PolicyFaults, RosterFaults: with everything that is wrong.

    """
    line = build(from_environment())
    click.get_current_context().call_on_close(line.store.close)
    return line


def in_words(fault: Exception) -> click.ClickException | None:
    """What kept a command from its work, and how to mend it; None for what no command foresees."""
    match fault:
        case SettingsFaults() | ContentFaults() | PolicyFaults() | RosterFaults():
            return click.ClickException(str(fault))
        case Unavailable():
            return click.ClickException(f"{fault}. Is the line running, and is REDIS_URL its Redis?")
        case Unreadable():
            return click.ClickException(f"{fault}. Put the key it was sealed with back into the list.")
        case Conflict():
            return click.ClickException(f"{fault}. Nothing was written; try again.")
        case _:
            return None
