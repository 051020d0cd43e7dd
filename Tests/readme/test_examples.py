# SPDX-License-Identifier: Apache-2.0
"""The examples of README.md run as they stand and print what it says."""

import os
import shutil
import tempfile
import unittest
from pathlib import Path

from document import block, blocks
from surroundings import BUILD, LIBRARY_FOLDER, ROOT, run
from watched import WatchedTestCase
from wording import essence

LONGEST = 21
"""Lines. What is longer is no example for a first page."""
PATIENCE = 200
"""Seconds. A package in Swift is built from its beginning; by far most of the time is the compiler's."""


class Examples(WatchedTestCase):
    def setUp(self) -> None:
        """A folder that looks like the checkout: what the shell commands of README.md take for granted."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        for name in ("include", "bindings"):
            (self.folder / name).symlink_to(ROOT / name)
        (self.folder / ".build").mkdir()
        (self.folder / ".build" / "lib").symlink_to(LIBRARY_FOLDER)

    def write(self, code: str, name: str) -> None:
        self.assertLessEqual(len(code.splitlines()), LONGEST)
        (self.folder / name).write_text(code, encoding="utf-8")

    def check(self, title: str, environment: dict[str, str] | None = None) -> None:
        """Runs the commands of a section and compares what they print."""
        command = ["sh", "-ec", block(title, "sh")]
        result = run(command, cwd=self.folder, env=os.environ | (environment or {}), patience=PATIENCE)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        printed = [essence(line) for line in result.stdout.splitlines()]
        promised = [essence(line) for line in block(title, "text").splitlines()]
        self.assertEqual(printed, promised)

    def test_c(self) -> None:
        self.write(block("C", "c"), "hello.c")
        self.check("C")

    def test_python(self) -> None:
        self.write(block("Python", "python"), "hello.py")
        # README.md is about a checkout with its library inside; so this folder's is named here.
        self.check("Python", {"EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY_FOLDER / "libexperimance_zmq.so.0")})

    def test_swift(self) -> None:
        """In a folder that stays: a package builds what it depends on itself, and need not do so every time."""
        self.folder = BUILD / "readme-swift"
        hello = self.folder / "hello"
        hello.mkdir(parents=True, exist_ok=True)
        for name in ("Package.swift", "Sources", "Tests", "Examples", "include"):
            (self.folder / name).unlink(missing_ok=True)
            (self.folder / name).symlink_to(ROOT / name)
        # The versions that this checkout was built with.
        shutil.copy(ROOT / "Package.resolved", hello)
        program, manifest = (found.content for found in blocks("Swift") if found.language == "swift")
        self.write(program, "hello/main.swift")
        self.write(manifest, "hello/Package.swift")
        self.check("Swift")


if __name__ == "__main__":
    unittest.main()
