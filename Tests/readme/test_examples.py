# SPDX-License-Identifier: Apache-2.0
"""The examples of README.md run as they stand and print what it says."""

import os
import tempfile
import unittest
from pathlib import Path

from document import block
from surroundings import BUILD, LIBRARY_FOLDER, ROOT, SWIFTC, run
from watched import WatchedTestCase
from wording import essence

LONGEST = 21
"""Lines. What is longer is no example for a first page."""


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

    def write(self, title: str, language: str, name: str) -> None:
        code = block(title, language)
        self.assertLessEqual(len(code.splitlines()), LONGEST)
        (self.folder / name).write_text(code, encoding="utf-8")

    def check_output(self, title: str, command: list[str], environment: dict[str, str]) -> None:
        result = run(command, cwd=self.folder, env=os.environ | environment)
        self.assertEqual(result.returncode, 0, result.stderr)
        printed = [essence(line) for line in result.stdout.splitlines()]
        promised = [essence(line) for line in block(title, "text").splitlines()]
        self.assertEqual(printed, promised)

    def test_c(self) -> None:
        self.write("C", "c", "hello.c")
        self.check_output("C", ["sh", "-ec", block("C", "sh")], {})

    def test_python(self) -> None:
        self.write("Python", "python", "hello.py")
        # README.md is about a checkout with its library inside; so this folder's is named here.
        library = {"EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY_FOLDER / "libexperimance_zmq.so.0")}
        self.check_output("Python", ["sh", "-ec", block("Python", "sh")], library)

    def test_swift(self) -> None:
        self.write("Swift", "swift", "main.swift")
        self.compile_swift()
        self.check_output("Swift", ["./hello"], {})

    def compile_swift(self) -> None:
        """With the modules and objects left from building the example subscriber: a package would build all again."""
        objects = (BUILD / "debug" / "swift-subscriber.product" / "Objects.LinkFileList").read_text(encoding="utf-8")
        library = [line.strip("'") for line in objects.splitlines() if "/swift_subscriber.build/" not in line]
        modules = ["-I", str(BUILD / "debug" / "Modules"), "-I", str(ROOT / "Sources" / "CZeroMQ")]
        command = [*SWIFTC, "-swift-version", "6", "main.swift", *library, *modules, "-lzmq", "-o", "hello"]
        result = run(command, cwd=self.folder)
        self.assertEqual(result.returncode, 0, result.stderr)


if __name__ == "__main__":
    unittest.main()
