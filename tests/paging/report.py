"""`python -m tests.paging.report [SEEDS]`: tries every fault so many times and writes docs/reliability.md from that."""

import logging
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from tests.paging.house import World
from tests.paging.trials import TRIALS, Result, Trial, tried

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
SEEDS = 5
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


def run(seeds: int) -> list[Row]:
    rows = [Row(trial) for trial in TRIALS]
    with tempfile.TemporaryDirectory(prefix="h") as folder:
        world = World(Path(folder))
        try:
            for row in rows:
                row.results += [tried(world, row.trial, seed)[1] for seed in range(1, seeds + 1)]
                sys.stdout.write(f"{row.line()}\n")
        finally:
            world.stop()
    return rows


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
    made = table(run(seeds), seeds)
    before, rest = DOCUMENT.read_text().split(BEGIN)
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
