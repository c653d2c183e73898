"""Whatever keeps a command from the line is said in words, by every command there is: a new one is tried by itself."""

import shutil

import click
import pytest
from click.testing import CliRunner

from config import content, demo
from config.settings import Settings
from helpline.__main__ import main
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.wiring import build
from tests.flows.escalation.line import at, new_case

WITHOUT_THE_LINE = {
    "capacity": "reads a file of costs",
    "flows diff": "compares content directories",
    "flows draw": "reads a content directory",
    "flows review": "reads a content directory",
    "flows schema": "prints what the program knows",
    "forecast": "reads two files",
    "keys": "draws random",
    "safety evaluate": "reads a content directory",
    "sbom": "lists packages",
    "try": "reads a content directory",
}
ENDLESS = {"run": "starts everything", "monitor": "watches until it is stopped"}
CHECKS = {"check": "tells every fault at once in its own form"}
SETTINGS_ALONE = {"backup", "restore", "fallback", "provision", "web"}
"""These read the settings and ask Redis, the content or Twilio, each for itself."""
GOES_ON = {"roster show", "roster gaps"}
"""What these can say without the line they say, and name what is missing."""

REAL = {
    "HELPLINE_DEMO": "0",
    "TWILIO_ACCOUNT_SID": f"AC{'0' * 32}",
    "TWILIO_AUTH_TOKEN": "0" * 32,
    "TWILIO_API_URL": "http://127.0.0.1:9",
}
"""No demo, whose people count without asking Redis."""


def leaves(group, path=()):
    """Every command by its words; a group that does something by itself counts as one."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            if command.invoke_without_command:
                yield " ".join((*path, name)), command
            yield from leaves(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


COMMANDS = dict(leaves(main))
TALKING = sorted({*COMMANDS} - {*WITHOUT_THE_LINE} - {*ENDLESS} - {*CHECKS} - SETTINGS_ALONE - GOES_ON)


def value(parameter, folder):
    """Something this parameter takes."""
    match parameter.type:
        case click.Choice(choices=choices):
            return str(choices[0])
        case click.Path(exists=True):
            (folder / "given").write_text("nothing")
            return str(folder / "given")
        case click.Path():
            return str(folder / "written")
        case _:
            return {"code": "123456", "base": "https://static.example.org/line"}.get(parameter.name, "ana")


def words(name, folder):
    """The command with all it must have."""
    asked = [one for one in COMMANDS[name].params if one.required]
    given = [
        word
        for one in asked
        for word in ((one.opts[0], value(one, folder)) if one.opts[0][0] == "-" else (value(one, folder),))
    ]
    return [*name.split(), *given]


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Runs a command; gives what it said when it ended as a command may: with a word and an exit code."""
    monkeypatch.chdir(tmp_path)

    def run(name, env):
        ended = CliRunner().invoke(main, words(name, tmp_path), env=env, input="+12025550123\n")
        assert isinstance(ended.exception, SystemExit), repr(ended.exception)
        assert ended.exit_code == 1, ended.output
        assert "Traceback" not in ended.output
        assert "Error: " in ended.output
        return ended.output

    return run


@pytest.fixture(scope="module")
def env(tmp_path_factory):
    """A line whose Redis runs."""
    folder = tmp_path_factory.mktemp("v")
    with EmbeddedRedis(folder):
        yield demo.completed({"VAR_DIR": str(folder), "HELPLINE_DEMO": "1"})


def test_every_command_is_placed():
    placed = {*WITHOUT_THE_LINE, *ENDLESS, *CHECKS, *SETTINGS_ALONE, *GOES_ON}
    assert placed <= {*COMMANDS}
    assert len(TALKING) >= 15


@pytest.mark.parametrize("name", sorted({*TALKING, *SETTINGS_ALONE, "run", "monitor"}))
def test_wrong_settings_are_said_with_how_to_mend_them(name, said):
    output = said(name, {"HELPLINE_DEMO": "0"})
    assert "TWILIO_AUTH_TOKEN is missing" in output
    assert "PUBLIC_URL is missing" in output


@pytest.mark.parametrize("name", [*TALKING, "fallback", "monitor"])
def test_wrong_content_is_said_with_its_place(name, said, env, tmp_path):
    copy = shutil.copytree(content.SHIPPED, tmp_path / "content")
    (copy / "line.yaml").write_text("languages: [english\n")
    assert "line.yaml:" in said(name, env | {"CONTENT_DIR": str(copy)})


@pytest.mark.parametrize("name", [*TALKING, "monitor"])
def test_a_wrong_policy_is_said_with_its_place(name, said, env, tmp_path):
    copy = shutil.copytree(content.SHIPPED, tmp_path / "content")
    (copy / "policy.yaml").write_text("emergency: tomorrow\n")
    assert "policy.yaml:" in said(name, env | {"CONTENT_DIR": str(copy)})


@pytest.mark.parametrize("name", [*TALKING, "monitor"])
def test_a_wrong_roster_is_said_with_its_place(name, said, env, tmp_path):
    (tmp_path / "roster.yaml").write_text("staff: nobody\n")
    assert "roster.yaml:" in said(name, env | {"ROSTER_FILE": str(tmp_path / "roster.yaml")})


@pytest.mark.parametrize("name", TALKING)
def test_a_redis_that_does_not_answer_is_said_with_what_to_look_at(name, said, env):
    output = said(name, env | REAL | {"REDIS_URL": "redis://127.0.0.1:9"})
    assert "Is the line running, and is REDIS_URL its Redis?" in output


def test_records_of_another_key_are_said_with_what_is_missing(said, env):
    line = build(Settings.read(env))
    line.store.transact(lambda tx: tx.put_case(new_case(), (), at(1)))
    output = said("cases", env | {"HELPLINE_SECRET_KEYS": demo.new_key()})
    assert "opens with none of HELPLINE_SECRET_KEYS" in output
    assert "Put the key" in output


def test_what_nobody_foresaw_is_not_hidden(monkeypatch):
    @click.command()
    def broken():
        raise ZeroDivisionError

    monkeypatch.setitem(main.commands, "broken", broken)
    assert isinstance(CliRunner().invoke(main, ["broken"]).exception, ZeroDivisionError)
