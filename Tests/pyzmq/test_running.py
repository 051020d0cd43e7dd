# SPDX-License-Identifier: Apache-2.0
"""Files that fail, hang and die are run, and seen for what they are."""

import sys
import tempfile
import textwrap
import unittest
from dataclasses import replace
from pathlib import Path

from outcomes import FileResults, Outcome
from running import Suite, backend_problem, run_file, run_side_by_side

GOOD = """
def test_good():
    pass
"""


class RunningTests(unittest.TestCase):
    def suite(self, files: dict[str, str], *left_out: str, patience: float = 60, file_patience: float = 60) -> Suite:
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        folder = Path(made.name)
        (folder / "tests").mkdir()
        (folder / "pytest.ini").write_text("[pytest]\ntestpaths = tests\n", encoding="utf-8")
        for name, text in files.items():
            # As pyzmq's tests do: it is there before the first test begins.
            (folder / "tests" / name).write_text(f"import zmq\n{textwrap.dedent(text)}", encoding="utf-8")
        return Suite(
            "1.0",
            Path(sys.executable),
            folder,
            "cython",
            left_out,
            test_patience=patience,
            file_patience=file_patience,
            plugins=(),
        )

    def run_one(self, text: str, *left_out: str, patience: float = 60, file_patience: float = 60) -> FileResults:
        suite = self.suite({"test_a.py": text}, *left_out, patience=patience, file_patience=file_patience)
        return run_file(suite, "tests/test_a.py")

    def assert_outcomes(self, results: FileResults, **expected: Outcome) -> None:
        """By the last word of their names, `file` for the file itself."""
        found = {name.partition("::")[2] or "file": result.outcome for name, result in results.tests.items()}
        self.assertEqual(found, expected, results.tests)

    def test_what_passes_fails_and_is_skipped(self) -> None:
        results = self.run_one(
            """
            import pytest
            def test_good(): pass
            def test_bad(): assert 1 == 2
            def test_skipped(): pytest.skip("draft API")
            @pytest.fixture
            def broken():
                yield
                raise RuntimeError("at the end")
            def test_unclean(broken): pass
            """
        )
        self.assert_outcomes(
            results,
            test_good=Outcome.PASSED,
            test_bad=Outcome.FAILED,
            test_skipped=Outcome.SKIPPED,
            test_unclean=Outcome.FAILED,
        )
        self.assertIn("assert 1 == 2", results.tests["tests/test_a.py::test_bad"].detail)
        self.assertEqual(results.tests["tests/test_a.py::test_skipped"].detail, "draft API")
        self.assertEqual(results.backend, "cython")

    def test_a_file_that_can_not_be_read(self) -> None:
        self.assert_outcomes(self.run_one("import no_such_module\n"), file=Outcome.FAILED)

    def test_a_file_that_is_skipped_whole(self) -> None:
        results = self.run_one("import pytest\npytest.importorskip('no_such_module')\n")
        self.assert_outcomes(results, file=Outcome.SKIPPED)
        self.assertIn("no_such_module", results.tests["tests/test_a.py"].detail)

    def test_a_file_without_tests(self) -> None:
        self.assert_outcomes(self.run_one(""))

    def test_a_test_that_hangs(self) -> None:
        results = self.run_one(GOOD + "def test_waits():\n    import threading; threading.Event().wait()\n", patience=1)
        self.assert_outcomes(results, test_good=Outcome.PASSED, test_waits=Outcome.HUNG)
        self.assertIn("in test_waits", results.tests["tests/test_a.py::test_waits"].detail)

    def test_what_stands_behind_a_test_that_hangs_or_dies(self) -> None:
        behind = (
            "def test_fails(): assert 1 == 2\ndef test_kills():\n    import os; os._exit(3)\ndef test_last(): pass\n"
        )
        waits = "def test_waits():\n    import threading; threading.Event().wait()\n"
        self.assert_outcomes(
            self.run_one(GOOD + waits + behind, "tests/test_a.py::test_good", patience=1),
            test_good=Outcome.LEFT_OUT,
            test_waits=Outcome.HUNG,
            test_fails=Outcome.FAILED,
            test_kills=Outcome.DIED,
            test_last=Outcome.PASSED,
        )

    def test_a_test_that_is_ended_by_its_own_alarm(self) -> None:
        alarm = "def test_slow(): raise TimeoutError('Test did not complete in 60 seconds')\n"
        self.assert_outcomes(self.run_one(GOOD + alarm), test_good=Outcome.PASSED, test_slow=Outcome.HUNG)

    def test_a_file_that_hangs_when_all_tests_are_over(self) -> None:
        hangs = "import atexit, threading\natexit.register(threading.Event().wait)\n"
        results = self.run_one(hangs + GOOD, patience=1)
        self.assert_outcomes(results, test_good=Outcome.PASSED, file=Outcome.HUNG)

    def test_a_file_that_can_not_end_itself(self) -> None:
        stops = "def test_stops():\n    import os, signal; os.kill(os.getpid(), signal.SIGSTOP)\n"
        self.assert_outcomes(self.run_one(stops, file_patience=2), test_stops=Outcome.HUNG)

    def test_a_test_that_ends_the_process(self) -> None:
        for how in ("os.abort()", "os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"):
            with self.subTest(how):
                results = self.run_one(GOOD + f"def test_dies():\n    import os, signal; {how}\n")
                self.assert_outcomes(results, test_good=Outcome.PASSED, test_dies=Outcome.DIED)

    def test_a_process_that_dies_when_all_tests_are_over(self) -> None:
        results = self.run_one("import atexit, os\natexit.register(os.abort)\n" + GOOD)
        self.assert_outcomes(results, test_good=Outcome.PASSED, file=Outcome.DIED)

    def test_what_is_left_out_is_not_run(self) -> None:
        results = self.run_one(GOOD + "def test_bad(): assert 1 == 2\n", "tests/test_a.py::test_bad")
        self.assert_outcomes(results, test_good=Outcome.PASSED, test_bad=Outcome.LEFT_OUT)

    def test_what_is_tried_apart(self) -> None:
        asks = "def test_asks():\n    import os; assert os.environ.get('EXZ_APART') == '1'\n"
        suite = replace(
            self.suite({"test_a.py": GOOD + asks, "test_b.py": GOOD}), apart=("tests/test_a.py::test_asks",)
        )
        self.assert_outcomes(run_file(suite, "tests/test_a.py"), test_good=Outcome.PASSED, test_asks=Outcome.FAILED)
        suite = replace(suite, more={"EXZ_APART": "1"})
        self.assert_outcomes(run_file(suite, "tests/test_a.py"), test_good=Outcome.PASSED, test_asks=Outcome.PASSED)
        self.assert_outcomes(run_file(suite, "tests/test_b.py"), test_good=Outcome.PASSED)

    def test_another_backend_than_the_one_that_is_wanted(self) -> None:
        results = self.run_one("import zmq.backend\nzmq.backend.Socket = object\n" + GOOD)
        self.assertEqual(results.backend, "builtins")

    def test_a_backend_that_can_not_be_had(self) -> None:
        suite = self.suite({})
        self.assertEqual(backend_problem(suite), "")
        self.assertIn("no_such_backend", backend_problem(replace(suite, backend="no_such_backend")))

    def test_files_side_by_side(self) -> None:
        suite = self.suite({f"test_{name}.py": GOOD for name in "abc"})
        self.assertEqual(suite.files(), ["tests/test_a.py", "tests/test_b.py", "tests/test_c.py"])
        done = list(run_side_by_side([(suite, name) for name in suite.files()], 2))
        self.assertEqual([results.name for _, results in done], suite.files())
        for _, results in done:
            self.assert_outcomes(results, test_good=Outcome.PASSED)
