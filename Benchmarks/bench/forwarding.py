# SPDX-License-Identifier: Apache-2.0
"""Through a proxy, against zmq_proxy."""

from .scale import Scale
from .statistics import Comparison, alternate, compare
from .table import Table, Target
from .throughput import count_for
from .workers import Workers

KINDS = {"pull": "PULL to PUSH", "router": "ROUTER to DEALER", "xsub": "XSUB to XPUB"}
SIZES = {64: ("64 B", 0.95), 1 << 20: ("1 MiB", 0.97)}


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    for kind, forwarded in KINDS.items():
        table.section(
            f"Forwarding {forwarded}, plain libzmq at both ends: messages per second "
            f"({scale.stream_pairs} pairs of runs of {scale.stream_s:g} s)"
        )
        for size, (name, least) in SIZES.items():
            table.comparison(f"  {name}", _compare(workers, scale, kind, size), 0, Target(least, is_least=True))


def _compare(workers: Workers, scale: Scale, kind: str, size: int) -> Comparison:
    count = count_for(workers, "proxy", scale.stream_s, kind, size)
    plain, ours = alternate(scale.stream_pairs, lambda side: count / workers.number(f"proxy-{side}", kind, size, count))
    return compare(plain, ours)
