"""Pictures of the conversation: well-formed, complete, nothing drawn over anything else, told by words as well as colours."""

from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import content
from flows.draw import EMERGENCY, draw
from flows.graph import edges_of
from flows.layout import columns
from flows.loaded import Chart

SHIPPED = content.load()
KEPT = Path(__file__).resolve().parents[2] / "docs" / "flows"
NS = "{http://www.w3.org/2000/svg}"
charts = pytest.mark.parametrize("chart", SHIPPED.charts, ids=lambda chart: chart.name)


def picture(chart: Chart) -> ET.Element:
    return ET.fromstring(draw(SHIPPED, chart))


def words(root: ET.Element) -> list[str]:
    return [text.text or "" for text in root.iter(f"{NS}text")]


@charts
def test_the_pictures_kept_in_docs_are_current(chart: Chart):
    """If this fails: `helpline flows draw`."""
    assert (KEPT / f"{chart.name}.svg").read_text(encoding="utf-8") == draw(SHIPPED, chart)


@charts
def test_every_node_and_every_way_out_of_it_is_named(chart: Chart):
    shown = words(picture(chart))
    for name in chart.nodes:
        assert name in shown
        for edge in edges_of(SHIPPED.flow, SHIPPED.flow.nodes[name]):
            assert any(row.endswith(f"→ {edge.target}") for row in shown)


@charts
def test_no_box_covers_another(chart: Chart):
    boxes = [
        tuple(float(box.get(side, "")) for side in ("x", "y", "width", "height"))
        for box in picture(chart).iter(f"{NS}rect")
        if box.get("x")
    ]
    assert len(boxes) == len(chart.nodes)
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x1 + w1 <= x2 or x2 + w2 <= x1 or y1 + h1 <= y2 or y2 + h2 <= y1


@charts
def test_a_picture_has_a_title_for_those_who_cannot_see_it(chart: Chart):
    root = picture(chart)
    assert root.get("role") == "img"
    assert root.get("aria-label") == chart.title
    assert root.findtext(f"{NS}title") == chart.title


def test_answers_that_lead_to_an_emergency_are_red_and_marked():
    triage = next(chart for chart in SHIPPED.charts if chart.name == "triage")
    red = [text.text for text in picture(triage).iter(f"{NS}text") if text.get("fill") == EMERGENCY]
    assert "1 ! life → contact" in red
    assert "4 → q2" not in red


def test_persons_have_a_colour_and_a_word_of_their_own():
    person = next(chart for chart in SHIPPED.charts if chart.name == "person")
    root = picture(person)
    assert words(root).count("person") >= 2
    assert any(box.get("fill") == "#dff3e1" for box in root.iter(f"{NS}rect"))


def test_numbers_are_shown_as_numbers():
    menu = next(chart for chart in SHIPPED.charts if chart.name == "menu")
    assert any("911" in text for text in words(picture(menu)))


def test_a_chain_is_laid_out_from_left_to_right():
    assert columns("abc", {"a": "b", "b": "c"}) == (("a",), ("b",), ("c",))


def test_a_way_back_does_not_move_what_it_leads_to():
    assert columns("abc", {"a": "b", "b": "c", "c": "a"}) == (("a",), ("b",), ("c",))


def test_a_node_stands_right_of_everything_that_leads_to_it():
    assert columns("abcd", {"a": "bd", "b": "c", "c": "d"}) == (("a",), ("b",), ("c",), ("d",))


def test_a_column_is_ordered_by_what_leads_to_it():
    assert columns("abdc", {"a": "c", "b": "d"}) == (("a", "b"), ("c", "d"))


def test_ways_out_of_the_picture_are_left_out():
    assert columns("a", {"a": ["elsewhere"]}) == (("a",),)
    assert columns("", {}) == ()


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)))
def test_every_node_of_any_graph_stands_in_exactly_one_column(onward: dict[str, list[str]]):
    placed = [name for column in columns("abcdefgh", onward) for name in column]
    assert sorted(placed) == list("abcdefgh")


def test_a_note_stands_beside_the_nodes_name_and_nowhere_else():
    chart = SHIPPED.charts[0]
    noted, other = chart.nodes[0], chart.nodes[1]
    drawn = ET.fromstring(draw(SHIPPED, chart, {noted: "31 % <left>"}))
    assert words(drawn).count("31 % <left>") == 1
    assert len(list(drawn.iter(f"{NS}rect"))) == len(list(picture(chart).iter(f"{NS}rect"))) + 1
    assert other in words(drawn)
