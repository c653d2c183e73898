"""Procfile, systemd units, image and compose file start the same parts, with what a line depends on."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from ruamel.yaml import YAML

PROJECT = Path(__file__).parents[2]
UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.service"))


def procfile():
    lines = (PROJECT / "Procfile").read_text().splitlines()
    return {name: command for name, command in (line.split(": ", 1) for line in lines) if name != "release"}


def unit(file):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(file)
    return parser


def compose():
    return YAML(typ="safe").load(PROJECT / "compose.yaml")


def test_every_part_of_the_procfile_has_a_unit_and_no_unit_starts_anything_else():
    started = {unit(file)["Service"]["ExecStart"].split("/bin/", 1)[1] for file in UNITS}
    assert started == set(procfile().values())


def test_every_part_of_the_procfile_is_in_the_compose_file():
    commands = {" ".join(service["command"]) for service in compose()["services"].values()}
    assert {*procfile().values(), "python -m helpline check"} <= commands


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_a_unit_starts_again_what_dies_and_waits_longer_than_a_turn_when_it_stops(file):
    service = unit(file)["Service"]
    assert (service["Restart"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("always", "yes", "strict")
    assert int(service["TimeoutStopSec"]) > 30  # a job may take 30 s


def test_the_target_wants_every_unit():
    wanted = unit(PROJECT / "deploy" / "systemd" / "helpline.target")["Unit"]["Wants"].split()
    assert sorted(wanted) == sorted(file.name for file in UNITS)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_itself_takes_the_units():
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *map(str, UNITS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.findall(r"Unknown|Invalid|Failed to parse", checked.stderr) == []


def test_the_redis_of_the_compose_file_forgets_nothing():
    words = compose()["services"]["redis"]["command"]
    pairs = dict(zip(words[1::2], words[2::2], strict=True))
    assert pairs["--appendonly"] == "yes"
    assert pairs["--appendfsync"] == "always"
    assert pairs["--maxmemory-policy"] == "noeviction"


def test_two_of_each_part_that_may_be_two():
    services = compose()["services"]
    assert {services[name]["deploy"]["replicas"] for name in ("worker", "worker_default", "clock")} == {2}


def test_the_image_installs_from_the_lock_runs_as_nobody_special_and_holds_what_the_parts_import():
    text = (PROJECT / "Containerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    assert text.index("USER helpline") < text.index("CMD [")
    assert {f"COPY {name} ./{name}" for name in ("flows", "config", "helpline", "workers")} <= set(text.splitlines())
    assert "COPY . " not in text
    instructions = {line.split()[0] for line in text.splitlines() if line and line[0].isupper()}
    assert instructions <= {"FROM", "RUN", "WORKDIR", "COPY", "USER", "ENV", "EXPOSE", "HEALTHCHECK", "CMD"}


def test_nothing_secret_goes_into_the_image():
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {".env", "var/", ".git/"} <= set(ignored)
