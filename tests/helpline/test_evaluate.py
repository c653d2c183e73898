"""`helpline safety evaluate`: anyone's own labelled texts, and figures that can be checked by hand."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpline.__main__ import main
from helpline.content.evaluate import Share

LINES = (
    {"text": "i want to die", "crisis": 1, "category": "suicide"},
    {"text": "im going to kill myself tonight", "crisis": 1, "category": "suicide"},
    {"text": "the leaves are pretty", "crisis": 1, "category": "suicide"},
    {"text": "what are your hours", "crisis": 0, "category": "question"},
    {"text": "this job is killing me", "crisis": 0},
    {"text": "i took all my pills", "crisis": 0, "category": None},
)


def evaluated(path: Path, *lines: object) -> str:
    path.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines), encoding="utf-8")
    done = CliRunner().invoke(main, ["safety", "evaluate", str(path)])
    assert done.exit_code == 0, done.output
    return done.output


def refused(path: Path, *lines: str) -> str:
    path.write_text("\n".join(lines), encoding="utf-8")
    done = CliRunner().invoke(main, ["safety", "evaluate", str(path)])
    assert done.exit_code == 1
    return done.output


def figure(said: str, name: str) -> tuple[int, int]:
    found = re.search(rf"^  {re.escape(name)}\s+(\d+)/(\d+)", said, re.MULTILINE)
    assert found, said
    return int(found[1]), int(found[2])


def test_recall_precision_and_false_alarms_are_those_one_counts_by_hand(tmp_path):
    said = evaluated(tmp_path / "set.jsonl", *LINES, "")
    assert "6 texts, 3 labelled crisis, 3 not" in said
    assert figure(said, "recall") == (2, 3)
    assert figure(said, "precision") == (2, 3)
    assert figure(said, "false-alarm rate") == (1, 3)
    assert figure(said, "false emergencies") == (1, 3)


def test_it_says_what_counts_as_a_crisis_and_gives_each_category_and_class(tmp_path):
    said = evaluated(tmp_path / "set.jsonl", *LINES)
    assert "paged at once (urgent or emergency)" in said
    assert "or asked directly" in said
    assert re.search(r"suicide\s+crisis\s+2/3", said)
    assert re.search(r"question\s+not crisis\s+0/1", said)
    assert re.search(r"suicide_now\s+1/1", said)


def test_nothing_of_the_texts_is_printed(tmp_path):
    said = evaluated(tmp_path / "set.jsonl", *LINES)
    assert not any(line["text"] in said for line in LINES)


def test_a_set_without_any_crisis_still_has_its_false_alarms(tmp_path):
    said = evaluated(tmp_path / "set.jsonl", LINES[3])
    assert "recall" in said
    assert figure(said, "false-alarm rate") == (0, 1)


def test_every_line_that_cannot_be_used_is_named_at_once(tmp_path):
    said = refused(
        tmp_path / "set.jsonl", "no json", '{"crisis": 1}', '{"text": "a"}', '{"text": "a", "crisis": 7}', "[]"
    )
    for number in range(1, 6):
        assert f"set.jsonl:{number}:" in said
    assert "holds no labelled text" in refused(tmp_path / "empty.jsonl", "")


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0), (81, 100, 0.722, 0.875)],
)
def test_intervals_are_wilsons(part, whole, low, high):
    """Figures from the formula's own paper's kind of table (Newcombe 1998, method 3)."""
    given = Share(part, whole).interval()
    assert given == pytest.approx((low, high), abs=0.001)
    assert Share(0, 0).interval() == (0.0, 1.0)
    assert "-" in str(Share(0, 0))
