# SPDX-License-Identifier: Apache-2.0
"""The same program with and without this package: what of it differs is in the environment."""

import os
import subprocess
from pathlib import Path

PATIENCE_S = 120
SIDES = {
    "plain": {"PYZMQ_BACKEND": "cython", "EXZ_BENCH_ASYNCIO": "zmq.asyncio"},
    "ours": {
        "PYZMQ_BACKEND": "experimance_zmq.pyzmq_backend",
        "EXZ_BENCH_ASYNCIO": "experimance_zmq.pyzmq.asyncio",
    },
}


class Broken(Exception):
    """A process failed, so that there is nothing to report."""


def run(python: Path, side: str, module: str, *arguments: str) -> str:
    """What the module of this package prints."""
    command = [str(python), "-m", f"{__package__}.{module}", *arguments]
    # What is compiled has to be kept, or importing would be compiling.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    what = f"{' '.join([module, *arguments])}, {side}"
    try:
        done = subprocess.run(
            command, env=environment | SIDES[side], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired as expired:
        raise Broken(f"{what}: not done within {PATIENCE_S} s") from expired
    if done.returncode != 0:
        raise Broken(f"{what}: {(done.stderr.strip() or str(done.returncode)).splitlines()[-1]}")
    return done.stdout.strip()
