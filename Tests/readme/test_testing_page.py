# SPDX-License-Identifier: Apache-2.0
"""The tests that README.md and docs/testing.md show are those of Examples/testing, and those pass."""

import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from document import README, Block, Document
from surroundings import LIBRARY, LIBRARY_FOLDER, PYTEST, ROOT, run
from watched import WatchedTestCase

PAGE = Document("docs/testing.md")
TESTS = ROOT / "Examples" / "testing"
FILES = {"python": "*.py", "c": "*.c", "swift": "*.swift"}
OF_README = README.blocks("Tests of your own program")
LONGEST = 15
"""Lines of a test that the page shows; README.md has those of ten."""


def commands() -> list[str]:
    """How the page runs the tests."""
    return PAGE.block("A program and its service", "sh").splitlines()


class TestingPage(WatchedTestCase):
    def check_pieces(self, found: list[Block], longest: int) -> None:
        """What is shown is in a file that is run."""
        for language, content in found:
            if pattern := FILES.get(language):
                with self.subTest(content.splitlines()[0]):
                    self.assertLessEqual(len(content.splitlines()), longest)
                    files = [path.read_text(encoding="utf-8") for path in (TESTS / language).rglob(pattern)]
                    self.assertTrue(any(content in text for text in files), content)

    def test_pieces(self) -> None:
        self.assertEqual({language for language, _ in OF_README}, set(FILES))
        self.check_pieces(OF_README, longest=10)
        for title in ("Connections that fail", "Services that come late", "Time-outs"):
            self.assertEqual({language for language, _ in PAGE.blocks(title)}, set(FILES))
        self.check_pieces(PAGE.blocks("Tests of connections that fail"), LONGEST)

    def test_python(self) -> None:
        (command,) = (line for line in commands() if line.startswith("pytest "))
        environment = {"EXPERIMANCE_ZMQ_LIBRARY": str(LIBRARY), "PYTEST_ADDOPTS": "-p no:cacheprovider"}
        result = run([str(PYTEST), *command.split()[1:]], cwd=ROOT, env=os.environ | environment)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("3 passed", result.stdout)

    def test_seed_is_shown_as_the_page_has_it(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            Path(name, "test_fails.py").write_text("def test_fails(fault_proxy):\n    assert False\n", encoding="utf-8")
            result = run([str(PYTEST), "-p", "no:cacheprovider", "--fault-seed=7"], cwd=name)
        shown = [re.sub(r"\d+", "N", line) for line in PAGE.block("Runs that repeat", "text").splitlines()]
        printed = [re.sub(r"\d+", "N", line.strip("-")).strip() for line in result.stdout.splitlines()]
        for line in shown:
            self.assertIn(line.strip("-").strip(), printed)

    def test_c(self) -> None:
        lines = [line for line in commands() if re.match(r"cc |\./", line)]
        self.assertEqual(len(lines), 2)
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for each in ("include", "Examples"):
                (folder / each).symlink_to(ROOT / each)
            (folder / ".build").mkdir()
            (folder / ".build" / "lib").symlink_to(LIBRARY_FOLDER)
            result = run(["sh", "-ec", "\n".join(lines)], cwd=folder)
        self.assertEqual((result.returncode, result.stdout), (0, "3 tests passed\n"), result.stderr)

    def test_swift_command_is_for_the_package(self) -> None:
        """Its tests are run in the package of all Swift's pages: test_swift_pages.py."""
        self.assertIn(f"swift test --package-path {(TESTS / 'swift').relative_to(ROOT)}", commands())
        self.assertTrue(shutil.which("swift"))
        result = run(["swift", "package", "--package-path", str(TESTS / "swift"), "dump-package"])
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_table_of_faults(self) -> None:
        python = (ROOT / "bindings/python/src/experimance_zmq/testing/fault_proxy.py").read_text(encoding="utf-8")
        header = (ROOT / "include/experimance_zmq.h").read_text(encoding="utf-8")
        swift = (ROOT / "Sources/ExperimanceZMQTesting/FaultProxy+Faults.swift").read_text(encoding="utf-8")
        kinds = re.search(r"^typedef int32_t exz_fault_kind;.*?^};", header, re.MULTILINE | re.DOTALL)
        assert kinds
        rows = [[cell.strip("`") for cell in row[:3]] for row in PAGE.table("What can go wrong")]
        self.assertEqual([c for _, c, _ in rows], re.findall(r"^    (EXZ_FAULT_\w+) =", kinds[0], re.MULTILINE))
        cases = re.search(r"public enum Fault.*?^    }", swift, re.MULTILINE | re.DOTALL)
        assert cases
        self.assertEqual([name for *_, name in rows], re.findall(r"^        case (\w+)", cases[0], re.MULTILINE)[:12])
        methods = re.findall(r"^    def (\w+)\([^\"]*?\) -> Fault:", python, re.MULTILINE)
        self.assertEqual([name for name, *_ in rows], [name for name in methods if not name.startswith("_")])

    def test_links(self) -> None:
        """What this page and docs/reliability.md link to is there."""
        self.assertEqual(PAGE.broken_links() + Document("docs/reliability.md").broken_links(), [])


if __name__ == "__main__":
    unittest.main()
