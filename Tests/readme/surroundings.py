# SPDX-License-Identifier: Apache-2.0
"""Where the tests find what they test, and the tools they do it with."""

import os
import shlex
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("EXZ_BUILD", ROOT / ".build"))
LIBRARY_FOLDER = Path(os.environ.get("EXZ_LIB", BUILD / "lib"))
LIBRARY = LIBRARY_FOLDER / "libexperimance_zmq.so.0"
MISBEHAVING_PEER = os.environ.get("EXZ_MISBEHAVING_PEER", str(BUILD / "debug" / "misbehaving-peer"))
PYTEST = Path(os.environ.get("EXZ_PYTEST", BUILD / "venv" / "bin" / "pytest"))
CC = shlex.split(os.environ.get("EXZ_CC", "cc"))

PATIENCE = 60
"""Seconds after which a program that still runs hangs."""


def run(command: list[str], patience: float = PATIENCE, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a program to its end; a hang is an error."""
    return subprocess.run(command, text=True, capture_output=True, timeout=patience, check=False, **options)
