# SPDX-License-Identifier: Apache-2.0
"""What came of the matrix: one result for each cell and door."""

from dataclasses import dataclass

from doors import DOORS
from scenarios import Scenario


@dataclass(frozen=True)
class Result:
    """What one door answered in one cell."""

    status: str
    ms: float
    # What is wrong with it, or why there is none.
    problem: str = ""
    is_skipped: bool = False

    @property
    def is_right(self) -> bool:
        return not self.problem

    @property
    def is_wrong(self) -> bool:
        return bool(self.problem) and not self.is_skipped

    @property
    def word(self) -> str:
        return word(self.status) if self.status else "skipped" if self.is_skipped else "no answer"


def word(status: str) -> str:
    """A status without what all of them have."""
    return status.removeprefix("EXZ_").removeprefix("ERR_")


@dataclass(frozen=True)
class Cell:
    """A cell with the results of all doors."""

    scenario: Scenario
    results: dict[str, Result]

    @property
    def is_wrong(self) -> bool:
        return any(result.is_wrong for result in self.results.values())

    @property
    def is_skipped(self) -> bool:
        return any(result.is_skipped for result in self.results.values())

    @property
    def words(self) -> str:
        """What was answered, each once."""
        given = dict.fromkeys(result.word for result in self.results.values())
        return " or ".join(given)

    @property
    def took(self) -> str:
        """The times of all doors."""
        times = [result.ms for result in self.results.values() if result.status]
        if not times:
            return ""
        low, high = round(min(times)), round(max(times))
        return f"{low} ms" if low == high else f"{low}–{high} ms"


def as_text(cells: list[Cell]) -> str:
    """The table, a line for each cell."""
    titles = "  ".join(f"{door.title:>11}" for door in DOORS.values())
    lines = [f"{'':<42}  {'ms through:':<22}{titles}"]
    for cell in cells:
        place = f"{cell.scenario.operation:<17} {cell.scenario.peer:<19}"
        if not cell.scenario.has_meaning:
            lines.append(f"  {place}     no meaning: {cell.scenario.why}")
            continue
        sign = "✗" if cell.is_wrong else "–" if cell.is_skipped else "✓"
        times = "  ".join(
            f"{'✗' if result.is_wrong else ''}{result.ms:.0f}".rjust(11) if result.status else result.word.rjust(11)
            for result in cell.results.values()
        )
        lines.append(f"{sign} {place}     {cell.words:<22}{times}")
        lines += [
            f"    {DOORS[door].title}: {result.problem}" for door, result in cell.results.items() if result.is_wrong
        ]
    return "\n".join(lines)
