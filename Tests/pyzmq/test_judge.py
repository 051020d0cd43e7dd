# SPDX-License-Identifier: Apache-2.0
"""What the judge says of results that are made up: each kind of wrong is seen."""

import unittest

from expected import Expected
from judge import Verdict, conclude, judge, judge_own_skips
from outcomes import FileResults, Outcome, Result

VERSION, OTHER_VERSION = "27.3.0", "26.4.0"
BACKEND = "ours"
FILE = "tests/test_a.py"
TEST = f"{FILE}::test_a"
GOOD = f"{FILE}::test_good"
OWN_SKIPS = frozenset({"draft"})


def results(outcome: Outcome | None = None, detail: str = "", backend: str = BACKEND) -> FileResults:
    """Of a file with a test that has passed, and `TEST`."""
    tests = {GOOD: Result(Outcome.PASSED)}
    if outcome:
        tests[TEST] = Result(outcome, detail)
    return FileResults(FILE, backend, tests)


def listed(outcome: Outcome, *versions: str) -> Expected:
    return Expected(TEST, versions or (VERSION,), outcome, "why")


def verdict_of(*files: FileResults, expected: list[Expected] | None = None) -> Verdict:
    return judge(VERSION, BACKEND, files, expected or [], OWN_SKIPS)


class JudgeTests(unittest.TestCase):
    def assert_good(self, verdict: Verdict) -> None:
        self.assertEqual(verdict.complaints, [])

    def assert_complains(self, verdict: Verdict, *words: str) -> None:
        self.assertEqual(len(verdict.complaints), 1, verdict.complaints)
        for word in words:
            self.assertIn(word, verdict.complaints[0])

    def test_all_that_passes_is_good(self) -> None:
        verdict = verdict_of(results(Outcome.PASSED))
        self.assert_good(verdict)
        self.assertEqual(verdict.passed, 2)

    def test_a_failure_that_is_not_listed(self) -> None:
        self.assert_complains(verdict_of(results(Outcome.FAILED, "assert 1 == 2")), TEST, "failed", "assert 1 == 2")

    def test_a_listed_failure_is_counted(self) -> None:
        verdict = verdict_of(results(Outcome.FAILED), expected=[listed(Outcome.FAILED)])
        self.assert_good(verdict)
        self.assertEqual((verdict.passed, verdict.differ), (1, 1))

    def test_a_failure_that_is_listed_for_another_version(self) -> None:
        entry = listed(Outcome.FAILED, OTHER_VERSION)
        self.assert_complains(verdict_of(results(Outcome.FAILED), expected=[entry]), TEST, "failed")

    def test_a_listed_test_that_passes(self) -> None:
        for outcome in (Outcome.FAILED, Outcome.SKIPPED, Outcome.LEFT_OUT):
            with self.subTest(outcome):
                verdict = verdict_of(results(Outcome.PASSED), expected=[listed(outcome)])
                self.assert_complains(verdict, TEST, "has passed")

    def test_a_listed_failure_that_is_skipped(self) -> None:
        verdict = verdict_of(results(Outcome.SKIPPED, "draft"), expected=[listed(Outcome.FAILED)])
        self.assert_complains(verdict, TEST, "has skipped")

    def test_a_listed_test_that_does_not_exist(self) -> None:
        self.assert_complains(verdict_of(results(), expected=[listed(Outcome.FAILED)]), TEST, "does not exist")

    def test_a_test_that_hangs_or_dies_listed_or_not(self) -> None:
        for outcome in (Outcome.HUNG, Outcome.DIED):
            for entries in ([], [listed(Outcome.FAILED)]):
                with self.subTest(outcome, entries=entries):
                    self.assert_complains(verdict_of(results(outcome, "stacks"), expected=entries), TEST, outcome)

    def test_nothing_ran(self) -> None:
        self.assert_complains(verdict_of(), "no test has passed")

    def test_a_file_of_which_nothing_ran(self) -> None:
        self.assert_complains(verdict_of(results(), FileResults("tests/test_b.py", BACKEND)), "test_b.py: no test ran")

    def test_another_backend(self) -> None:
        self.assert_complains(verdict_of(results(backend="cython")), FILE, "cython")

    def test_a_backend_that_is_not_told(self) -> None:
        self.assert_complains(verdict_of(results(backend="")), FILE, "does not say")

    def test_a_skip_of_the_suite_is_counted(self) -> None:
        verdict = verdict_of(results(Outcome.SKIPPED, "draft API"))
        self.assert_good(verdict)
        self.assertEqual((verdict.passed, verdict.skipped), (1, 1))

    def test_a_skip_for_another_reason(self) -> None:
        self.assert_complains(verdict_of(results(Outcome.SKIPPED, "no such thing here")), TEST, "no such thing here")

    def test_a_skip_because_of_this_package_is_listed(self) -> None:
        verdict = verdict_of(results(Outcome.SKIPPED, "not here"), expected=[listed(Outcome.SKIPPED)])
        self.assert_good(verdict)
        self.assertEqual(verdict.differ, 1)

    def test_what_is_left_out_is_counted(self) -> None:
        verdict = verdict_of(results(Outcome.LEFT_OUT), expected=[listed(Outcome.LEFT_OUT)])
        self.assert_good(verdict)
        self.assertEqual((verdict.passed, verdict.differ, verdict.left_out), (1, 0, 1))

    def test_what_passes_with_a_queue_is_counted_as_listed(self) -> None:
        queued = [listed(Outcome.PASSED)]
        verdict = verdict_of(results(Outcome.PASSED), expected=queued)
        self.assert_good(verdict)
        self.assertEqual((verdict.passed, verdict.differ), (1, 1))
        self.assert_complains(verdict_of(results(Outcome.FAILED), expected=queued), TEST, "has failed")

    def test_a_reason_that_no_test_has_any_more(self) -> None:
        with_skip = verdict_of(results(Outcome.SKIPPED, "draft"))
        self.assertEqual(judge_own_skips(OWN_SKIPS, [with_skip]), [])
        self.assertEqual(len(judge_own_skips(OWN_SKIPS, [verdict_of(results())])), 1)

    def test_the_conclusion(self) -> None:
        good = Verdict(VERSION, passed=3, differ=2, left_out=1, skipped=4)
        said = "3 passed, 2 differ as listed, 4 skipped by itself, 1 left out (27.3.0)"
        other = Verdict(OTHER_VERSION, passed=1)
        other_said = "1 passed, 0 differ as listed, 0 skipped by itself, 0 left out (26.4.0)"
        self.assertEqual(conclude([other, good]), (f"pyzmq's suite: {other_said}; {said}", 0))
        self.assertEqual(conclude([good], ["too many"]), (f"- too many\npyzmq's suite: {said}, 1 WRONG", 1))
        good.complaints.append("a failure")
        self.assertEqual(conclude([good]), (f"- 27.3.0: a failure\npyzmq's suite: {said}, 1 WRONG", 1))
        self.assertEqual(conclude([])[1], 1)
