# SPDX-License-Identifier: Apache-2.0
"""PUSH to PULL with large messages that are not copied."""

from .scale import Scale
from .statistics import Comparison, alternate, compare
from .table import Table, Target
from .throughput import count_for
from .workers import Workers

SIZES = {1 << 20: "1 MiB", 8 << 20: "8 MiB"}
#: What it is compared with: the program for plain libzmq, and the target.
OTHERS = {
    "stream": ("of zmq_send and zmq_recv", Target(1.4, is_least=True)),
    "large": ("of zmq_msg_init_data and kept messages", Target(0.97, is_least=True)),
}


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"PUSH to PULL, two processes, tcp on the loopback, lent buffers and kept messages: messages per second "
        f"({scale.stream_pairs} pairs of runs of {scale.stream_s:g} s)"
    )
    for size, name in SIZES.items():
        for other, (what, target) in OTHERS.items():
            table.comparison(f"  {name}, {what}", _compare(workers, scale, size, other), 0, target)


def _compare(workers: Workers, scale: Scale, size: int, other: str) -> Comparison:
    count = count_for(workers, other, scale.stream_s, size)
    plain, ours = alternate(
        scale.stream_pairs,
        lambda side: count / workers.number(f"{other}-plain" if side == "plain" else "large-ours", size, count),
    )
    return compare(plain, ours)
