# SPDX-License-Identifier: Apache-2.0
"""What encryption, and an authenticator, cost."""

from statistics import median

from . import throughput
from .scale import Scale
from .statistics import compare
from .table import Table, Target
from .workers import Workers

NS_PER_MS = 1e6
MANY_KEYS = 10_000
CONNECT_MS = Target(2)
MANY_KEYS_RATIO = Target(1.10)


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    throughput.rates(workers, scale, table, "The same with CURVE, set by hand on the side of plain libzmq", "curve")
    table.section(
        f"Connect with CURVE to a server with an authenticator: ms ({scale.curve_pairs} pairs of runs of "
        f"{scale.curve_connects}, medians)"
    )
    few: list[float] = []
    many: list[float] = []
    for pair in range(scale.curve_pairs):
        for keys, medians in ((1, few), (MANY_KEYS, many))[:: 1 if pair % 2 == 0 else -1]:
            times = workers.column("curve_connect-ours", keys, scale.curve_connects)
            medians.append(median(times) / NS_PER_MS)
    table.value("  one key is allowed", median(few), 3, CONNECT_MS)
    table.value(f"  {MANY_KEYS:,} keys are".replace(",", " "), median(many), 3)
    table.value("  the latter over the former, median of the pairs", compare(few, many).ratio, 3, MANY_KEYS_RATIO)
