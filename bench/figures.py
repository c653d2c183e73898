"""Small sums over measured figures."""

from collections.abc import Sequence
from dataclasses import dataclass


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of ascending values stays within (nearest rank)."""
    if not ascending:
        raise ValueError("no figures")
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


def median(values: Sequence[float]) -> float:
    return quantile(sorted(values), 0.5)


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds, ascending; for what has a time of its own also how much of it was done before that."""

    name: str
    ms: tuple[float, ...]
    early: float | None = None

    def __str__(self) -> str:
        p50, p99 = quantile(self.ms, 0.5), quantile(self.ms, 0.99)
        early = "" if self.early is None else f"  early {self.early:.0%}"
        return (
            f"{self.name:38} p50 {p50:7.0f} ms  p99 {p99:7.0f} ms  max {self.ms[-1]:7.0f} ms  ({len(self.ms)} tries)"
            f"{early}"
        )

    def row(self) -> dict[str, object]:
        """As plain values."""
        row: dict[str, object] = {
            "name": self.name,
            "p50": quantile(self.ms, 0.5),
            "p99": quantile(self.ms, 0.99),
            "max": self.ms[-1],
            "n": len(self.ms),
        }
        return row if self.early is None else row | {"early": self.early}


def lateness(name: str, ms: Sequence[float]) -> Times:
    """How late each came; what came before its time counts as not late, and in the share that was early."""
    return Times(name, tuple(sorted(max(0.0, late) for late in ms)), sum(late < 0 for late in ms) / len(ms))
