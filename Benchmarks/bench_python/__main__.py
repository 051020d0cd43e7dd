# SPDX-License-Identifier: Apache-2.0
"""Measures the Python package side by side with pyzmq, and prints one table.

Missed targets are marked, and are no failure: the exit status says only whether everything could be measured.
"""

import argparse
import ctypes
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import zmq

from bench.statistics import Comparison, compare

from .chart import draw
from .rows import ROWS, Row
from .running import Broken, Result, run

FULL = (9, 0.25)
QUICK = (3, 0.1)
#: Of one row, after a few pairs: the whole has to end within four minutes.
PATIENCE_S = 14
LEAST_PAIRS = 2
LINE = "{:<44}{:>10}{:>10}{:>8}{:>13}{:>9}  {:<7}{:>10}{:>10}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_python", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, for a look")
    parser.add_argument("--chart", type=Path, help="where to draw the ratios, without .svg and .png")
    parser.add_argument("--only", default="", help="rows whose names contain this")
    arguments = parser.parse_args()
    pairs, span = QUICK if arguments.quick else FULL
    begin = time.monotonic()
    _head(pairs, span)
    ratios: dict[Row, float] = {}
    try:
        for row in ROWS:
            if arguments.only in row.name:
                ratios[row] = _measure(row, pairs, span)
    except Broken as broken:
        print(f"bench_python: {broken}", file=sys.stderr)
        return 1
    met = [ratio >= row.target for row, ratio in ratios.items() if row.target]
    print(f"\n{sum(met)} of {len(met)} targets met, in {time.monotonic() - begin:.0f} s.")
    if arguments.chart:
        draw({row: ratio for row, ratio in ratios.items() if row.against == "pyzmq"}, arguments.chart)
    return 0


def _head(pairs: int, span: float) -> None:
    try:
        json = f"orjson {version('orjson')}"
    except PackageNotFoundError:
        json = "the standard library's json"
    print(
        f"Python {'.'.join(map(str, sys.version_info[:3]))}, pyzmq {version('pyzmq')} with libzmq {zmq.zmq_version()}; "
        f"this package with libzmq {_system_libzmq()} and {json}. {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.2f} at the beginning.\n"
        f"Microseconds for a message, the medians of {pairs} runs of {span:g} s each, in turn; 100 B, tcp, two "
        "processes.\nThe ratio is how many times as fast this package is: the median over the pairs, and its "
        "quartiles. The other side is pyzmq where nothing else is named.\n"
    )
    print(LINE.format("", "wall", "clock", "", "", "", "", "main thr.", "CPU"))
    print(LINE.format("", "other", "ours", "ratio", "quartiles", "target", "", "other", "ours").rstrip())
    print("-" * 121)


def _system_libzmq() -> str:
    numbers = [ctypes.c_int() for _ in range(3)]
    ctypes.CDLL("libzmq.so.5").zmq_version(*map(ctypes.byref, numbers))
    return ".".join(str(number.value) for number in numbers)


def _measure(row: Row, pairs: int, span: float) -> float:
    if row.work == "import":
        # Compiles what has changed.
        run(row, "ours", span)
        pairs *= 3
    plain, ours = _alternate(row, pairs, span)
    # How often the time of this package goes into that of the other.
    speed: Comparison = compare(*([1 / _compared(row, result) for result in results] for results in (plain, ours)))
    low, high = speed.quartiles
    print(
        LINE.format(
            row.name,
            _number(median(result.wall for result in plain)),
            _number(median(result.wall for result in ours)),
            f"{speed.ratio:.2f}",
            f"{low:.2f}-{high:.2f}",
            f">= {row.target:.2g}" if row.target else "",
            ("met" if speed.ratio >= row.target else "MISSED") if row.target else "",
            _number(median(result.cpu for result in plain)),
            _number(median(result.cpu for result in ours)),
        ),
        flush=True,
    )
    return speed.ratio


def _compared(row: Row, result: Result) -> float:
    return result.cpu if row.is_of_cpu else result.wall


def _alternate(row: Row, pairs: int, span: float) -> tuple[list[Result], list[Result]]:
    """Runs of both sides in turn, A B B A; fewer where the machine is too busy for all of them."""
    results: dict[str, list[Result]] = {"plain": [], "ours": []}
    end = time.monotonic() + PATIENCE_S
    for pair in range(pairs):
        for side in ("plain", "ours") if pair % 2 == 0 else ("ours", "plain"):
            results[side].append(run(row, side, span))
        if pair >= LEAST_PAIRS and time.monotonic() > end:
            break
    return results["plain"], results["ours"]


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
