"""What the tree says about itself must hold: names in two files agree, and nothing of one machine is in it."""

import re
import subprocess
from importlib import import_module
from pathlib import Path

import pytest

from config.settings import Settings, variables
from helpline.outbox import Job, QueueName

PROJECT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, check=True).stdout
    files = [PROJECT / name for name in listed.decode().split("\0") if name]
    return [file for file in files if file.is_file()]


def texts():
    for file in tracked():
        try:
            yield file.relative_to(PROJECT).as_posix(), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture


def procfile():
    lines = (PROJECT / "Procfile").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines)


def test_procfile_starts_every_part_of_the_line():
    assert {"web", "worker", "clock", "release"} <= set(procfile())


def test_every_queue_has_exactly_one_worker_process_in_the_procfile():
    workers = sorted(command for command in procfile().values() if command.startswith("python -m workers "))
    assert workers == sorted(f"python -m workers {queue}" for queue in QueueName)


def test_every_module_in_the_procfile_exists():
    modules = {command.split()[2] for command in procfile().values()}
    assert all(import_module(name) for name in modules)


@pytest.mark.parametrize("job", Job)
def test_every_job_named_in_the_outbox_can_be_called(job):
    module, _, name = job.value.rpartition(".")
    assert callable(getattr(import_module(module), name))


def test_the_example_settings_list_every_setting_and_no_other():
    listed = re.findall(r"^([A-Z_]+)=", (PROJECT / ".env.example").read_text(), flags=re.MULTILINE)
    assert sorted(listed) == sorted(variables())


def test_the_example_settings_hold_no_value():
    assert re.findall(r"^[A-Z_]+=.+$", (PROJECT / ".env.example").read_text(), flags=re.MULTILINE) == []


def test_every_setting_says_how_to_mend_it():
    assert [name for name, field in Settings.model_fields.items() if not (field.description or "").endswith(".")] == []


def test_no_path_of_one_machine_is_in_the_tree():
    path = re.compile(r"(?:^|[^A-Za-z0-9_.\-])/(?:root|work|farm|home/[a-z]+)/")
    assert [name for name, text in texts() if path.search(text)] == []


def test_no_package_index_is_named_in_the_tree():
    index = re.compile(r"https?://[^\s]*(?:" + "py" + r"pi|pythonhosted|simple/)|--(?:extra-)?index-url[ =]")
    assert [name for name, text in texts() if index.search(text)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_is_pinned_with_hashes(lock):
    entries = re.split(r"\n(?=[a-z0-9])", (PROJECT / lock).read_text().strip())
    assert len(entries) > 20
    assert [entry.split()[0] for entry in entries if not re.match(r"[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", entry)] == []
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_development_runs_the_versions_that_are_shipped():
    shipped, developed = (
        set(re.findall(r"^[a-z0-9._-]+(?:\[[a-z,]+\])?==\S+", _lock(lock), flags=re.MULTILINE)) for lock in LOCKS
    )
    assert shipped - developed == set()


def _lock(name):
    return (PROJECT / name).read_text()
