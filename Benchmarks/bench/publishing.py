# SPDX-License-Identifier: Apache-2.0
"""exz_publish to many subscribers, against an XPUB of plain libzmq."""

from .scale import Scale
from .statistics import alternate, compare
from .table import Table, Target
from .throughput import count_for
from .workers import Workers

SUBSCRIBERS = (1, 10, 100)
LEAST_RATE = Target(0.95, is_least=True)
NS_PER_S = 1e9


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Publishing 64 B, subscribers of plain libzmq in another process: messages per second, and the time of the "
        f"publishing thread ({scale.stream_pairs} pairs of runs of {scale.stream_s:g} s)"
    )
    for subscribers in SUBSCRIBERS:
        _compare(workers, scale, table, subscribers)


def _compare(workers: Workers, scale: Scale, table: Table, subscribers: int) -> None:
    count = count_for(workers, "publish", scale.stream_s, subscribers)
    plain, ours = alternate(scale.stream_pairs, lambda side: workers.rows(f"publish-{side}", subscribers, count)[0])
    name = f"  {subscribers} subscriber{'s' if subscribers > 1 else ''}"
    rates = compare(*([count / took for took, _ in runs] for runs in (plain, ours)))
    table.comparison(name, rates, 0, LEAST_RATE)
    costs = compare(*([had / count * NS_PER_S for _, had in runs] for runs in (plain, ours)))
    table.comparison(f"{name}, ns of that thread each", costs, 0)
