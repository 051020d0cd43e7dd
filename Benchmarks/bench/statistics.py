# SPDX-License-Identifier: Apache-2.0
"""Medians, quantiles, and the ratios of pairs of runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

Result = TypeVar("Result")


def quantile(values: Sequence[float], fraction: float) -> float:
    """The smallest value that is not exceeded by this fraction of all (the nearest rank)."""
    ordered = sorted(values)
    rank = -int(-fraction * len(ordered) // 1)
    return ordered[max(0, rank - 1)]


@dataclass(frozen=True)
class Comparison:
    """One quantity of both sides: their medians, and the ratio ours / plain of each pair."""

    plain: float
    ours: float
    ratios: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    @property
    def quartiles(self) -> tuple[float, float]:
        return quantile(self.ratios, 0.25), quantile(self.ratios, 0.75)


def compare(plain: Sequence[float], ours: Sequence[float]) -> Comparison:
    """Compares the runs of both sides pair by pair, so that a machine that changes its pace does not matter."""
    ratios = tuple(mine / theirs for theirs, mine in zip(plain, ours, strict=True))
    return Comparison(median(plain), median(ours), ratios)


def alternate(pairs: int, run: Callable[[str], Result]) -> tuple[list[Result], list[Result]]:
    """Runs "plain" and "ours" in turn, A B B A A B ...: neither is always the one that comes second."""
    results: dict[str, list[Result]] = {"plain": [], "ours": []}
    for pair in range(pairs):
        for side in ("plain", "ours") if pair % 2 == 0 else ("ours", "plain"):
            results[side].append(run(side))
    return results["plain"], results["ours"]
