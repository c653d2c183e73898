import json
import re

import pytest

from bench import page
from bench.figures import lateness
from bench.measured_on import measured_on
from tests.stories.test_soak import KINDS, told

ON = measured_on()


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes the page of these figures, with a soak of these; gives its text."""
    monkeypatch.setattr(page, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(page, "SOAK", tmp_path / "soak.json")

    def write(kept, soak=None):
        if soak is not None:
            page.SOAK.write_text(json.dumps(soak))
        page.write(kept)
        return page.PAGE.read_text()

    return write


def soaked():
    """What a soak came to, put together as the soak does it."""
    sizes = {f"{who} {what}": 40.0 for who in KINDS for what in ("bytes", "files")}
    return told([{"at": 60.0 * n, "turns": n, "keys": 300, **sizes} for n in range(10)], 600, 12)


def test_what_was_measured_on_has_a_commit_and_a_date():
    assert re.fullmatch(r"[0-9a-f]{7,}|no git", ON["commit"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", ON["date"])


def test_a_machine_without_git_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert measured_on()["commit"] == "no git"


def test_the_soak_names_its_commit_date_and_machine(written):
    text = written({}, {**soaked(), "on": ON | {"commit": "abc1234"}})
    assert "## A long time with faults on" in text
    assert f"*{ON['date']}, commit abc1234, {ON['cores']} cores" in text
    assert "rq " in text


def test_a_soak_that_names_no_commit_is_said_to(written):
    assert "Nobody wrote down of which commit" in written({}, {"date": "2026-11-25", **soaked()})


def test_what_ran_before_its_time_is_not_late_and_told_apart():
    times = lateness("rows", [-500.0, 20.0, -1.0, 40.0])
    assert times.ms == (0.0, 0.0, 20.0, 40.0)
    assert times.early == 0.5


def test_the_page_tells_how_many_due_rows_ran_early(written):
    rows = [lateness("ours", [10.0] * 4).row(), lateness("stock", [-500.0, 600.0, 600.0, 700.0]).row()]
    text = written({"paging": {"measured": rows, "on": ON}})
    assert "| ours | 10.00 | 10.00 | 10.00 | 0% | 4 |" in text
    assert "| stock | 600.00 | 700.00 | 700.00 | 25% | 4 |" in text
