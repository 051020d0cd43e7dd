# SPDX-License-Identifier: Apache-2.0
"""Measures the Swift interface against plain libzmq in C, and prints one table.

Missed targets are marked, and are no failure: the exit status says only whether everything could be measured.
"""

import argparse
import os
import sys
import time
from pathlib import Path

from bench.table import Table
from bench.workers import Broken, Workers

from .measuring import MEASUREMENTS
from .scale import FULL, QUICK


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_swift", description=__doc__)
    parser.add_argument("workers", type=Path, help="the folder of the measuring programs")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, for a look")
    parser.add_argument("--only", choices=MEASUREMENTS, help="one part of the table")
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
        for name, measure in MEASUREMENTS.items():
            if arguments.only in (None, name):
                measure(workers, scale, table)
    except Broken as broken:
        print(f"bench_swift: {broken}", file=sys.stderr)
        return 1
    print(f"\n{table.targets - table.missed} of {table.targets} targets met, in {time.monotonic() - begin:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
