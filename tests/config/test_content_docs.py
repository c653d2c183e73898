"""docs/content.md names everything that may stand in a content file, and what it shows is true."""

import re
from pathlib import Path

import pytest

from bench.faq import asked, report
from config import content, content_shapes
from config.content_files import ONE_EACH, ONE_EACH_LANGUAGE
from flows.reading_grade import HARDEST_GRADE, LEAST_INFLESZ
from flows.review_graph import MOST_ANSWERS_TO_A_PERSON, MOST_ANSWERS_TO_EMERGENCY
from flows.review_texts import LONGEST_GREETING_S, LONGEST_SPEECH_S
from flows.segments import characters_outside_gsm7

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "content.md").read_text(encoding="utf-8")
SHAPES = [shape for shape in vars(content_shapes).values() if getattr(shape, "__base__", None) is content_shapes.Shape]
SHIPPED = content.load()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_name_a_file_may_hold_is_in_the_page(shape: type[content_shapes.Shape]):
    known = set(re.findall(r"[a-z0-9_]+", PAGE))
    assert set(shape.model_fields) <= known, set(shape.model_fields) - known


def test_every_file_is_in_the_page():
    for file in (*ONE_EACH, *ONE_EACH_LANGUAGE, "policy.yaml"):
        assert file in PAGE, file


def test_the_limits_are_those_of_the_review():
    assert f"at most {MOST_ANSWERS_TO_A_PERSON} key presses" in PAGE
    assert f"emergency number at most {MOST_ANSWERS_TO_EMERGENCY} answer" in PAGE
    assert f"{LONGEST_SPEECH_S} seconds" in PAGE
    assert f"the greeting {LONGEST_GREETING_S}" in PAGE
    assert f"at most grade {HARDEST_GRADE:.0f}" in PAGE
    assert f"at least {LEAST_INFLESZ:.0f}" in PAGE
    assert characters_outside_gsm7("áíóúñé¿¡") == ("á", "í", "ó", "ú")


def test_the_figures_of_the_faq_are_as_measured():
    """If this fails: `python -m bench.faq`, and paste its table."""
    for line in list(report(asked(SHIPPED.flow.faq)))[:5]:
        assert line.rstrip() in PAGE


@pytest.mark.parametrize("chart", SHIPPED.charts, ids=lambda chart: chart.name)
def test_every_part_has_a_current_picture(chart):
    """If this fails: `helpline flows draw`."""
    from flows.draw import draw

    assert (DOCS / "flows" / f"{chart.name}.svg").read_text(encoding="utf-8") == draw(SHIPPED, chart)
    assert f"flows/{chart.name}.svg" in PAGE


def test_no_picture_is_left_over():
    assert {file.stem for file in (DOCS / "flows").glob("*.svg")} == {chart.name for chart in SHIPPED.charts}
