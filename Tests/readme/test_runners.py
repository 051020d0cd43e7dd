# SPDX-License-Identifier: Apache-2.0
"""What the runners of the tests make of a failure and of a skip, shown with programs that only say what tests say.

That of the tests in Python has a test among those.
"""

import os
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path

from surroundings import ROOT, run
from watched import WatchedTestCase

TESTS = ROOT / "Tests"
NO_NETWORK = "skipped because: no network"
PASSED = "[  PASSED  ] 1 test(s)."
TWO_RUN = "[==========] made up: 2 test(s) run."
SKIPPED = "[  SKIPPED ] 1 test(s), listed below:"
NONE_MAY_BE = "; none may be, by EXZ_NO_SKIPS"


class Runner(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def says(self, *lines: str, status: int = 0, name: str = "program") -> str:
        """The path of a program that says this."""
        program = self.folder / name
        text = "\n".join(lines)
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{text}\nEND\nexit {status}\n", encoding="utf-8")
        program.chmod(0o755)
        return str(program)

    def check(self, command: list[str], *, passes: bool, closing: str, no_skips: bool = False) -> str:
        """Runs it, and looks at its exit status and its last line; all it printed."""
        environment = os.environ | {"EXZ_NO_SKIPS": "1" if no_skips else ""}
        result = run(command, env=environment, cwd=self.folder)
        self.assertEqual(result.stdout.splitlines()[-1:], [closing], result.stdout + result.stderr)
        self.assertEqual(result.returncode, 0 if passes else 1, result.stdout)
        return result.stdout


class CRunner(Runner):
    def check_programs(self, *programs: str, passes: bool, closing: str, no_skips: bool = False) -> str:
        runner = str(TESTS / "C" / "run-tests")
        return self.check([runner, *programs], passes=passes, closing=f"C tests: {closing}", no_skips=no_skips)

    def test_passes(self) -> None:
        program = self.says("[==========] made up: 1 test(s) run.", PASSED)
        self.check_programs(
            program, program, passes=True, closing="2 of 2 programs, 2 of 2 tests passed, 0 skipped", no_skips=True
        )

    def test_skips(self) -> None:
        first = self.says(NO_NETWORK, TWO_RUN, PASSED, SKIPPED, name="first")
        second = self.says("skipped because: no kernel", TWO_RUN, PASSED, SKIPPED, name="second")
        closing = "3 of 3 programs, 3 of 6 tests passed, 3 skipped: no network (2); no kernel (1)"
        programs = [first, first, second]
        self.assertIn(NO_NETWORK, self.check_programs(*programs, passes=True, closing=closing))
        self.check_programs(*programs, passes=False, closing=closing + NONE_MAY_BE, no_skips=True)

    def test_skips_all(self) -> None:
        program = self.says(NO_NETWORK, "[==========] made up: 1 test(s) run.", "[  PASSED  ] 0 test(s).", SKIPPED)
        self.check_programs(
            program, passes=True, closing="1 of 1 programs, 0 of 1 tests passed, 1 skipped: no network (1)"
        )

    def test_skips_for_no_reason(self) -> None:
        program = self.says(TWO_RUN, PASSED, SKIPPED)
        self.check_programs(
            program, passes=False, closing="1 of 1 programs, 1 of 2 tests passed, 1 skipped: for no reason (1)"
        )

    def test_fails(self) -> None:
        good = self.says("[==========] made up: 1 test(s) run.", PASSED, name="good")
        bad = self.says("why it fails", TWO_RUN, PASSED, "[  FAILED  ] 1 test(s), listed below:", status=1, name="bad")
        closing = "1 of 2 programs, 2 of 3 tests passed, 0 skipped"
        printed = self.check_programs(bad, good, passes=False, closing=closing)
        self.assertIn("why it fails\n", printed)
        self.assertIn("bad failed: exit status 1\n", printed)

    def test_fails_beside_a_skip(self) -> None:
        failed = "[  FAILED  ] 1 test(s), listed below:"
        program = self.says(NO_NETWORK, "[==========] made up: 3 test(s) run.", PASSED, SKIPPED, failed, status=1)
        self.check_programs(
            program, passes=False, closing="0 of 1 programs, 1 of 3 tests passed, 1 skipped: no network (1)"
        )

    def test_a_test_that_is_neither(self) -> None:
        program = self.says("[==========] made up: 2 test(s) run.", PASSED)
        self.check_programs(program, passes=False, closing="0 of 1 programs, 1 of 2 tests passed, 0 skipped")

    def test_ends_early(self) -> None:
        for status in (0, 134):
            with self.subTest(status):
                program = self.says("[ RUN      ] first", "[       OK ] first", "[ RUN      ] second", status=status)
                self.check_programs(program, passes=False, closing="0 of 1 programs, 0 of 2 tests passed, 0 skipped")

    def test_ends_badly(self) -> None:
        """As a sanitizer has it when the tests have passed."""
        program = self.says("[==========] made up: 1 test(s) run.", PASSED, status=23)
        self.check_programs(program, passes=False, closing="0 of 1 programs, 1 of 1 tests passed, 0 skipped")

    def test_nothing_to_run(self) -> None:
        self.check_programs(passes=False, closing="0 of 0 programs, 0 of 0 tests passed, 0 skipped")


class SwiftRunner(Runner):
    def check_said(self, *lines: str, passes: bool, closing: str, no_skips: bool = False, status: int = 0) -> None:
        command = [str(TESTS / "run-swift-tests"), self.says(*lines, status=status)]
        printed = self.check(command, passes=passes, closing=f"Swift tests: {closing}", no_skips=no_skips)
        self.assertTrue(printed.startswith("\n".join(lines)), printed)

    def test_passes(self) -> None:
        ended = "✔ Test run with 8 tests in 2 suites passed after 0.001 seconds."
        self.check_said(ended, passes=True, closing="8 tests in 2 suites passed, 0 skipped", no_skips=True)

    def test_skips(self) -> None:
        lines = [
            '➜ Suite "Of a network" skipped: "no network"',
            '➜ Test "That is cut" skipped: "no network"',
            '➜ Test slow(_:) skipped: "no network"',
            '➜ Test given up() was cancelled after 0.001 seconds: "no kernel: none at all"',
            "✔ Test run with 8 tests in 2 suites passed after 0.001 seconds.",
        ]
        closing = "8 tests in 2 suites passed, 3 skipped: no network (2); no kernel: none at all (1)"
        self.check_said(*lines, passes=True, closing=closing)
        self.check_said(*lines, passes=False, closing=closing + NONE_MAY_BE, no_skips=True)

    def test_skips_for_no_reason(self) -> None:
        lines = ["➜ Test quick() skipped.", "✔ Test run with 1 test in 0 suites passed after 0.001 seconds."]
        self.check_said(*lines, passes=False, closing="1 test in 0 suites passed, 1 skipped: for no reason (1)")

    def test_fails(self) -> None:
        ended = "✘ Test run with 8 tests in 2 suites failed after 0.001 seconds with 1 issue."
        self.check_said(ended, passes=False, closing="8 tests in 2 suites failed, 0 skipped", status=1)

    def test_ends_early(self) -> None:
        for status in (0, 134):
            with self.subTest(status):
                self.check_said("◇ Test run started.", passes=False, closing="not to the end, 0 skipped", status=status)

    def test_nothing_to_run(self) -> None:
        ended = "✔ Test run with 0 tests in 0 suites passed after 0.001 seconds."
        self.check_said(ended, passes=False, closing="not to the end, 0 skipped")


class ReadmeRunner(Runner):
    def check_tests(self, body: str, *, passes: bool, closing: str, no_skips: bool = False) -> None:
        program = "import unittest\n\n\nclass Some(unittest.TestCase):\n" + textwrap.indent(body, "    ")
        (self.folder / "test_some.py").write_text(program, encoding="utf-8")
        command = [sys.executable, "-B", str(TESTS / "readme" / "run.py")]
        self.check(command, passes=passes, closing=f"README tests: {closing}", no_skips=no_skips)

    def test_outcomes(self) -> None:
        passing = "def test_good(self):\n    pass\n"
        skipped = "def test_elsewhere(self):\n    self.skipTest('no network')\n"
        self.check_tests(passing, passes=True, closing="1 run, 0 failed, 0 skipped", no_skips=True)
        closing = "2 run, 0 failed, 1 skipped: no network (1)"
        self.check_tests(passing + skipped, passes=True, closing=closing)
        self.check_tests(passing + skipped, passes=False, closing=closing + NONE_MAY_BE, no_skips=True)
        failing = "def test_bad(self):\n    self.fail()\n"
        self.check_tests(passing + failing, passes=False, closing="2 run, 1 failed, 0 skipped")
        self.check_tests("pass\n", passes=False, closing="0 run, 0 failed, 0 skipped")


if __name__ == "__main__":
    unittest.main()
