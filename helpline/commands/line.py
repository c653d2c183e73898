"""The line as one command sees it: its connections are closed when the command ends."""

import click

from config.settings import Settings, from_environment
from helpline.wiring import Services, build


def line_of_command(settings: Settings | None = None) -> Services:
    """The services, until the command ends; the settings are the environment's unless they were read already.

    Raises:
        SettingsFaults, ContentFaults, PolicyFaults, RosterFaults: with everything that is wrong.

    """
    line = build(settings or from_environment())
    click.get_current_context().call_on_close(line.store.close)
    return line
