# SPDX-License-Identifier: Apache-2.0
"""Whether the results are those that are expected: values in, complaints out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from expected import Expected
from outcomes import FileResults, Outcome, Result


@dataclass
class Verdict:
    """Of one version."""

    version: str
    passed: int = 0
    differ: int = 0
    left_out: int = 0
    skipped: int = 0
    complaints: list[str] = field(default_factory=list)
    own_skips: set[str] = field(default_factory=set)
    """The reasons of those that the suite has left out by itself, as the table has them."""

    def __str__(self) -> str:
        return (
            f"{self.passed} passed, {self.differ} differ as listed, {self.skipped} skipped by itself, "
            f"{self.left_out} left out ({self.version})"
        )


def judge(
    version: str,
    backend: str,
    files: Iterable[FileResults],
    listed: Iterable[Expected],
    own_skips: frozenset[str],
) -> Verdict:
    verdict = Verdict(version)
    expected = {each.test: each for each in listed if version in each.versions}
    seen: set[str] = set()
    for results in files:
        _judge_file(verdict, results, backend)
        for test, result in results.tests.items():
            seen.add(test)
            _judge_test(verdict, test, result, expected, own_skips)
    for test in sorted(expected.keys() - seen):
        verdict.complaints.append(f"{test} is listed, and does not exist")
    if not verdict.passed:
        verdict.complaints.append("no test has passed")
    return verdict


def judge_own_skips(own_skips: frozenset[str], verdicts: Iterable[Verdict]) -> list[str]:
    """A reason that no test has any more is none to be kept."""
    met = {reason for verdict in verdicts for reason in verdict.own_skips}
    return [f'no test is skipped any more because of "{reason}"' for reason in sorted(own_skips - met)]


def conclude(verdicts: Iterable[Verdict], more: Iterable[str] = ()) -> tuple[str, int]:
    """What is said of all versions, with more complaints, and the exit status."""
    told = list(verdicts)
    complaints = [f"{verdict.version}: {text}" for verdict in told for text in verdict.complaints]
    complaints += more
    wrong = f", {len(complaints)} WRONG" if complaints else ""
    lines = [*(f"- {text}" for text in complaints), f"pyzmq's suite: {'; '.join(map(str, told))}{wrong}"]
    return "\n".join(lines), 1 if complaints or not told else 0


def _judge_file(verdict: Verdict, results: FileResults, backend: str) -> None:
    if not results.tests:
        verdict.complaints.append(f"{results.name}: no test ran")
    elif results.backend and results.backend != backend:
        verdict.complaints.append(f"{results.name}: ran with the backend {results.backend} and not {backend}")
    elif not results.backend and Outcome.PASSED in {result.outcome for result in results.tests.values()}:
        verdict.complaints.append(f"{results.name}: does not say with which backend it ran")


def _judge_test(
    verdict: Verdict, test: str, result: Result, expected: Mapping[str, Expected], own_skips: frozenset[str]
) -> None:
    entry = expected.get(test)
    if result.outcome in (Outcome.HUNG, Outcome.DIED):
        verdict.complaints.append(f"{test} {result.outcome}:\n{result.detail}")
    elif entry and result.outcome is entry.outcome:
        verdict.differ += result.outcome is not Outcome.LEFT_OUT
        verdict.left_out += result.outcome is Outcome.LEFT_OUT
    elif entry:
        verdict.complaints.append(f"{test} is listed as {entry.outcome}, and has {result.outcome} ({entry.reason})")
    elif result.outcome is Outcome.PASSED:
        verdict.passed += 1
    elif result.outcome is Outcome.FAILED:
        verdict.complaints.append(f"{test} failed:\n{result.detail}")
    else:
        _judge_skip(verdict, test, result.detail, own_skips)


def _judge_skip(verdict: Verdict, test: str, reason: str, own_skips: frozenset[str]) -> None:
    known = {beginning for beginning in own_skips if reason.startswith(beginning)}
    if known:
        verdict.skipped += 1
        verdict.own_skips |= known
    else:
        verdict.complaints.append(f'{test} is skipped because of "{reason}", which is in neither table')
