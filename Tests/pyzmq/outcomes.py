# SPDX-License-Identifier: Apache-2.0
"""What became of the tests of one file: values, made of what the reporter has written."""

import json
from dataclasses import dataclass, field
from enum import StrEnum


class Outcome(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    HUNG = "hung"
    DIED = "died"
    LEFT_OUT = "left out"


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    detail: str = ""


@dataclass
class FileResults:
    """Of a file, by the names of its tests."""

    name: str
    backend: str = ""
    tests: dict[str, Result] = field(default_factory=dict)

    is_broken_off: bool = False
    """Whether a test hung or died, so that those behind it were not tried."""

    def go_on_with(self, later: "FileResults") -> None:
        """`later`: of the same file, where what has been tried before was left out."""
        self.backend = later.backend
        self.tests = later.tests | self.tests


# What pyzmq's tests raise from a signal when one takes a minute. Not all of them have that.
_OWN_ALARM = "Test did not complete in "
# Later reports of a test may only make it worse: one whose clearing up fails has not passed.
_WORSE = [Outcome.LEFT_OUT, Outcome.PASSED, Outcome.SKIPPED, Outcome.FAILED, Outcome.HUNG, Outcome.DIED]


@dataclass(frozen=True)
class Remains:
    """What is left of the process that ran a file."""

    report: str
    log: str
    stacks: str = ""
    """Where its threads were, if a test took too long."""
    status: int | None = 0
    """None if it had to be killed."""


def read(name: str, remains: Remains) -> FileResults:
    results = FileResults(name)
    running, status = name, None
    for line in remains.report.splitlines():
        # The last one may be half a line.
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if "backend" in said:
            results.backend = said["backend"]
        elif "begins" in said:
            running = said["begins"]
        elif "ends" in said:
            running = name
        elif "exit" in said:
            status = said["exit"]
        elif "left_out" in said:
            _note(results, said["left_out"], Result(Outcome.LEFT_OUT))
        else:
            _note(results, said["test"], _result(Outcome(said["outcome"]), said["detail"]))
    has_hung = bool(remains.stacks) or remains.status is None
    results.is_broken_off = running != name and (has_hung or remains.status != status)
    if has_hung:
        _note(results, running, Result(Outcome.HUNG, remains.stacks or remains.log))
    elif remains.status != status:
        _note(results, running, Result(Outcome.DIED, f"{remains.log}\nended with {remains.status}"))
    return results


def _result(outcome: Outcome, detail: str) -> Result:
    return Result(Outcome.HUNG if outcome is Outcome.FAILED and _OWN_ALARM in detail else outcome, detail)


def _note(results: FileResults, test: str, result: Result) -> None:
    before = results.tests.get(test)
    if not before or _WORSE.index(result.outcome) > _WORSE.index(before.outcome):
        results.tests[test] = result
