# SPDX-License-Identifier: Apache-2.0
"""pyzmq's own tests, with this package as pyzmq's backend, compared with what is expected to differ (expected.tsv).

`run.py FOLDER`: where fetch.py has put each version. `--stock`: with the backend that pyzmq brings, of which nothing
may differ, to see what of a failure is the suite's or the machine's.
"""

import argparse
import sys
import time
from collections import defaultdict
from pathlib import Path

from backend_used import STOCK
from expected import HERE, QUEUE, Expected, read_expected, read_own_skips, those
from judge import conclude, judge, judge_own_skips
from network import own_network
from outcomes import FileResults, Outcome
from running import Suite, backend_problem, run_side_by_side

BACKEND = "experimance_zmq.pyzmq_backend"
# They wait more than they work.
PROCESSES = 2


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--stock", action="store_true", help="with pyzmq's own backend")
    parser.add_argument("--only", default="", help="files whose names contain this")
    arguments = parser.parse_args()
    begin = time.monotonic()

    backend = STOCK if arguments.stock else BACKEND
    listed = read_expected(HERE / "expected.tsv", versions())
    if arguments.stock:
        listed = [each for each in listed if each.outcome is Outcome.LEFT_OUT]
    network, reason = own_network()
    if reason:
        print(f"pyzmq's suite: one file at a time, as its ports are everybody's: {reason}")
    suites = [_suite(arguments.folder.absolute() / version, backend, listed, network) for version in versions()]
    own_skips = read_own_skips(HERE / ("stock-skips.tsv" if arguments.stock else "own-skips.tsv"))

    for suite in suites:
        if said := backend_problem(suite):
            print(f"pyzmq's suite: not run with pyzmq {suite.version} on {backend}:\n{said}")
            return 1
    jobs = [(suite, name) for suite in suites for name in suite.files() if arguments.only in name]
    jobs.sort(key=lambda job: -(job[0].folder / job[1]).stat().st_size)
    done: dict[str, list[FileResults]] = defaultdict(list)
    for suite, results in run_side_by_side(jobs, PROCESSES if network else 1):
        done[suite.version].append(results)
    if arguments.only:
        listed = [each for each in listed if arguments.only in each.test.partition("::")[0]]
    judged = [version for version in versions() if done[version] or not arguments.only]
    verdicts = [judge(version, backend, done[version], listed, own_skips) for version in judged]
    # Of a part of the files no skip is missed.
    said, status = conclude(verdicts, [] if arguments.only else judge_own_skips(own_skips, verdicts))
    print(f"{said}, in {time.monotonic() - begin:.0f} s")
    return status


def _suite(place: Path, backend: str, listed: list[Expected], network: list[str]) -> Suite:
    """Some of pyzmq's tests have fixed ports, which are nobody else's in a network of its own."""
    python, version = place / "venv" / "bin" / "python", place.name
    return Suite(
        version,
        python,
        place / "suite",
        backend,
        left_out=those(listed, version, Outcome.LEFT_OUT),
        apart=those(listed, version, Outcome.PASSED),
        more=QUEUE,
        before=tuple(network),
    )


def versions() -> list[str]:
    """Those of pyzmq that are supported, as far as they are tried: the ends."""
    found = [path.stem for path in (HERE / "requirements").glob("*.txt")]
    return sorted(found, key=lambda version: [int(number) for number in version.split(".")])


if __name__ == "__main__":
    sys.exit(main())
