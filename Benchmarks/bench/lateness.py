# SPDX-License-Identifier: Apache-2.0
"""How late a receive is that has nothing to receive."""

from .scale import Scale
from .statistics import quantile
from .table import Table, Target
from .workers import Workers

NS_PER_MS = 1e6
NONE = Target(0)


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section("Time-outs of exz_recv: lateness in ms")
    early = 0
    for timeout_ms, threads, rounds in scale.timeouts:
        late = [ns / NS_PER_MS for ns in workers.column("lateness-ours", timeout_ms, threads, rounds)]
        early += sum(1 for value in late if value < 0)
        table.value(f"  {timeout_ms} ms, p50 of {len(late)}", quantile(late, 0.5), 3)
        table.value(f"  {timeout_ms} ms, p99", quantile(late, 0.99), 3)
    table.value("  early ones", early, 0, NONE)
