"""`python -m bench.faq`: how well free-text questions are matched to the FAQ, on paraphrases nobody tuned against.

A paraphrase belongs to the dev half or the test half by its hash; the figures in `flows/faq.py` and the questions in
`messages/*/questions.yaml` were chosen on the dev half alone. Questions of no entry are part of both halves.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import content
from flows import faq
from flows.definition import FaqEntry

PARAPHRASES = Path(__file__).parents[1] / "tests" / "faq_paraphrases.jsonl"
DEV, TEST = "dev", "test"
NONE = "-"  # no entry, and the caller is asked again


@dataclass(frozen=True, slots=True)
class Asked:
    """One paraphrase, the entry that answers it ("-": none does), and what the matching made of it."""

    language: str
    text: str
    entry: str
    ranked: tuple[str, ...]
    given: faq.Match

    @property
    def half(self) -> str:
        return TEST if hashlib.sha256(f"{self.language}:{self.text}".encode()).digest()[0] % 2 else DEV

    @property
    def answered(self) -> str:
        """The entry told at once; "-" where nothing is."""
        return self.given.entry.id if isinstance(self.given, faq.Sure) else NONE

    @property
    def offered(self) -> tuple[str, ...]:
        """The entries offered by number."""
        return tuple(entry.id for entry in self.given.entries) if isinstance(self.given, faq.Unsure) else ()


@dataclass(frozen=True, slots=True)
class Measured:
    """The shares of one language's half."""

    known: int
    top1: float
    top3: float
    answered: float
    offered: float
    answered_wrongly: int
    others: int
    others_answered: int
    others_offered: int


def asked(entries: tuple[FaqEntry, ...]) -> tuple[Asked, ...]:
    """Every paraphrase with what the matching makes of it."""
    rows = [json.loads(line) for line in PARAPHRASES.read_text(encoding="utf-8").splitlines()]
    return tuple(_one(row["language"], row["text"], row["entry"] or NONE, entries) for row in rows)


def _one(language: str, text: str, entry: str, entries: tuple[FaqEntry, ...]) -> Asked:
    ranked = tuple(found.id for _, found in faq.rank(text, entries, language))
    return Asked(language, text, entry, ranked, faq.match(text, entries, language))


def measured(rows: Iterable[Asked]) -> Measured:
    """The shares over these paraphrases."""
    given = tuple(rows)
    known = [row for row in given if row.entry != NONE]
    others = [row for row in given if row.entry == NONE]
    whole = max(1, len(known))
    return Measured(
        known=len(known),
        top1=sum(row.ranked[0] == row.entry for row in known) / whole,
        top3=sum(row.entry in row.ranked[:3] for row in known) / whole,
        answered=sum(row.answered == row.entry for row in known) / whole,
        offered=sum(row.entry in row.offered for row in known) / whole,
        answered_wrongly=sum(row.answered not in (row.entry, NONE) for row in known),
        others=len(others),
        others_answered=sum(row.answered != NONE for row in others),
        others_offered=sum(bool(row.offered) for row in others),
    )


def confusion(rows: Iterable[Asked]) -> Counter[tuple[str, str]]:
    """How often each entry's paraphrases came out likest to another entry."""
    return Counter((row.entry, row.ranked[0]) for row in rows if row.entry not in (NONE, row.ranked[0]))


def report(rows: tuple[Asked, ...]) -> Iterator[str]:
    """The table, and what is taken for what."""
    yield "language half  known  top-1  top-3  told   offered  told wrongly  others  told  offered"
    for language in sorted({row.language for row in rows}):
        for half in (DEV, TEST):
            m = measured(row for row in rows if (row.language, row.half) == (language, half))
            yield (
                f"{language:8} {half:5} {m.known:5}  {m.top1:5.1%}  {m.top3:5.1%}  {m.answered:5.1%}  {m.offered:5.1%}"
                f"    {m.answered_wrongly:4}          {m.others:3}     {m.others_answered:3}   {m.others_offered:3}"
            )
    yield ""
    for language in sorted({row.language for row in rows}):
        yield f"{language}, test half: likest to another entry (meant -> likest, how often)"
        wrong = confusion(row for row in rows if (row.language, row.half) == (language, TEST))
        for (meant, likest), often in sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0])):
            yield f"  {meant:18} -> {likest:18} {often}"


def main() -> None:
    for line in report(asked(content.load().flow.faq)):
        print(line)


if __name__ == "__main__":
    main()
