# SPDX-License-Identifier: Apache-2.0
"""A closing line that says which tests were skipped, and why; with EXZ_NO_SKIPS=1 none may be."""

import subprocess
from pathlib import Path

import pytest

COUNT_SKIPS = Path(__file__).resolve().parents[3] / "Tests" / "count-skips"
_closing_line = pytest.StashKey[str]()


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    """Of a skip pytest keeps the file, the line and the reason; where there is none it has words of its own."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
    reason = " ".join(text.removeprefix("Skipped").removeprefix(":").split())
    return "" if reason == "unconditional skip" else reason


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = reporter.stats.get("skipped", [])
    reasons = "".join(_reason(report) + "\n" for report in skipped)
    counted = subprocess.run([COUNT_SKIPS], input=reasons, stdout=subprocess.PIPE, text=True, check=False)
    passed = len(reporter.stats.get("passed", []))
    session.config.stash[_closing_line] = f"Python tests: {passed} of {session.testscollected} passed, {counted.stdout}"
    if counted.returncode != 0 and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(terminalreporter.config.stash.get(_closing_line, "").strip())
