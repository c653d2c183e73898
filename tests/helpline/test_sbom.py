"""The bill of materials names everything that runs, with licence and hashes, and says where it is not what is pinned."""

import json

from click.testing import CliRunner

from helpline.__main__ import main
from helpline.commands.bill_of_materials import LOCK, bill, differences, pinned

TWO = (
    "click==8.5.0 \\\n    --hash=sha256:"
    + "a" * 64
    + "\nflask[async]==3.1.3 ; python_version > '3' \\\n    --hash=sha256:"
    + "b" * 64
)
SOME = {"click": "8.5.0", "flask": "3.1.2"}


def test_every_pinned_package_is_read_with_its_hashes():
    entries = list(pinned(LOCK.read_text()))
    assert {"flask", "twilio", "redis", "rq", "cryptography"} <= {entry.name for entry in entries}
    assert all(entry.hashes for entry in entries)
    assert len(entries) == sum("==" in line and line[0].isalnum() for line in LOCK.read_text().splitlines() if line)


def test_extras_and_markers_are_no_part_of_name_or_version():
    assert [(entry.name, entry.version) for entry in pinned(TWO)] == [("click", "8.5.0"), ("flask", "3.1.3")]


def test_what_is_installed_in_another_version_than_pinned_is_said():
    assert differences(TWO, SOME) == ("flask is 3.1.2, pinned is 3.1.3",)


def test_the_command_writes_a_bill_that_scanners_read():
    done = CliRunner().invoke(main, ["sbom"])
    written = json.loads(done.stdout)
    assert done.exit_code in {0, 1}
    assert ("pinned is" in done.stderr) == (done.exit_code == 1)
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    flask = next(one for one in written["components"] if one["name"] == "flask")
    assert flask["purl"].startswith("pkg:pypi/flask@3")
    assert flask["licenses"]
    assert all(len(found["content"]) == 64 for found in flask["hashes"])
    refs = [one["bom-ref"] for one in written["components"]]
    assert len(refs) == len(set(refs)) > 20


def test_the_same_lock_gives_the_same_bill():
    lock = LOCK.read_text()
    assert bill(lock, {"flask": "3.1.3"}) == bill(lock, {"flask": "3.1.3"})
