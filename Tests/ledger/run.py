# SPDX-License-Identifier: Apache-2.0
"""run.py BUILD MINUTES [--seed SEED] [--only "1 7"]: numbered messages through faults, and what became of each.

The seed says what goes wrong, and when: times relative to the beginning of the run. When a step is carried out, and
what is under way then, is the machine's.
"""

import argparse
import heapq
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path

from closing import as_text
from flows import FLOWS, PROXY, Flow
from growth import Growth, Size
from judging import judge_run, room
from links import Room
from network import enter_own_network
from schedule import Step, schedule
from stage import Stage, Trouble

SAMPLES = 200
LEAST_PAUSE = 1.0


def samples(stage: Stage, flows: tuple[Flow, ...], growths: dict[str, Growth]) -> None:
    """Takes the sizes of this process, with all proxies in it, and of those that are never killed."""
    growths.setdefault("the proxies", Growth("the proxies")).sizes.append(Size.of("self"))
    for (number, side), end in stage.ends.items():
        flow = next(each for each in flows if each.number == number)
        if (flow.is_steady or side == PROXY) and end.process:
            name = f"flow {flow.name}, {flow.role(side)}"
            growths.setdefault(name, Growth(name)).sizes.append(Size.of(end.process.pid))


def carry_out(stage: Stage, flows: tuple[Flow, ...], steps: list[Step], length: float) -> list[Growth]:
    """Lets everything go wrong, each at its time."""
    begin = time.monotonic()
    growths: dict[str, Growth] = {}
    pause = max(LEAST_PAUSE, length / SAMPLES)
    # Of what is due at the same time, what ends comes first.
    due = [(step.begin, 1, key) for key, step in enumerate(steps)]
    due += [(pause * number, 2, number) for number in range(1, int(length / pause))]
    heapq.heapify(due)
    while due:
        at, what, key = heapq.heappop(due)
        stage.hear_until(begin + at)
        if what == 2:
            samples(stage, flows, growths)
        elif what == 1:
            stage.strike(steps[key], key)
            heapq.heappush(due, (steps[key].end, 0, key))
        else:
            stage.relent(steps[key], key)
    stage.hear_until(begin + length)
    return list(growths.values())


def run(build: Path, folder: Path, flows: tuple[Flow, ...], seed: int, length: float, limits: Room) -> int:
    steps = schedule(flows, seed, length)
    troubles: list[str] = []
    growths: list[Growth] = []
    with Stage(build, folder, flows, seed) as stage:
        try:
            stage.begin()
            growths = carry_out(stage, flows, steps, length)
            stage.finish(flows)
        except Trouble as trouble:
            troubles.append(str(trouble))
    began = time.monotonic()
    books = judge_run(folder, flows, limits)
    print(f"judged in {time.monotonic() - began:.0f} s")
    text, is_good = as_text(books, growths, troubles, steps)
    print(text)
    return 0 if is_good else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("minutes", type=float)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="")
    parser.add_argument("--keep", type=Path, help="where to keep the journals")
    arguments = parser.parse_args()
    enter_own_network()
    seed = arguments.seed or secrets.randbelow(2**32 - 1) + 1
    flows = tuple(flow for flow in FLOWS if not arguments.only or str(flow.number) in arguments.only.split())
    print(f"The ledger: {arguments.minutes:g} minutes, {len(flows)} flows", flush=True)
    limits = room()
    print(f"on its way on a link can be {limits.messages} messages and {limits.bytes} bytes")
    print(f"make soak MINUTES={arguments.minutes:g} SEED={seed}   has the same go wrong again", flush=True)
    folder = Path(arguments.keep or tempfile.mkdtemp(prefix="ledger-"))
    folder.mkdir(exist_ok=True)
    code = run(arguments.build, folder, flows, seed, arguments.minutes * 60, limits)
    if code:
        print(f"the journals are in {folder}")
    elif not arguments.keep:
        shutil.rmtree(folder)
    return code


if __name__ == "__main__":
    sys.exit(main())
