"""`python -m tests.paging.report [SEEDS]`: tries every fault so many times and writes docs/reliability.md from that.

The 24 hours with nobody answering and the ten thousand claims are in it too.
"""

import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tests.paging.house import World
from tests.paging.long_runs import Race, Vigil, longest_wait, race, vigil
from tests.paging.trials import TRIALS, Result, Trial, tried

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
SEEDS = 8
HOURS, CLAIMS = 24, 10_000
BEGIN, END = "<!-- runs: begin -->", "<!-- runs: end -->"


@dataclass
class Row:
    """What came of one fault over all runs."""

    trial: Trial
    results: list[Result] = field(default_factory=list)

    def line(self) -> str:
        lost = sum(each.lost for each in self.results)
        wrong = sum(len(each.faulty) for each in self.results)
        requests = max(each.most_requests for each in self.results)
        waits = sorted(each.first_page_s for each in self.results)
        median, longest = waits[len(waits) // 2], waits[-1]
        return (
            f"| {self.trial.point} | {self.trial.what} | {len(self.results)} | {lost} | {wrong} | {requests} "
            f"| {median:.1f} | {longest:.1f} |"
        )


@contextmanager
def a_world() -> Iterator[World]:
    with tempfile.TemporaryDirectory(prefix="h") as folder:
        world = World(Path(folder))
        try:
            yield world
        finally:
            world.stop()


def run(world: World, seeds: int) -> list[Row]:
    rows = [Row(trial) for trial in TRIALS]
    for row in rows:
        row.results += [tried(world, row.trial, seed)[1] for seed in range(1, seeds + 1)]
        sys.stdout.write(f"{row.line()}\n")
    return rows


def long_runs(silence: Vigil, claims: Race) -> str:
    """What came of the hours with nobody answering and of the claims, in words."""
    told = [second for second, _ in silence.told]
    state = "still paging" if silence.still_paging else "**NOT paging any more**"
    promised = sum("has taken" in words or "is calling" in words.lower() for _, words in silence.told)
    return (
        f"Nobody answers for {silence.hours:g} hours: {state} at the end, after {len(silence.paged)} pages, never more "
        f"than {longest_wait(silence.paged):.0f} s apart; the caller was told how things stand {len(told)} times, never "
        f"more than {longest_wait(told):.0f} s apart, and {promised} times that somebody comes.\n\n"
        f"{len(claims.results)} claims of three people on one case, eight at a time: {claims.claimed_lines} winner, "
        f"{claims.wrongly_told} told anything but whose it is."
    )


def table(rows: list[Row], seeds: int) -> str:
    runs = sum(len(row.results) for row in rows)
    lost = sum(each.lost for row in rows for each in row.results)
    head = (
        f"{runs} calls for help, {seeds} seeds for each fault: **{lost} lost**. "
        "Seconds are on the line's own clock.\n\n"
        "| point | what went wrong | tried | lost | wrongly told, paged or dialled | most requests for one attempt "
        "| first page, median s | first page, longest s |\n| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    )
    return head + "\n".join(row.line() for row in rows)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    seeds = int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS
    with a_world() as world:
        made = table(run(world, seeds), seeds)
        made += f"\n\n{long_runs(vigil(world, HOURS), race(world, CLAIMS))}"
    before, rest = DOCUMENT.read_text().split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
