# SPDX-License-Identifier: Apache-2.0
"""Runs the files of a suite, each in a process of its own and some at a time, none of which can hang."""

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from outcomes import FileResults, Remains, read

HERE = Path(__file__).resolve().parent
_MOST_LOG = 6000
# Of a file in which tests hang or die.
_MOST_RUNS = 6


@dataclass(frozen=True)
class Suite:
    """A version's tests, and what they run with."""

    version: str
    python: Path
    folder: Path
    backend: str
    left_out: tuple[str, ...] = ()
    """Tests that are not tried."""
    apart: tuple[str, ...] = ()
    """And those that are, but in an environment with `more`."""
    more: Mapping[str, str] = field(default_factory=dict)
    test_patience: float = 90
    """Seconds a test may take: more than the minute that some of pyzmq's tests give themselves."""
    file_patience: float = 600
    """And a file, if the process can not end itself."""
    before: tuple[str, ...] = ()
    """What stands in front of the command."""
    plugins: tuple[str, ...] = ("pytest_asyncio.plugin", "pytest_rerunfailures")

    def files(self) -> list[str]:
        """Large ones first, so that the end is not waited for alone."""
        found = sorted((self.folder / "tests").glob("test_*.py"), key=lambda path: (-path.stat().st_size, path.name))
        return [f"tests/{path.name}" for path in found]


def backend_problem(suite: Suite) -> str:
    """Why nothing would run, if that is so."""
    program = "from backend_used import backend_used; print(backend_used())"
    environment = os.environ | {"PYTHONPATH": _python_path(), "PYZMQ_BACKEND": suite.backend}
    done = subprocess.run(
        [suite.python, "-B", "-c", program], env=environment, capture_output=True, text=True, timeout=100, check=False
    )
    return "" if done.stdout.strip() == suite.backend else done.stdout + done.stderr


def run_side_by_side(jobs: Iterable[tuple[Suite, str]], processes: int) -> Iterator[tuple[Suite, FileResults]]:
    with ThreadPoolExecutor(processes) as pool:
        runs = [(suite, pool.submit(run_file, suite, name)) for suite, name in jobs]
        for suite, run in runs:
            yield suite, run.result()


def run_file(suite: Suite, name: str) -> FileResults:
    results = FileResults(name)
    for _ in range(_MOST_RUNS):
        without = (*suite.left_out, *suite.apart, *results.tests)
        later = _run_once(suite, name, [name, *_deselecting(without)], {})
        results.go_on_with(later)
        if not later.is_broken_off:
            break
    if apart := [test for test in suite.apart if test.partition("::")[0] == name]:
        results.tests |= _run_once(suite, name, apart, suite.more).tests
    return results


def _run_once(suite: Suite, name: str, selection: list[str], more: Mapping[str, str]) -> FileResults:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with (folder / "log").open("wb") as output:
            # A session of its own, so that what a test has started and left ends with it.
            process = subprocess.Popen(
                _command(suite, selection, folder),
                cwd=suite.folder,
                env={**_environment(suite, folder), **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            status = _status(process, suite.file_patience)
        said = _text(folder / "log")[-_MOST_LOG:]
        return read(name, Remains(_text(folder / "report"), said, _text(folder / "stacks"), status))


def _command(suite: Suite, selection: list[str], folder: Path) -> list[str]:
    plugins = [word for plugin in ("reporter", *suite.plugins) for word in ("-p", plugin)]
    options = ["-p", "no:cacheprovider", "--color=no", "-c", str(suite.folder / "pytest.ini"), "--durations=0"]
    base = ["--basetemp", str(folder / "temporary")]
    return [*suite.before, str(suite.python), "-B", "-m", "pytest", *plugins, *options, *base, *selection]


def _deselecting(tests: Iterable[str]) -> list[str]:
    return [word for test in tests for word in ("--deselect", test)]


def _environment(suite: Suite, folder: Path) -> dict[str, str]:
    return os.environ | {
        "PYTHONPATH": _python_path(),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYZMQ_BACKEND": suite.backend,
        "EXZ_REPORT": str(folder / "report"),
        "EXZ_STACKS": str(folder / "stacks"),
        "EXZ_TEST_PATIENCE": str(suite.test_patience),
    }


def _python_path() -> str:
    return os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])


def _status(process: "subprocess.Popen[bytes]", patience: float) -> int | None:
    try:
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        return None
    finally:
        _end_session(process)


def _end_session(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
