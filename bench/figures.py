"""Small sums over measured figures."""

from collections.abc import Sequence


def quantile(ascending: Sequence[float], share: float) -> float:
    """The value that this share of ascending values stays within (nearest rank)."""
    if not ascending:
        raise ValueError("no figures")
    return ascending[min(len(ascending) - 1, int(len(ascending) * share))]


def median(values: Sequence[float]) -> float:
    return quantile(sorted(values), 0.5)
