"""`helpline`: the commands of the line. Each is loaded when it is called, so that `--help` needs no server library."""

import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import click

_ELSEWHERE = {
    "audit": ("helpline.commands.audit:audit", "Verify the audit trail, and show it."),
    "backup": ("helpline.commands.backup:backup", "Write everything in Redis into a file."),
    "capacity": ("helpline.staffing.commands:capacity", "Say what machines so many contacts need."),
    "cases": ("helpline.commands.cases:cases", "Look at open cases, and act on one."),
    "fallback": ("helpline.commands.fallback:fallback", "Write documents that answer while the line is down."),
    "forecast": ("helpline.staffing.commands:forecast", "Say how many people must be on call each hour."),
    "console-link": ("helpline.commands.audit:console_link", "Print a one-time link that signs an admin in."),
    "flows": ("helpline.commands.flows:flows", "Review and draw the conversation."),
    "ledger": ("helpline.commands.ledger:ledger", "Show what became of everybody who reached the line."),
    "privacy": ("helpline.commands.privacy:privacy", "Change keys, hold records for the law, forget, block."),
    "monitor": ("helpline.commands.monitor:monitor", "Watch the line and alarm by a way that needs none of its parts."),
    "provision": ("helpline.commands.provision:provision", "Set the webhooks on the Twilio number."),
    "reconcile": ("helpline.commands.ledger:reconcile", "Compare Twilio's lists with the ledger now."),
    "restore": ("helpline.commands.backup:restore", "Put a backup into an empty Redis."),
    "roster": ("helpline.commands.roster:roster", "Show who is on call, and where nobody is."),
    "sbom": ("helpline.commands.bill_of_materials:sbom", "Write a bill of materials of what runs, as CycloneDX."),
    "safety": ("helpline.content.evaluate:safety", "Measure how well danger is heard."),
    "staff": ("helpline.commands.staff:staff", "Whose numbers count; codes; calendars out and in."),
    "test-ring": ("helpline.commands.ring:test_ring", "Text or ring a staff phone as a test."),
    "try": ("helpline.commands.flows:try_", "Talk to the line in this terminal."),
}
"""Commands of other modules: where each is, and its one line of help, which must not cost loading it."""


class Commands(click.Group):
    """A group that loads a command's module only when the command is called, and says its faults in words."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as fault:
            from helpline.commands.line import in_words

            if (told := in_words(fault)) is None:
                raise
            raise told from fault

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_ELSEWHERE})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _ELSEWHERE:
            return _load(cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List all commands without loading one."""
        rows = {name: command.get_short_help_str(100) for name, command in self.commands.items()}
        rows |= {name: says for name, (_, says) in _ELSEWHERE.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(rows.items()))


@click.group(cls=Commands)
def main() -> None:
    """A helpline that answers texts and calls and does not let go of a person in danger until a human has them."""


@main.command()
def run() -> None:
    """Start everything on this machine: the line and, without Twilio credentials, a demo with telephones."""
    from config.settings import Settings, environment
    from helpline.commands.check import check_files, tell
    from helpline.running import supervise
    from helpline.running.embedded_redis import CannotStart
    from helpline.running.programs import CannotRun

    env = environment()
    try:
        settings = Settings.read(env)
        if not (report := check_files(env)).passed:
            tell(report, click.echo)
            sys.exit(1)
        supervise.run(settings, env, click.echo)
    except (CannotStart, CannotRun) as fault:
        raise click.ClickException(str(fault)) from fault


@main.command()
def web() -> None:
    """Run the web server alone, in the place of this process."""
    import os

    from config import web as web_server
    from config.settings import from_environment

    command = web_server.command(from_environment())
    os.execv(command[0], command)  # noqa: S606  our own command, no shell


@main.command()
@click.option("--here", is_flag=True, help="Ask neither Twilio nor the public address.")
def check(*, here: bool) -> None:
    """Find every fault of settings, Redis, content, roster and Twilio at once; exit code 1 if one is in the way."""
    from config.demo import is_demo
    from config.settings import environment
    from helpline.commands.check import check as look
    from helpline.commands.check import tell

    env = environment()
    report = look(env, datetime.now(UTC), outside=not here and not is_demo(env))
    tell(report, click.echo)
    sys.exit(0 if report.passed else 1)


@main.command()
def keys() -> None:
    """Draw new keys, as lines for `.env`."""
    from config.demo import new_key

    click.echo(f"HELPLINE_SECRET_KEYS={new_key()}")
    click.echo(f"HELPLINE_LOOKUP_KEY={new_key()}")


def _load(name: str) -> click.Command:
    where, _ = _ELSEWHERE[name]
    module, _, attribute = where.partition(":")
    try:
        command = getattr(import_module(module), attribute)
    except ModuleNotFoundError as fault:
        if fault.name != module:
            raise
        raise click.ClickException(f"`helpline {name}` is not part of this build: there is no {module}.") from fault
    if not isinstance(command, click.Command):
        raise TypeError(f"{where} is no click command")
    return command


if __name__ == "__main__":
    main(prog_name="helpline")
