# SPDX-License-Identifier: Apache-2.0
"""A plugin of pytest's: writes what becomes of each test as a line of JSON, when it is known, and ends what hangs.

EXZ_REPORT names the file, EXZ_TEST_PATIENCE how many seconds a test may take, and EXZ_STACKS a file for where each
thread was when it took longer. The report says as much as has happened if the process ends in the midst of a test.
"""

import faulthandler
import json
import os
from collections.abc import Sequence

import pytest

from backend_used import backend_used

# How much of a failure goes into the report: the end of it.
MOST_DETAIL = 2000


class Reporter:
    def __init__(self, report: str, stacks: str, patience: float) -> None:
        self._report = open(report, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
        self._stacks = open(stacks, "w", encoding="utf-8")  # noqa: SIM115
        self._patience = patience
        self.watch()

    def watch(self) -> None:
        """Until the next call, or the end of the process."""
        faulthandler.dump_traceback_later(self._patience, exit=True, file=self._stacks)

    def say(self, **what: object) -> None:
        self._report.write(json.dumps(what) + "\n")

    def pytest_collection_finish(self) -> None:
        self.say(backend=backend_used())

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        for item in items:
            self.say(left_out=item.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.outcome != "passed":
            self._tell(report.nodeid, report)

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.watch()
        self.say(begins=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        # One that is tried again says "rerun", as a word of its own.
        if report.outcome in ("failed", "skipped") or (report.when == "call" and report.outcome == "passed"):
            self._tell(report.nodeid, report)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.say(ends=nodeid)

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        self.watch()
        self.say(exit=int(exitstatus))

    def _tell(self, test: str, report: pytest.CollectReport | pytest.TestReport) -> None:
        self.say(test=test, outcome=report.outcome, detail=_detail(report))


def _detail(report: pytest.CollectReport | pytest.TestReport) -> str:
    if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
        return report.longrepr[2].removeprefix("Skipped: ")
    return report.longreprtext[-MOST_DETAIL:]


def pytest_configure(config: pytest.Config) -> None:
    reporter = Reporter(os.environ["EXZ_REPORT"], os.environ["EXZ_STACKS"], float(os.environ["EXZ_TEST_PATIENCE"]))
    config.pluginmanager.register(reporter)
