"""A part of the conversation as an SVG picture: boxes for nodes, a row for each answer, persons and emergencies marked.

Kinds are told by a word as well as by colour. Lines are drawn to later columns; every row names its target anyway.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from types import MappingProxyType
from typing import assert_never
from xml.sax.saxutils import escape, quoteattr

from flows.events import Channel
from flows.graph import Edge, Way, edges_of
from flows.layout import columns
from flows.loaded import Chart, LoadedContent
from flows.nodes import Ask, Branch, Condition, Decide, End, Node, OfficeIs, Person, Say, UrgencyIs
from flows.urgency import Urgency

WIDTH, GAP_X, GAP_Y, ROW, PAD = 320, 90, 26, 17, 10
LETTERS, MOST_LINES = 45, 5
COLOURS = {"say": "#eceff1", "ask": "#e3f0fb", "decide": "#fff6d6", "person": "#dff3e1", "end": "#f3e8f7"}
NO_NOTES: Mapping[str, str] = MappingProxyType({})
EMERGENCY, LINE, INK = "#b3261e", "#6b7b8c", "#1b1f24"


@dataclass(frozen=True, slots=True)
class _Row:
    text: str
    target: str
    emergency: bool


@dataclass(frozen=True, slots=True)
class _Box:
    """A node as it is drawn."""

    id: str
    kind: str
    lines: tuple[str, ...]
    rows: tuple[_Row, ...]
    x: int = 0
    y: int = 0

    @property
    def height(self) -> int:
        return PAD * 2 + ROW * (1 + len(self.lines) + len(self.rows))

    def row_y(self, place: int) -> int:
        """The baseline of a row."""
        return self.y + PAD + ROW * (2 + len(self.lines) + place) - 4

    def at(self, x: int, y: int) -> "_Box":
        return _Box(self.id, self.kind, self.lines, self.rows, x, y)


def draw(loaded: LoadedContent, chart: Chart, notes: Mapping[str, str] = NO_NOTES) -> str:
    """The picture of one chart, in the default language's texts; `notes` are short words beside a node's name."""
    inside = {name: _box(loaded, loaded.flow.nodes[name]) for name in chart.nodes}
    onward = {name: tuple(row.target for row in box.rows) for name, box in inside.items()}
    placed = _placed(tuple(tuple(inside[name] for name in column) for column in columns(chart.nodes, onward)))
    width = max(box.x for box in placed.values()) + WIDTH + 30
    height = max(box.y + box.height for box in placed.values()) + 30
    body = "\n".join(
        (*_lines(placed), *(part for box in placed.values() for part in _drawn(box, notes.get(box.id, ""))))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'role="img" aria-label={quoteattr(chart.title)} font-family="system-ui, sans-serif" font-size="12">\n'
        f"<title>{escape(chart.title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="30" y="28" font-size="18" font-weight="600" fill="{INK}">{escape(chart.title)}</text>\n'
        f"{body}\n</svg>\n"
    )


def _placed(grid: tuple[tuple[_Box, ...], ...]) -> dict[str, _Box]:
    found: dict[str, _Box] = {}
    for column, boxes in enumerate(grid):
        y = 50
        for box in boxes:
            found[box.id] = box.at(30 + column * (WIDTH + GAP_X), y)
            y += box.height + GAP_Y
    return found


def _box(loaded: LoadedContent, node: Node) -> _Box:
    said = () if isinstance(node, Decide) else node.say
    lines = [line for message in said for line in wrap(_text(loaded, message), LETTERS)]
    shown = lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], lines[MOST_LINES - 1][:-1] + "…"]
    return _Box(node.id, _kind(node), tuple(shown), tuple(_rows(loaded, node)))


def _text(loaded: LoadedContent, message: str) -> str:
    forms = loaded.catalogue.forms(message, loaded.catalogue.default)
    return message if forms is None else loaded.catalogue.example(forms.sms, Channel.SMS)


def _kind(node: Node) -> str:
    match node:
        case Say():
            return "say"
        case Ask():
            return "ask"
        case Decide():
            return "decide"
        case Person():
            return "person"
        case End():
            return "end"
        case _:
            assert_never(node)


def _rows(loaded: LoadedContent, node: Node) -> Iterator[_Row]:
    edges = tuple(edges_of(loaded.flow, node))
    for place, edge in enumerate(edges):
        script = loaded.flow.scripts.get(edge.script)
        emergency = script is not None and script.level is Urgency.EMERGENCY
        said = f" ! {edge.script}" if edge.script else ""
        yield _Row(f"{_label(node, edge, place)}{said} → {edge.target}", edge.target, emergency)


def _label(node: Node, edge: Edge, place: int) -> str:
    match edge.way:
        case Way.ON:
            return "then"
        case Way.ANSWER:
            return edge.label
        case Way.BRANCH:
            return f"if {_condition(node.branches[place])}" if isinstance(node, Decide) else "if"
        case Way.OTHERWISE:
            return "else"
        case Way.UNCLEAR:
            return "silence, unclear"
        case _:
            assert_never(edge.way)


def _condition(branch: Branch) -> str:
    return " and ".join(_written(one) for one in branch.when)


def _written(one: Condition) -> str:
    match one:
        case UrgencyIs(at_least):
            return f"{at_least.word}+"
        case OfficeIs(office, standing):
            return f"{office.id} {standing}"
        case _:
            return _fields(one)


def _fields(condition: object) -> str:
    values = (getattr(condition, name) for name in getattr(condition, "__slots__", ()))
    return " ".join(" ".join(sorted(map(str, one))) if isinstance(one, frozenset) else str(one) for one in values)


def _lines(placed: dict[str, _Box]) -> Iterator[str]:
    for box in placed.values():
        for place, row in enumerate(box.rows):
            target = placed.get(row.target)
            if target is not None and target.x > box.x:
                colour = EMERGENCY if row.emergency else LINE
                yield _line(box.x + WIDTH, box.row_y(place) - 4, target.x, target.y + PAD + 8, colour)


def _line(x1: int, y1: int, x2: int, y2: int, colour: str) -> str:
    bend = GAP_X // 2
    path = f"M{x1} {y1} C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    arrow = f"M{x2 - 6} {y2 - 4} L{x2} {y2} L{x2 - 6} {y2 + 4}"
    return f'<path d="{path} {arrow}" fill="none" stroke="{colour}" stroke-width="1.2"/>'


def _drawn(box: _Box, note: str) -> Iterator[str]:
    stroke = "#2e7d32" if box.kind == "person" else LINE
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{WIDTH}" height="{box.height}" rx="7" '
        f'fill="{COLOURS[box.kind]}" stroke="{stroke}"/>'
    )
    y = box.y + PAD + ROW - 4
    yield _words(box.x, y, f"{box.id}", INK, ' font-weight="600"')
    yield f'<text x="{box.x + WIDTH - PAD}" y="{y}" text-anchor="end" fill="{LINE}">{box.kind}</text>'
    if note:
        x, width = box.x + 14 + len(box.id) * 8, len(note) * 7 + 14
        yield f'<rect x="{x}" y="{y - 13}" width="{width}" height="18" rx="9" fill="{EMERGENCY}"/>'
        yield f'<text x="{x + 7}" y="{y}" fill="#ffffff" font-weight="600">{escape(note)}</text>'
    for place, line in enumerate(box.lines):
        yield _words(box.x, y + ROW * (1 + place), line, INK, ' font-style="italic"')
    for place, row in enumerate(box.rows):
        colour, weight = (EMERGENCY, ' font-weight="600"') if row.emergency else (INK, "")
        yield _words(box.x, box.row_y(place), row.text, colour, weight)


def _words(x: int, y: int, text: str, colour: str, more: str) -> str:
    return f'<text x="{x + PAD}" y="{y}" fill="{colour}"{more}>{escape(text)}</text>'
