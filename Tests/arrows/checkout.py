# SPDX-License-Identifier: Apache-2.0
"""Small checkouts for scripts/check-arrows, and what it says of them."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from arrows.check import Report  # noqa: E402

DOCUMENT = "docs/architecture.md"
ENGINE = "Sources/ExperimanceZMQ"

_PATIENCE = 60
"""Seconds after which the script hangs."""


class Checkout:
    """A folder with sources and a document, in which something can be planted."""

    def __init__(self, test: unittest.TestCase | type[unittest.TestCase]) -> None:
        folder = tempfile.TemporaryDirectory()
        if isinstance(test, type):
            test.addClassCleanup(folder.cleanup)
        else:
            test.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def run(self, *options: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-B", str(ROOT / "scripts" / "check-arrows"), "--root", str(self.root), *options]
        return subprocess.run(command, text=True, capture_output=True, timeout=_PATIENCE, check=False)

    def faults(self) -> list[str]:
        """What the script finds wrong, a line each, without a process for each look."""
        return Report(self.root).lines


def table(*rows: str) -> str:
    """A document with these rows: `Room: Other, Another`."""
    cells = [row.split(":", 1) for row in rows]
    lines = [f"| {room} | {others.strip()} |" for room, others in cells]
    return "\n".join(["# How", "", "## Who may know whom", "", "| room | may know |", "|---|---|", *lines, ""])
