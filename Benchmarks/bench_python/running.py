# SPDX-License-Identifier: Apache-2.0
"""Runs measured processes."""

import os
import subprocess
import sys
from dataclasses import dataclass

from .rows import Row

PATIENCE_S = 60
PACKAGES = {"plain": "zmq", "ours": "experimance_zmq"}

_IMPORT = """
from time import perf_counter, thread_time
wall, cpu = perf_counter(), thread_time()
import {}
print((perf_counter() - wall) * 1e6, (thread_time() - cpu) * 1e6)
"""


class Broken(Exception):
    """A measured process failed, so that there is nothing to report."""


@dataclass(frozen=True)
class Result:
    """Microseconds of one message."""

    wall: float
    cpu: float


def run(row: Row, side: str, span: float) -> Result:
    if row.work == "import":
        command = ["-c", _IMPORT.format(PACKAGES[side])]
    else:
        module = row.against if side == "plain" else side
        command = ["-m", f"{__package__}.measured", module, row.work, str(row.size), str(span)]
    # What is compiled has to be kept, or importing would be compiling.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    try:
        done = subprocess.run(
            [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise Broken(f"{row.name}, {side}: not done within {PATIENCE_S} s") from expired
    if done.returncode != 0:
        raise Broken(f"{row.name}, {side}: {done.stderr.strip()}")
    wall, cpu = map(float, done.stdout.split())
    return Result(wall, cpu)
