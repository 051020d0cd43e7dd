# SPDX-License-Identifier: Apache-2.0
"""run.py PROGRAMS: a thousand clients whose server is killed and comes back, in a network of their own.

PROGRAMS is the folder with clients, plain_clients and server. --clients COUNT: as many. --away SECONDS: how long the
server is. --initial, --max, --jitter: the policy; libzmq gets the same limits. --picture FILE: drawn, as SVG.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from herd import Trouble, run_herd
from judge import complaints, figures
from network import own_network
from picture import as_svg

# As the header numbers them.
JITTERS = ("none", "full", "equal", "decorrelated", "proportional")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--away", type=float, default=10)
    parser.add_argument("--initial", type=int, default=100)
    parser.add_argument("--max", type=int, default=1000)
    parser.add_argument("--jitter", choices=JITTERS, default="equal")
    parser.add_argument("--picture", type=Path)
    parser.add_argument("--in-own-network", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    arguments = parsed()
    if not arguments.in_own_network:
        prefix, reason = own_network()
        if reason:
            print(f"The herd: {reason}", file=sys.stderr)
            return 1
        again = [*prefix, sys.executable, "-B", *sys.argv, "--in-own-network"]
        return subprocess.run(again, check=False).returncode

    programs, limits = arguments.programs, (arguments.initial, arguments.max)
    told = f"{limits[0]} ms to {limits[1] / 1000:g} s"
    herds = (
        (f"This library: {told}, jitter {arguments.jitter}", ["clients", str(JITTERS.index(arguments.jitter))]),
        (f"Plain libzmq: {told}", ["plain_clients"]),
    )
    records = []
    for name, (program, *more) in herds:
        command = [str(programs / program), *more]
        record = run_herd(name, command, programs / "server", limits, arguments.clients, arguments.away)
        print(name, *figures(record), sep="\n    ")
        records.append(record)
    if arguments.picture:
        arguments.picture.write_text(as_svg(records), encoding="utf-8")
        print(f"drawn: {os.path.relpath(arguments.picture)}")
    # Of plain libzmq's herd nothing is promised.
    wrong = complaints(records[0])
    for complaint in wrong:
        print(f"WRONG: {complaint}")
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Trouble as trouble:
        print(trouble, file=sys.stderr)
        sys.exit(2)
