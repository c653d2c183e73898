"""`make bench`: measures everything, one after the other, and writes docs/performance.md with its plot.

Takes about a quarter of an hour on an otherwise idle machine; `make bench ONLY=turn,paging` measures a part and leaves
the other sections of the page as they are.
"""

import json
import time
import traceback
from collections.abc import Callable

import click

from bench import growth, jobs, memory, page, paging, peers_run, profile, recovery, scale, screening, turn
from bench.measured_on import measured_on
from helpline.staffing.capacity import COSTS

SECTIONS: dict[str, Callable[[], object]] = {
    "turn": turn.section,
    "profile": profile.section,
    "peers": peers_run.section,
    "paging": paging.section,
    "recovery": recovery.section,
    "scale": scale.section,
    "jobs": jobs.section,
    "memory": memory.section,
    "screening": screening.section,
    "growth": growth.section,
}


@click.command()
@click.option("--only", default="", envvar="ONLY", help=f"Some of {', '.join(SECTIONS)}, with commas.")
def main(only: str) -> None:
    """Measure and write the page."""
    wanted = [name for name in only.split(",") if name] or list(SECTIONS)
    if unknown := set(wanted) - SECTIONS.keys():
        raise click.BadParameter(f"{', '.join(sorted(unknown))}: there are {', '.join(SECTIONS)}")
    kept = json.loads(page.KEPT.read_text(encoding="utf-8")) if page.KEPT.exists() else {}
    failed = [name for name in wanted if not _measured(name, kept)]
    if costs := page.costs(kept):
        COSTS.write_text(json.dumps(costs, indent=1) + "\n", encoding="utf-8")
    page.write(kept)
    if failed:
        raise click.ClickException(f"{', '.join(failed)} could not be measured; the page has what was found before")


def _measured(name: str, kept: dict[str, object]) -> bool:
    """Measure one section and keep it; one that breaks is told and costs the others nothing."""
    click.echo(f"{name} ...", nl=False)
    begun, on = time.monotonic(), measured_on()
    try:
        kept[name] = {"measured": SECTIONS[name](), "on": on}
    except Exception:  # noqa: BLE001  whatever breaks one section, the others are still measured
        traceback.print_exc()
        return False
    page.KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    click.echo(f" {time.monotonic() - begun:.0f} s")
    return True


if __name__ == "__main__":
    main()
