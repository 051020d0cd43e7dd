# SPDX-License-Identifier: Apache-2.0
"""The demo keeps all promises, and would say so if it did not."""

import re
import shlex
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from document import blocks
from surroundings import BUILD, ROOT, run
from watched import WatchedTestCase

EXAMPLES = BUILD / "examples"
PROGRAMS = {
    "publisher": [str(EXAMPLES / "publisher")],
    "puller": [str(EXAMPLES / "puller")],
    "swift-subscriber": [str(BUILD / "debug" / "swift-subscriber")],
    "python-pusher": [sys.executable, str(ROOT / "Examples" / "python" / "pusher.py")],
}


class Breakage(NamedTuple):
    """What one program is made to say, and the promise that is broken then."""

    promise: str
    program: str
    pattern: str
    replacement: str


BREAKAGES = [
    Breakage("No call waits for ever", "python-pusher", r"waited_ms=\S+", "waited_ms=200"),
    Breakage("Success means something", "swift-subscriber", r".* received .*number=1$", ""),
    Breakage("Failure says why", "swift-subscriber", "EXZ_ERR_REFUSED", "EXZ_ERR_INTERNAL"),
    Breakage("Close is bounded", "puller", r"closed ms=\S+", "closed ms=60000"),
    Breakage("No silent loss", "puller", r".* received .*number=7$", ""),
    Breakage("No silent loss", "puller", r"number=8$", "number=7"),
    Breakage("One policy, once", "swift-subscriber", r"(retry_in .*)ms=\S+", r"\1ms=7"),
]


def shape(line: str) -> str:
    """A row of the time line without its numbers."""
    return re.sub(r"\d+", "N", line.strip())


class Demo(WatchedTestCase):
    def play(self, *more: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-B", str(ROOT / "Examples" / "demo" / "demo.py")]
        for name, command in PROGRAMS.items():
            words += [f"--{name}", *command]
        return run([*words, *more])

    def play_tampered(self, breakage: Breakage) -> subprocess.CompletedProcess[str]:
        tampered = [sys.executable, "-B", str(Path(__file__).with_name("tampered.py"))]
        command = [*tampered, breakage.pattern, breakage.replacement, *PROGRAMS[breakage.program]]
        return self.play(f"--{breakage.program}", self.stand_in(shlex.join(command)))

    def stand_in(self, command: str) -> str:
        """The path of a program that runs a shell command with its arguments."""
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name) / "stand-in"
        path.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def test_all_promises_are_kept(self) -> None:
        result = self.play()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("All promises kept", result.stdout)
        printed = iter(shape(line) for line in result.stdout.splitlines())
        for line in blocks("Experimance ZMQ")[0].content.splitlines():
            self.assertIn(shape(line), printed, "README.md shows a line that the demo did not print there")

    def test_a_broken_promise_is_named(self) -> None:
        with ThreadPoolExecutor(max_workers=4) as several:
            results = list(several.map(self.play_tampered, BREAKAGES))
        for breakage, result in zip(BREAKAGES, results, strict=True):
            with self.subTest(breakage.promise, pattern=breakage.pattern):
                self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
                broken = [line for line in result.stdout.splitlines() if "BROKEN" in line]
                self.assertTrue(any(breakage.promise in line for line in broken), result.stdout)

    def test_a_program_that_fails_ends_the_demo(self) -> None:
        result = self.play("--puller", self.stand_in("ls --no-such-option"))
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("The demo can not go on: the C puller failed: ls: ", result.stdout)

    def test_a_program_that_hangs_ends_the_demo(self) -> None:
        result = self.play("--patience", "4", "--puller", self.stand_in("tail -f /dev/null; :"))
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("The demo can not go on: waited 4 s in vain for ", result.stdout)
