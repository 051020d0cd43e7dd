# SPDX-License-Identifier: Apache-2.0
"""The table that is printed, a row as soon as it is known."""

from dataclasses import dataclass

from .statistics import Comparison

WIDTHS = (46, 11, 11, 7, 13, 8)


@dataclass(frozen=True)
class Target:
    """A bound for a value."""

    bound: float
    is_least: bool = False

    def is_met(self, value: float) -> bool:
        return value >= self.bound if self.is_least else value <= self.bound

    def __str__(self) -> str:
        if self.bound == 0:
            return "0"
        return f"{'>=' if self.is_least else '<='} {self.bound:g}"


class Table:
    """Prints rows; counts targets and those that were missed."""

    def __init__(self) -> None:
        self.targets = 0
        self.missed = 0

    def head(self) -> None:
        self._print("", "plain", "ours", "ratio", "quartiles", "target", "")
        print("-" * (sum(WIDTHS) + 2 * len(WIDTHS)))

    def section(self, title: str) -> None:
        print(f"\n{title}", flush=True)

    def comparison(self, name: str, values: Comparison, digits: int, target: Target | None = None) -> None:
        """A quantity of both sides; the target is for the ratio."""
        low, high = values.quartiles
        self._print(
            name,
            number(values.plain, digits),
            number(values.ours, digits),
            f"{values.ratio:.3f}",
            f"{low:.3f}-{high:.3f}",
            str(target or ""),
            self._verdict(values.ratio, target),
        )

    def value(self, name: str, value: float, digits: int, target: Target | None = None) -> None:
        """A quantity of this library alone; the target is for the value."""
        self._print(name, "", number(value, digits), "", "", str(target or ""), self._verdict(value, target))

    def both(self, name: str, plain: float, ours: float, digits: int) -> None:
        """A quantity of both sides that was measured once, because it does not vary."""
        self._print(name, number(plain, digits), number(ours, digits), f"{ours / plain:.3f}", "", "", "")

    def _verdict(self, value: float, target: Target | None) -> str:
        if target is None:
            return ""
        self.targets += 1
        if target.is_met(value):
            return "met"
        self.missed += 1
        return "MISSED"

    @staticmethod
    def _print(name: str, *cells: str) -> None:
        *numbers, verdict = cells
        aligned = (f"{cell:>{width}}" for cell, width in zip(numbers, WIDTHS[1:], strict=True))
        print("  ".join((f"{name:<{WIDTHS[0]}}", *aligned, verdict)).rstrip(), flush=True)


def number(value: float, digits: int) -> str:
    """With groups of three digits, so that it can be read."""
    return f"{value:,.{digits}f}".replace(",", " ")
