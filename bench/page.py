"""Writes docs/performance.md and its plots from what was measured; says for each aim whether it was met."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pygal

from bench import page_beyond
from bench.page_beyond import spread
from helpline.staffing.picture import without_scripts

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PLOT = DOCS / "performance.md", DOCS / "performance-growth.svg"
KEPT = Path(__file__).with_name("measured.json")
SOAK = Path(__file__).with_name("soak.json")  # `make soak` writes it
Kept = Mapping[str, Any]
Writer = Callable[[Any], Iterator[str]]

HEAD = """# How fast it is, and how it grows

Written by `make bench`; do not edit. Ratios are of runs side by side on one machine, taken in turn: machines differ,
ratios less. Each figure is the median of the runs, with the smallest and the largest where there are several.
"""


def write(kept: Kept) -> None:
    """Write the page."""
    PAGE.write_text("\n".join(_page(kept)) + "\n", encoding="utf-8")
    if "growth" in kept:
        PLOT.write_bytes(_plot(kept["growth"]["measured"]))


def costs(kept: Kept) -> dict[str, object] | None:
    """What `helpline capacity` counts with; None until turn, jobs and memory have been measured."""
    if not {"turn", "jobs", "memory"} <= kept.keys():
        return None
    jobs = kept["jobs"]["measured"]
    weights = {row["name"]: row["value"] for row in kept["memory"]["measured"]}
    text = kept["turn"]["measured"][0]["ours"]["per_second"][1]
    cores = int(kept["turn"]["on"]["cores"])
    return {
        "turn_s": cores / text,
        "job_s": jobs["job_s"] + jobs["queue_s"],
        "case_jobs": jobs["jobs"],
        "case_requests": jobs["requests"],
        "conversation_bytes": weights["a conversation of 7 turns, all told"],
        "case_bytes": weights["a case that a staff member has"],
        "turn_wire_bytes": weights["a turn, to and from Redis"],
        "measured_on": f"{kept['turn']['on']['date']}, {cores} cores, commit {kept['turn']['on']['commit']}",
    }


def _page(kept: Kept) -> Iterator[str]:
    yield HEAD
    writers: Mapping[str, Writer] = {
        "turn": _turn,
        "profile": _profile,
        "peers": page_beyond.peers,
        "paging": _paging,
        "recovery": _recovery,
        "scale": page_beyond.scale,
        "jobs": page_beyond.jobs,
        "memory": _memory,
        "screening": _screening,
        "growth": _growth,
    }
    for name, writer in writers.items():
        if name in kept:
            yield from writer(kept[name]["measured"])
            yield where(kept[name].get("on"))
    if SOAK.exists():
        found = json.loads(SOAK.read_text(encoding="utf-8"))
        yield from page_beyond.soak(found)
        yield where(found.get("on"))
    if costs(kept):
        yield from page_beyond.capacity()


def where(on: Mapping[str, str] | None) -> str:
    """The line under a section that says what it was measured on."""
    if on is None:
        return "\n*Nobody wrote down of which commit and on which machine: measure it anew before you rely on it.*\n"
    return (
        f"\n*{on['date']}, commit {on['commit']}, {on['cores']} cores ({on['machine']}), Python {on['python']}, "
        f"{on['versions']}; load average before {on['load']}.*\n"
    )


def _turn(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## A turn beside its floor\n"
    yield "The floor is a bare Flask view on the same web server: signature, one write to Redis, TwiML"
    yield "(`bench/peers/floor.py`)."
    yield "Aim: at least 0.8 of the floor's rate and at most 1.5 times its p99; at least 0.5 must be reached.\n"
    yield "| turn | ours/s | floor/s | ratio | ours p99 ms | floor p99 ms | ratio | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for row in rows:
        rate, p99 = row["throughput_ratio"], row["p99_ratio"]
        verdict = "aim met" if rate >= 0.8 and p99 <= 1.5 else "least met" if rate >= 0.5 else "NOT met"
        yield (
            f"| {row['name']} | {spread(row['ours']['per_second'])} | {spread(row['floor']['per_second'])} | "
            f"**{rate:.2f}** | {spread(row['ours']['p99_ms'])} | {spread(row['floor']['p99_ms'])} | **{p99:.2f}** | "
            f"{verdict} |"
        )
    yield ""
    yield "What lies between the aim and these: a turn reads before it writes, so it waits for Redis twice where the"
    yield "floor waits once, and each commit of both is on disk before it is answered (`appendfsync always`); and it"
    yield "decides, seals and keeps what it promised. The pieces are in the next section."


def _profile(found: Mapping[str, Any]) -> Iterator[str]:
    total = sum(ms for _, ms in found["pieces"])
    yield "## Where the time of a turn goes\n"
    yield "A text mid-triage, one at a time; where it is by the clock, in a sample every millisecond"
    yield f"({found['samples']:,} samples, `bench/profile.py`), and what the web server takes with nothing behind it."
    yield "With many at once the waiting is done beside the work of others: a turn then takes"
    yield f"{found['web_ms']:.2f} ms of a processor in the web processes.\n"
    yield "| piece | ms | |"
    yield "| --- | --- | --- |"
    for name, ms in found["pieces"]:
        yield f"| {name} | {ms:.3f} | {ms / total:.0%} |"


def _paging(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## From danger to the carrier, and how late a due row is\n"
    yield "Aim: p50 at most 50 ms, p99 at most 500 ms; due rows p99 at most 150 ms. The rows are conversations whose"
    yield "menu was left open, due at even steps within ten seconds; late is until one is decided and committed. RQ's"
    yield "own scheduler runs a job that writes down the time: one worker, as ours has one for what is urgent, which"
    yield "begins a process for each job, so that a hundred a second may pile up. Its times are whole seconds; what"
    yield "runs before the time that was asked for counts as not late, and its share is told apart.\n"
    yield "| what | p50 ms | p99 ms | longest ms | early | tries |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in rows:
        early = f"{row['early']:.0%}" if "early" in row else ""
        yield f"| {row['name']} | {_three(row)} | {early} | {row['n']} |"


def _recovery(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## A process is killed (SIGKILL) the moment a danger text is answered\n"
    yield "Seconds until its page is at the carrier; and how late the page of a case is that falls due half a second"
    yield "after that. Aim: at most 25 s with a page in flight, 2 s for a due row with another process alive.\n"
    yield "| what | median s | longest s | lost | tries |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        times = f"{_or_never(row['median'])} | {_or_never(row['max'])}"
        yield f"| {row['name']} | {times} | {row['lost']} | {row['tries']} |"


def _memory(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## What things weigh\n"
    yield "Aim: at most 2.5 KB a conversation, at its end, with the counters that go within hours. Per turn it grows by"
    yield "the id under which it is known that it was taken (`seen`, a day) and, for the last four, by their answers.\n"
    yield "| what | | |"
    yield "| --- | --- | --- |"
    for row in rows:
        yield f"| {row['name']} | {row['value']:,.1f} | {row['unit']} |"


def _screening(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Hearing danger in one text\n"
    yield "Aim: under 20 ms each. Processor time of the thread.\n"
    yield from _times(rows)


def _growth(points: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "## Growth\n"
    yield "Median milliseconds of one thing with so much in Redis.\n"
    yield "| what | among | ms |"
    yield "| --- | --- | --- |"
    for point in points:
        yield f"| {point['what']} | {point['among']:,} | {point['ms']:.2f} |"
    yield f"\n![Cost by size]({PLOT.name})"


def _times(rows: list[Mapping[str, Any]]) -> Iterator[str]:
    yield "| what | p50 ms | p99 ms | longest ms | tries |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        yield f"| {row['name']} | {_three(row)} | {row['n']} |"


def _three(row: Mapping[str, Any]) -> str:
    return f"{row['p50']:,.2f} | {row['p99']:,.2f} | {row['max']:,.2f}"


def _or_never(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.2f}"


def _plot(points: list[Mapping[str, Any]]) -> bytes:
    drawn = pygal.XY(js=[], no_prefix=True, height=360, width=900, logarithmic=True, x_title="in Redis", y_title="ms")
    for what in dict.fromkeys(point["what"] for point in points):
        drawn.add(what, [(point["among"], point["ms"]) for point in points if point["what"] == what])
    return without_scripts(drawn.render())


if __name__ == "__main__":
    write(json.loads(KEPT.read_text(encoding="utf-8")))
