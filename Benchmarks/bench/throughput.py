# SPDX-License-Identifier: Apache-2.0
"""PUSH to PULL, one way."""

from .scale import Scale
from .statistics import Comparison, alternate, compare
from .table import Table, Target
from .workers import Workers

SIZES = {64: "64 B", 1024: "1 KiB", 65536: "64 KiB"}
LEAST_RATIO = Target(0.97, is_least=True)


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    rates(workers, scale, table, "PUSH to PULL, two processes, tcp on the loopback")


def rates(workers: Workers, scale: Scale, table: Table, title: str, *how: str) -> None:
    """The rate of each size; `how` is what the program is told beside it."""
    table.section(f"{title}: messages per second ({scale.stream_pairs} pairs of runs of {scale.stream_s:g} s)")
    for size, name in SIZES.items():
        table.comparison(f"  {name}", _compare(workers, scale, *how, size), 0, LEAST_RATIO)


def _compare(workers: Workers, scale: Scale, *arguments: int | str) -> Comparison:
    count = count_for(workers, "stream", scale.stream_s, *arguments)
    plain, ours = alternate(
        scale.stream_pairs, lambda side: count / workers.number(f"stream-{side}", *arguments, count)
    )
    return compare(plain, ours)


def count_for(workers: Workers, worker: str, seconds: float, *arguments: int | str) -> int:
    """How many messages plain libzmq carries in that time, about; their number is the worker's last argument."""
    count = 100
    while (taken := workers.number(f"{worker}-plain", *arguments, count)) < seconds / 4:
        count *= 4
    return int(count * seconds / taken)
