# SPDX-License-Identifier: Apache-2.0
"""Tests that can not hang, and programs that end with them."""

import faulthandler
import os
import subprocess
import sys
import tempfile
import threading
import unittest
from collections.abc import Callable
from pathlib import Path
from queue import Empty, Queue

from backend_used import backend_used

HERE = Path(__file__).resolve().parent
# For what is bound to happen, however busy the machine.
PATIENCE = 100.0
WANTED = os.environ["PYZMQ_BACKEND"]


class Program:
    """A program, and the lines it writes."""

    def __init__(self, *command: str, **environment: str) -> None:
        self.name = " ".join(command)
        self.said: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._process = subprocess.Popen(
            [sys.executable, "-B", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def line(self, begins: str) -> str:
        """What follows `begins` in the next line that has it."""
        while True:
            try:
                line = self._lines.get(timeout=PATIENCE)
            except Empty:
                raise AssertionError(self._with_said(f"no line with {begins}")) from None
            if line is None:
                self._lines.put(None)
                raise AssertionError(self._with_said(f"ended without a line with {begins}"))
            self.said.append(line)
            if line.startswith(begins):
                return line.removeprefix(begins).strip()

    def end(self) -> list[str]:
        """All that it has said, when it has ended well."""
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(self._with_said("does not end")) from None
        self._take_rest()
        if status != 0:
            raise AssertionError(self._with_said(f"ended with {status}"))
        return self.said

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._take_rest()
        if self._process.stdout:
            self._process.stdout.close()

    def _take_rest(self) -> None:
        self._reader.join()
        while not self._lines.empty():
            self.said += filter(None, [self._lines.get()])

    def _with_said(self, what: str) -> str:
        return "\n".join([f"{self.name} {what}. It said:", *self.said])


class WatchedTest(unittest.TestCase):
    """With a folder of its own, and an end."""

    def setUp(self) -> None:
        faulthandler.dump_traceback_later(2 * PATIENCE, exit=True)
        self.addCleanup(faulthandler.cancel_dump_traceback_later)
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        self.folder = Path(made.name)

    def start(self, *command: str, **environment: str) -> Program:
        program = Program(*command, **environment)
        self.addCleanup(program.kill)
        return program

    def assert_is_wanted(self, backend: str) -> None:
        self.assertEqual(backend, WANTED)

    def assert_wanted_here(self) -> None:
        self.assert_is_wanted(backend_used())


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread
