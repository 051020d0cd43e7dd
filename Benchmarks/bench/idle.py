# SPDX-License-Identifier: Apache-2.0
"""Connected sockets that have nothing to do."""

from .scale import Scale
from .table import Table, Target
from .workers import Workers

MOST_PER_CENT = Target(1)
NO_WAKE_UPS = Target(0)


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    (cpu_ns, span_ns, wake_ups, threads) = workers.rows("idle-ours", scale.idle_pairs, scale.idle_s)[0]
    table.section(
        f"Idle: {2 * scale.idle_pairs} sockets, connected in pairs in one process of {threads:.0f} threads, for "
        f"{span_ns / 1e9:.0f} s"
    )
    table.value("  CPU, per cent of one core", 100 * cpu_ns / span_ns, 3, MOST_PER_CENT)
    table.value("  wake-ups of the library's and libzmq's threads", wake_ups, 0, NO_WAKE_UPS)
