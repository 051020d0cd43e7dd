# SPDX-License-Identifier: Apache-2.0
"""Measures programs that are written with pyzmq, on its own backend and on this package, and prints one table.

Missed targets are marked, and are no failure: the exit status says only whether everything could be measured.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from bench.statistics import alternate, compare

from .rows import ROWS, Row
from .sides import SIDES, Broken, run

FULL = (9, 0.25, 4000)
QUICK = (3, 0.1, 500)
LINE = "{:<40}{:>10}{:>10}{:>8}{:>14}  {:<11}{}"
_ASK = "import sys, zmq; print(f'Python {sys.version.split()[0]}, pyzmq {zmq.__version__}')"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench_pyzmq", description=__doc__)
    parser.add_argument("python", type=Path, help="of an environment that has pyzmq")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter runs, for a look")
    parser.add_argument("--only", default="", help="rows whose names contain this")
    arguments = parser.parse_args()
    pairs, span, count = QUICK if arguments.quick else FULL
    begin = time.monotonic()
    rows = [row for row in ROWS if arguments.only in row.name]
    missing = False
    _head(arguments.python, pairs, span)
    met = []
    for row in rows:
        try:
            met.append(_measure(arguments.python, row, pairs, span))
        except Broken as broken:
            missing = True
            print(f"{row.name}: {broken}", flush=True)
    try:
        if not arguments.only:
            _losses(arguments.python, count)
    except Broken as broken:
        missing = True
        print(broken)
    print(f"\n{sum(met)} of {len(rows)} targets met, in {time.monotonic() - begin:.0f} s.")
    return 1 if missing else 0


def _head(python: Path, pairs: int, span: float) -> None:
    version = subprocess.run([python, "-c", _ASK], capture_output=True, text=True, check=True).stdout.strip()
    print(
        f"{version}: with its own backend, and with this package. {os.cpu_count()} cores, load "
        f"{os.getloadavg()[0]:.2f} at the beginning.\n"
        f"Microseconds for a message, the medians of {pairs} runs of {span:g} s each, in turn; 100 B, tcp, two "
        "processes.\nThe ratio is how many times as fast this package is: the median over the pairs, and its "
        "quartiles.\n"
    )
    print(LINE.format("", "pyzmq", "ours", "ratio", "quartiles", "target", "").rstrip())
    print("-" * 101)


def _measure(python: Path, row: Row, pairs: int, span: float) -> bool:
    def once(side: str) -> float:
        return float(run(python, side, "measured", row.work, str(row.size), str(span)))

    plain, ours = alternate(pairs, once)
    # How often the time of this package goes into that of the other.
    speed = compare([1 / taken for taken in plain], [1 / taken for taken in ours])
    times = compare(plain, ours)
    low, high = speed.quartiles
    if row.least is not None:
        target, is_met = f">= {row.least:g}", speed.ratio >= row.least
    else:
        target, is_met = f"<= {row.most_us:g} us", times.ours <= (row.most_us or 0)
    numbers = (_number(times.plain), _number(times.ours), f"{speed.ratio:.2f}", f"{low:.2f}-{high:.2f}")
    print(LINE.format(row.name, *numbers, target, "met" if is_met else "MISSED"), flush=True)
    return is_met


def _losses(python: Path, count: int) -> None:
    lost = {side: run(python, side, "losses", str(count)) for side in SIDES}
    print(
        f"\nwait_for(recv_string(), 0.001), given up about as often as a message comes: of {count:,} messages "
        f"pyzmq loses {lost['plain']}, this package {lost['ours']}."
    )


def _number(value: float) -> str:
    return f"{value:.3f}" if value < 10 else f"{value:.0f}"


if __name__ == "__main__":
    sys.exit(main())
