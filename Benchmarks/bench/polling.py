# SPDX-License-Identifier: Apache-2.0
"""exz_poll over sockets that have nothing, without a wait, against zmq_poll."""

from .scale import Scale
from .statistics import alternate, compare
from .table import Table, Target
from .workers import Workers

SOCKETS = 500
TIMES = 200
MOST_RATIO = Target(1.05)
NS_PER_US = 1e3


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Polling {SOCKETS} idle sockets without a wait: microseconds ({scale.stream_pairs} pairs of runs of {TIMES})"
    )
    plain, ours = alternate(
        scale.stream_pairs, lambda side: workers.number(f"poll_idle-{side}", SOCKETS, TIMES) / NS_PER_US
    )
    table.comparison("  time-out 0", compare(plain, ours), 1, MOST_RATIO)
