"""The plots of a report as SVG pictures: no script, no font and nothing else from outside."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pygal
from pygal.style import Style

from helpline.console.figures import Figures
from helpline.staffing.forecast import Hour

_SCRIPT = re.compile(rb"<script.*?</script>", re.DOTALL)
MOST_BARS = 12


@dataclass(frozen=True, slots=True)
class Tone:
    """Colours for a dark or a light room; series differ in lightness too, for eyes that mix up colours."""

    ink: str
    soft: str
    grid: str
    series: tuple[str, ...]
    on_bar: str


TONES = {
    "dark": Tone("#e4e8ec", "#c0c8d0", "#323d49", ("#8fd3c8", "#4f7fb5", "#ffc772"), "#0b1f1c"),
    "light": Tone("#20262c", "#4d555d", "#d8d3c7", ("#14665c", "#7fa9d6", "#8a5200"), "#ffffff"),
}


def contacts_by_hour(figures: Figures, tone: Tone) -> bytes:
    """Texts and calls by the hour of the day."""
    chart = pygal.StackedBar(**_settings(tone), x_label_rotation=0, x_labels_major_every=3, show_minor_x_labels=False)
    chart.x_labels = [f"{hour:02}" for hour in range(24)]
    chart.add("texts", [row["contact.sms"] for row in figures.by_hour])
    chart.add("calls", [row["contact.voice"] for row in figures.by_hour])
    return _picture(chart)


def waits(figures: Figures, tone: Tone) -> bytes:
    """Minutes to a claim and to a human, by level: half and nine of ten."""
    chart = pygal.Bar(**_settings(tone), print_values=False)
    chart.x_labels = [row.level for row in figures.to_contact]
    chart.add("claim, 9 of 10", [_minutes(row.at(90)) for row in figures.to_claim])
    chart.add("human, half", [_minutes(row.at(50)) for row in figures.to_contact])
    chart.add("human, 9 of 10", [_minutes(row.at(90)) for row in figures.to_contact])
    return _picture(chart)


def leaving(figures: Figures, tone: Tone) -> bytes:
    """The questions at which people left."""
    chart = pygal.HorizontalBar(**_settings(tone), show_legend=False, print_values=True)
    rows = list(reversed(figures.under("left")[:MOST_BARS]))
    chart.x_labels = [name for name, _ in rows]
    chart.add("left", [many for _, many in rows])
    return _picture(chart)


def cover(week: Sequence[Hour], tone: Tone) -> bytes:
    """Hour by hour of a week: people needed who are on call, who are missing, and who are on call besides."""
    chart = pygal.StackedBar(
        **{**_settings(tone), "rounded_bars": 0}, show_minor_x_labels=False, x_labels_major_every=24,
        x_label_rotation=0, truncate_label=-1, spacing=0, legend_at_bottom_columns=3,
    )  # fmt: skip
    chart.x_labels = [f"{hour.at:%a %H} h" for hour in week]
    chart.add("needed and on call", [min(hour.needed, hour.on_call) for hour in week])
    chart.add("on call besides", [max(0, hour.on_call - hour.needed) for hour in week])
    chart.add("missing", [hour.short for hour in week])
    return _picture(chart)


PLOTS = {"contacts": contacts_by_hour, "waits": waits, "leaving": leaving}


def _settings(tone: Tone) -> dict[str, object]:
    style = Style(
        background="transparent", plot_background="transparent", foreground=tone.soft, foreground_strong=tone.ink,
        foreground_subtle=tone.grid, colors=tone.series, font_family="system-ui, sans-serif", label_font_size=14,
        major_label_font_size=14, legend_font_size=15, value_font_size=14, value_colors=(tone.on_bar,) * 3,
        no_data_font_size=18, opacity=1, opacity_hover=1, transition="0s",
    )  # fmt: skip
    return {
        "style": style, "width": 900, "height": 340, "js": (), "legend_at_bottom": True, "show_y_guides": True,
        "no_data_text": "Nothing yet", "pretty_print": False, "disable_xml_declaration": False, "rounded_bars": 3,
        "margin": 12, "explicit_size": True,
    }  # fmt: skip


def _picture(chart: pygal.Graph) -> bytes:
    drawn: bytes = chart.render()
    return _SCRIPT.sub(b"", drawn)


def _minutes(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / 60, 1)
