# SPDX-License-Identifier: Apache-2.0
"""The program as a shell runs it. Every wait for it has an end."""

import faulthandler
import os
import select
import shlex
import signal
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

PATIENCE = 100.0
"""Seconds: for what is bound to happen, however busy the machine."""

WATCHDOG = 4 * PATIENCE


def program() -> str:
    return os.environ["EXZ_PROGRAM"]


def patiently(attempt: Callable[[str], Result], is_right: Callable[[Result], bool]) -> Result:
    """For what takes as long as it is given: the first that is right, of attempts that get 1 s, 2 s, 4 s and so on."""
    seconds = 1
    while not is_right(result := attempt(f"{seconds}s")) and seconds < PATIENCE:
        seconds *= 2
    return result


@dataclass(frozen=True)
class Ended:
    """How a command ended: below zero by a signal."""

    status: int
    out: str
    err: str


class Running:
    """A command that runs, and what it has written up to now."""

    def __init__(self, command: list[str], *, reads: bool = False, **streams: int) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE if reads else streams.get("stdin", subprocess.DEVNULL),
            stdout=streams.get("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
        )
        self._seen = {"out": b"", "err": b""}

    def write(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def end_input(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        # communicate() would flush it.
        self.process.stdin = None

    def _read(self, stream: str, deadline: float) -> bool:
        """Reads what is there; False at the end."""
        source = self.process.stdout if stream == "out" else self.process.stderr
        assert source
        if not select.select([source], [], [], max(0, deadline - time.monotonic()))[0]:
            raise AssertionError(f"{self.process.args!r} says nothing more; up to now {self._seen!r}")
        found = os.read(source.fileno(), 65536)
        self._seen[stream] += found
        return bool(found)

    def line(self, stream: str = "out") -> str:
        """The next line."""
        deadline = time.monotonic() + PATIENCE
        while b"\n" not in self._seen[stream]:
            if not self._read(stream, deadline):
                raise AssertionError(f"{self.process.args!r} ended; {self._seen!r}, {self.process.wait(PATIENCE)}")
        line, _, self._seen[stream] = self._seen[stream].partition(b"\n")
        return line.decode()

    def endpoint(self) -> str:
        """Where it listens, at a port that the system has chosen."""
        told = self.line("err")
        assert told.startswith("exz: listening at "), told
        return told.removeprefix("exz: listening at ")

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def end_by(self, number: int) -> Ended:
        """Waits for its end by a signal, with its input still open."""
        self.signal(number)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.process.args!r} does not end") from None
        return self.end()

    def end(self) -> Ended:
        """Waits for its end."""
        try:
            out, err = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.process.args!r} does not end") from None
        texts = [self._seen[name] + (rest or b"") for name, rest in (("out", out), ("err", err))]
        return Ended(self.process.returncode, *(text.decode() for text in texts))

    def discard(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.end()


class ShellTestCase(unittest.TestCase):
    """A folder of its own, and no command is left behind. A test that hangs is a test that fails."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        faulthandler.dump_traceback_later(WATCHDOG, exit=True)
        try:
            return super().run(result)
        finally:
            faulthandler.cancel_dump_traceback_later()

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="exz-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def path(self, name: str = "socket") -> str:
        """An endpoint within the folder."""
        return f"ipc://{self.folder / name}"

    def start(self, *arguments: str, reads: bool = False, **streams: int) -> Running:
        running = Running([program(), *arguments], reads=reads, **streams)
        self.addCleanup(running.discard)
        return running

    def listen(self, *arguments: str, reads: bool = False) -> tuple[Running, str]:
        """A command that listens at a port of its own, and where."""
        running = self.start(*arguments, "--bind", "tcp://127.0.0.1:*", reads=reads)
        return running, running.endpoint()

    def exz(self, *arguments: str, given: str | None = None) -> Ended:
        """Runs a command to its end."""
        running = self.start(*arguments, reads=given is not None)
        if given is not None:
            running.write(given)
        return running.end()

    def start_line(self, line: str, **variables: str) -> Running:
        """A line of bash, in which `exz` is the program."""
        script = f'exz() {{ {shlex.quote(program())} "$@"; }}; {line}'
        running = Running(
            [
                "env",
                "-C",
                str(self.folder),
                *(f"{name}={value}" for name, value in variables.items()),
                "bash",
                "-c",
                script,
            ]
        )
        self.addCleanup(running.discard)
        return running

    def shell(self, line: str, **variables: str) -> Ended:
        """Runs a line of bash to its end."""
        return self.start_line(line, **variables).end()

    def assert_told(self, ended: Ended, status: int, *words: str) -> None:
        """That it ended so, with one line that has these words, and nothing that only its maker understands."""
        self.assertEqual(ended.status, status, ended)
        self.assertRegex(ended.err, r"\Aexz: [^\n]*\n\Z", "one line")
        for word in words:
            self.assertIn(word, ended.err)

    def assert_done(self, ended: Ended, out: str | None = None) -> None:
        self.assertEqual((ended.status, ended.err), (0, ""), ended)
        if out is not None:
            self.assertEqual(ended.out, out)

    def assert_ended_by(self, ended: Ended, number: signal.Signals) -> None:
        self.assertEqual((ended.status, ended.err), (-number, ""), ended)
