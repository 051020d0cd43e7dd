# SPDX-License-Identifier: Apache-2.0
"""There and back."""

from .scale import Scale
from .statistics import alternate, compare, quantile
from .table import Table, Target
from .workers import Workers

SIZE = 64
MOST_RATIOS = {"p50": Target(1.03), "p99": Target(1.05)}
NS_PER_US = 1e3


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Round trip DEALER to DEALER, {SIZE} B, two processes, tcp on the loopback: microseconds "
        f"({scale.round_trip_pairs} pairs of runs of {scale.round_trips})"
    )
    compare_times(workers, scale, table, "round_trip", SIZE)


def compare_times(workers: Workers, scale: Scale, table: Table, worker: str, size: int) -> None:
    """The median and the slowest hundredth of what a worker prints."""
    plain, ours = alternate(
        scale.round_trip_pairs,
        lambda side: workers.column(f"{worker}-{side}", size, scale.round_trips),
    )
    for name, fraction in (("p50", 0.5), ("p99", 0.99)):
        values = compare(*([quantile(run, fraction) / NS_PER_US for run in runs] for runs in (plain, ours)))
        table.comparison(f"  {name}", values, 1, MOST_RATIOS[name])
