# SPDX-License-Identifier: Apache-2.0
"""exz_request, against zmq_send and zmq_recv of a REQ."""

from .round_trip import compare_times
from .scale import Scale
from .table import Table
from .workers import Workers

SIZE = 64


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Request and answer, {SIZE} B, a REP of plain libzmq in another process: microseconds "
        f"({scale.round_trip_pairs} pairs of runs of {scale.round_trips})"
    )
    compare_times(workers, scale, table, "request", SIZE)
