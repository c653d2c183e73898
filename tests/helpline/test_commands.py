import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from helpline import __main__ as commands
from helpline.__main__ import main

PROJECT = Path(__file__).parents[2]


def test_help_lists_every_command_without_loading_a_server_library():
    code = (
        "import sys; from helpline.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('flask', 'redis', 'rq', 'twilio', 'pydantic') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[-1] == "[]"
    assert all(f"  {name} " in shown for name in ("check", "keys", "run", "web", *commands._ELSEWHERE))


def test_keys_are_new_and_strong_each_time():
    first, second = (CliRunner().invoke(main, ["keys"]).output.splitlines() for _ in range(2))
    assert not {*first} & {*second}
    assert all(Fernet(line.split("=", 1)[1]) for line in first)


def test_a_command_of_a_module_that_is_not_there_says_so(monkeypatch):
    monkeypatch.setitem(commands._ELSEWHERE, "later", ("helpline.not_yet:later", "Not yet."))
    result = CliRunner().invoke(main, ["later"])
    assert result.exit_code == 1
    assert result.output == "Error: `helpline later` is not part of this build: there is no helpline.not_yet.\n"


def test_a_module_that_misses_something_else_is_not_taken_for_a_missing_command(monkeypatch, tmp_path):
    (tmp_path / "needs_more.py").write_text("import something_that_is_not_installed\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(commands._ELSEWHERE, "later", ("needs_more:later", "Not yet."))
    result = CliRunner().invoke(main, ["later"])
    assert isinstance(result.exception, ModuleNotFoundError)


@pytest.mark.parametrize("command", ["run", "web"])
def test_wrong_settings_are_told_before_anything_starts(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HELPLINE_DEMO", "0")
    started = time.monotonic()
    result = CliRunner().invoke(main, [command])
    assert result.exit_code == 1
    assert "TWILIO_AUTH_TOKEN is missing" in result.output
    assert "PUBLIC_URL is missing" in result.output
    assert time.monotonic() - started < 10


def test_broken_content_is_told_before_anything_starts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "content").mkdir()
    monkeypatch.setenv("CONTENT_DIR", str(tmp_path / "content"))
    result = CliRunner().invoke(main, ["run"])
    assert result.exit_code == 1
    assert "FAULT    line.yaml" in result.output


def test_check_fails_a_release_with_a_fault(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HELPLINE_DEMO", "0")
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    assert "to mend before the line can run." in result.output
