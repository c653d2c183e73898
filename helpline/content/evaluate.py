"""`helpline safety evaluate FILE.jsonl`: how well the lexicon hears danger on anyone's own labelled texts.

Each line is an object with `text`, `crisis` (0 or 1) and, where known, `category`. Texts are read, counted and dropped:
nothing of them is printed.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import click

from config.lexicon import load_lexicon
from flows.safety import Lexicon, Screening, screen
from flows.urgency import Urgency

_Z = 1.959963984540054  # 95 %, two-sided
_CONTENT = Path(__file__).parents[2] / "flows" / "content"


@dataclass(frozen=True, slots=True)
class Labelled:
    """One text and what people said it is."""

    text: str
    crisis: bool
    category: str


@dataclass(frozen=True, slots=True)
class Share:
    """So many out of so many, with its 95 % Wilson score interval."""

    part: int
    whole: int

    def interval(self) -> tuple[float, float]:
        """Wilson (1927): right for small counts and for shares near 0 and 1, where part ± error is not."""
        if not self.whole:
            return 0.0, 1.0
        share, n, z2 = self.part / self.whole, self.whole, _Z * _Z
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return max(0.0, middle - half), min(1.0, middle + half)

    def __str__(self) -> str:
        """For example " 42/ 50  84.0 %  (71.5 to 91.7)"."""
        if not self.whole:
            return f"{self.part:>5}/{self.whole:<5}    -"
        low, high = self.interval()
        share = f"{100 * self.part / self.whole:5.1f} %"
        return f"{self.part:>5}/{self.whole:<5} {share}  ({100 * low:.1f} to {100 * high:.1f})"


def paged(heard: Screening) -> bool:
    """A person is paged at once."""
    return heard.urgency >= Urgency.URGENT


def paged_or_asked(heard: Screening) -> bool:
    """A person is paged at once, or the bot asks about danger directly."""
    return paged(heard) or heard.ask


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Give the labelled texts; a ValueError names every line that cannot be used and why."""
    read: list[Labelled] = []
    faults: list[str] = []
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                read.append(_labelled(line))
            except ValueError as fault:
                faults.append(f"{path.name}:{number}: {fault}")
    if faults or not read:
        raise ValueError("\n".join(faults) or f"{path.name}: holds no labelled text")
    return tuple(read)


def _labelled(line: str) -> Labelled:
    try:
        found = json.loads(line)
    except ValueError:
        raise ValueError("is not JSON; write one object on each line") from None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise ValueError('has no "text"; write {"text": "...", "crisis": 0}')  # noqa: TRY004 - one kind of fault
    if found.get("crisis") not in (0, 1):
        raise ValueError('has no "crisis" of 0 or 1')
    return Labelled(found["text"], bool(found["crisis"]), str(found.get("category") or "-"))


def report(labelled: tuple[Labelled, ...], lexicon: Lexicon) -> Iterator[str]:
    """Give the lines of the report."""
    heard = [(item, screen(item.text, lexicon)) for item in labelled]
    crisis = sum(item.crisis for item in labelled)
    yield f"{len(labelled)} texts, {crisis} labelled crisis, {len(labelled) - crisis} not; 95 % Wilson intervals"
    for title, flagged in (
        ("flagged = paged at once (urgent or emergency)", paged),
        ("flagged = paged at once, or asked directly", paged_or_asked),
    ):
        yield f"\n{title}"
        yield from _overall(heard, flagged)
    yield "\nby category: flagged = paged at once, of all texts in the category"
    for category in sorted({item.category for item in labelled}):
        for label, crisis_label in (("crisis", True), ("not crisis", False)):
            group = [h for item, h in heard if item.category == category and item.crisis is crisis_label]
            if group:
                yield f"  {category[:22]:22} {label:11}{Share(sum(map(paged, group)), len(group))}"
    yield "\nby danger class heard: how many flagged texts with it were labelled crisis"
    for danger in sorted({hit.danger for _, h in heard for hit in h.hits if hit.urgency >= Urgency.URGENT}):
        with_it = [
            item for item, h in heard if any(hit.danger is danger and hit.urgency >= Urgency.URGENT for hit in h.hits)
        ]
        yield f"  {danger.value:34}{Share(sum(item.crisis for item in with_it), len(with_it))}"


def _overall(heard: list[tuple[Labelled, Screening]], flagged: Callable[[Screening], bool]) -> Iterator[str]:
    of_crisis = [flagged(h) for item, h in heard if item.crisis]
    of_others = [flagged(h) for item, h in heard if not item.crisis]
    emergencies = sum(h.urgency is Urgency.EMERGENCY for item, h in heard if not item.crisis)
    yield f"  {'recall':34}{Share(sum(of_crisis), len(of_crisis))}"
    yield f"  {'precision':34}{Share(sum(of_crisis), sum(of_crisis) + sum(of_others))}"
    yield f"  {'false-alarm rate':34}{Share(sum(of_others), len(of_others))}"
    yield f"  {'false emergencies':34}{Share(emergencies, len(of_others))}"


@click.group()
def safety() -> None:
    """Measure how well danger is heard."""


@safety.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--content",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=_CONTENT,
    help="Content directory.",
)
def evaluate(file: Path, content: Path) -> None:
    """Measure the danger check on FILE: recall, precision and false alarms with intervals, overall and per class."""
    try:
        lines = report(read_labelled(file), load_lexicon(content))
    except ValueError as fault:
        raise click.ClickException(str(fault)) from fault
    for line in lines:
        click.echo(line)
