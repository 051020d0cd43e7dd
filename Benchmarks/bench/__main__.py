# SPDX-License-Identifier: Apache-2.0
"""Measures this library, where possible against plain libzmq, and prints one table.

Missed targets are marked, and are no failure: the exit status says only whether everything could be measured.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from . import (
    forwarding,
    idle,
    instructions,
    large,
    lateness,
    polling,
    publishing,
    requests,
    round_trip,
    security,
    start,
    throughput,
)
from .scale import FULL, QUICK
from .table import Table
from .workers import Broken, Workers

MEASUREMENTS = (
    instructions,
    throughput,
    security,
    publishing,
    large,
    forwarding,
    round_trip,
    requests,
    polling,
    start,
    lateness,
    idle,
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("workers", type=Path, help="the folder of the measuring programs")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, for a look")
    arguments = parser.parse_args()

    workers = Workers(arguments.workers)
    scale = QUICK if arguments.quick else FULL
    table = Table()
    begin = time.monotonic()
    placing = "left to the scheduler" if os.environ.get("BENCH_UNPINNED") else "half of the cores each"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f} at the beginning; two processes: {placing}.")
    print("Ratios are ours / plain, the median over pairs of runs made one after the other.\n")
    table.head()
    try:
        for measurement in MEASUREMENTS:
            measurement.measure(workers, scale, table)
    except Broken as broken:
        print(f"bench: {broken}", file=sys.stderr)
        return 1
    print(f"\n{table.targets - table.missed} of {table.targets} targets met, in {time.monotonic() - begin:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
