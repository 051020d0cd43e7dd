# SPDX-License-Identifier: Apache-2.0
"""run.py BUILD MISBEHAVING_PEER: every operation with every peer, through every door.

--short: what make test has. --only WORDS: the cells of this operation, this peer, or both. --page FILE: also as a page.

A cell is wrong if its status is another than matrix.tsv says, if it comes before or long after its time, or if the
socket can not be used afterwards.
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from columns import NEED_NETWORK
from doors import DOORS
from network import own_network
from page import as_page
from results import Cell, Result, as_text
from scenarios import Scenario, scenarios

HERE = Path(__file__).resolve().parent
COUNT_SKIPS = HERE.parent / "count-skips"
# Long after the watchdogs of all waits in a cell.
CELL_WATCHDOG = 300.0

Place = tuple[str, str]


def run_door(door: str, prefix: list[str], cells: list[Scenario], arguments: argparse.Namespace) -> dict[Place, Result]:
    """Has one door make the calls of these cells, in a network of its own if there is one."""
    command = [
        *prefix,
        sys.executable,
        "-B",
        str(HERE / "worker.py"),
        arguments.build,
        arguments.misbehaving_peer,
        door,
    ]
    lines = "".join(f"{each.operation}\t{each.peer}\n" for each in cells)
    found: dict[Place, Result] = {}
    try:
        finished = subprocess.run(
            command,
            input=lines,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            timeout=CELL_WATCHDOG + 10 * len(cells),
        )
        output, end = finished.stdout, f"the worker ended with {finished.returncode} before this cell"
    except subprocess.TimeoutExpired as error:
        output, end = (error.stdout or b"").decode(), "the worker hangs in this cell, or in one before"
    for line in output.splitlines():
        said = json.loads(line)
        found[said["operation"], said["peer"]] = Result(said["status"], said["ms"], said["problem"])
    return {(each.operation, each.peer): found.get((each.operation, each.peer), Result("", 0, end)) for each in cells}


def closing_line(cells: list[Cell]) -> tuple[str, bool]:
    """How many are right, and whether that is all there can be."""
    results = [result for cell in cells for result in cell.results.values()]
    skipped = [result.problem for result in results if result.is_skipped]
    right = sum(result.is_right for result in results)
    counted = subprocess.run(
        [COUNT_SKIPS],
        input="".join(f"{reason}\n" for reason in skipped),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    told = f"{right} of {len(results)} cells right, through {len(DOORS)} doors"
    line = f"Matrix: {told}, {counted.stdout.strip()}"
    return line, right + len(skipped) == len(results) and counted.returncode == 0 and right > 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("misbehaving_peer")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--page", type=Path)
    arguments = parser.parse_args()
    chosen = [
        each
        for each in scenarios()
        if (each.is_short or not arguments.short) and set(arguments.only.split()) <= {each.operation, each.peer}
    ]
    prefix, no_network = own_network()
    needing = NEED_NETWORK if no_network else ()
    to_run = [each for each in chosen if each.has_meaning and each.peer not in needing]
    with ThreadPoolExecutor(len(DOORS)) as pool:
        by_door = dict(zip(DOORS, pool.map(lambda door: run_door(door, prefix, to_run, arguments), DOORS), strict=True))
    skipped = Result("", 0, no_network, is_skipped=True)
    cells = [
        Cell(
            each, {door: by_door[door].get((each.operation, each.peer), skipped) for door in DOORS if each.has_meaning}
        )
        for each in chosen
    ]
    print(as_text(cells))
    line, is_good = closing_line(cells)
    if arguments.page:
        arguments.page.write_text(as_page(cells, line), encoding="utf-8")
        print(f"wrote {os.path.relpath(arguments.page)}")
    print(line)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
