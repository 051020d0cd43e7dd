# SPDX-License-Identifier: Apache-2.0
"""The examples of docs/security.md run as they stand, its table is that of Tests/data, the tests it names are there.

The program in Swift is built with those of the other pages (test_swift_pages.py).
"""

import os
import re
import sys
import tempfile
import unittest
from pathlib import Path

from document import Document
from security_table import Row, rows
from surroundings import CC, LIBRARY, LIBRARY_FOLDER, ROOT, run
from watched import WatchedTestCase

PAGE = Document("docs/security.md")
ENVIRONMENT = os.environ | {
    "PYTHONPATH": str(ROOT / "bindings" / "python" / "src"),
    "EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY),
}


def cells(row: Row) -> list[str]:
    """A line of the table as the page shows it."""
    names = [f"`{name}`" for name in (row.server, *row.clients)]
    told = [" or ".join(_shown(one) for one in told.split(" or ")) for told in _told(row)]
    return [names[0], ", ".join(names[1:]), *told]


def _shown(told: str) -> str:
    return told if told in ("in", "fails", "-") else f"`{told}`"


def _told(row: Row) -> list[str]:
    return [row.our_server, row.our_client, row.other_server, row.other_client]


class SecurityPage(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def check(self, command: list[str], output: str) -> None:
        result = run(command, cwd=self.folder, env=ENVIRONMENT)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stdout.splitlines(), output.splitlines())

    def test_c(self) -> None:
        (example,) = PAGE.examples("c")
        source, program = self.folder / "example.c", self.folder / "example"
        source.write_text(example.program, encoding="utf-8")
        flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{ROOT / 'include'}"]
        link = [f"-L{LIBRARY_FOLDER}", f"-Wl,-rpath,{LIBRARY_FOLDER}", "-lexperimance_zmq", "-o", str(program)]
        built = run([*CC, *flags, str(source), *link])
        self.assertEqual(built.returncode, 0, built.stderr)
        self.check([str(program)], example.output)

    def test_python(self) -> None:
        examples = list(PAGE.examples("python"))
        self.assertGreater(len(examples), 1)
        for example in examples:
            with self.subTest(example.title):
                program = self.folder / "example.py"
                program.write_text(example.program, encoding="utf-8")
                self.check([sys.executable, "-B", "-W", "error", str(program)], example.output)

    def test_table(self) -> None:
        self.assertEqual(PAGE.table("What each side is told"), [cells(row) for row in rows()])

    def test_tests(self) -> None:
        """What the page says to be tested is."""
        for name in sorted(set(re.findall(r"`(test_\w+)`", PAGE.text))):
            with self.subTest(name):
                self.assertTrue((ROOT / "Tests" / "C" / f"{name}.c").exists())

    def test_names(self) -> None:
        """The calls and constants that the page speaks of are in the header."""
        header = (ROOT / "include" / "experimance_zmq.h").read_text(encoding="utf-8")
        for name in sorted(set(re.findall(r"\b(?:exz|EXZ)_\w+", PAGE.text))):
            with self.subTest(name):
                self.assertRegex(header, rf"\b{name}\b")

    def test_links(self) -> None:
        self.assertEqual(PAGE.broken_links(), [])


if __name__ == "__main__":
    unittest.main()
