# SPDX-License-Identifier: Apache-2.0
"""From nothing to the first message, and back to the next one after a publisher's death."""

from statistics import median

from .scale import Scale
from .table import Table, Target
from .workers import Workers

NS_PER_MS = 1e6
START_MS = Target(10)
#: The default initial back-off, 100 ms, and 20 ms.
RETURN_MS = Target(120)


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Start: publisher and subscriber in new processes, from the first socket_open to the first message: ms "
        f"({scale.starts} times)"
    )
    starts = [ns / NS_PER_MS for ns in workers.column("first_message-ours", scale.starts)]
    table.value("  median", median(starts), 2, START_MS)
    table.value("  longest", max(starts), 2)

    table.section(
        f"Publisher killed and started again on its port: ms ({scale.returns} times; the subscriber keeps receiving)"
    )
    returns = workers.rows("publisher_return-ours", scale.returns)
    to_bind = [row[0] / NS_PER_MS for row in returns]
    to_message = [row[1] / NS_PER_MS for row in returns]
    table.value("  from its bind to the next message, median", median(to_message), 1, RETURN_MS)
    table.value("  from its bind to the next message, longest", max(to_message), 1, RETURN_MS)
    table.value("  before: kill, process start, bind; median", median(to_bind), 1)
    table.value("  before: kill, process start, bind; longest", max(to_bind), 1)
