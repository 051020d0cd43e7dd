# SPDX-License-Identifier: Apache-2.0
"""Programs that are talked to in lines: doors and peers. Every wait for them has an end."""

import json
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass

# For what is bound to happen, however busy the machine.
PATIENCE = 100.0


class Trouble(Exception):
    """What makes a cell wrong, in words."""


class LineProcess:
    """A program, and its lines."""

    def __init__(self, command: list[str], **environment: str) -> None:
        self._name = os.path.basename(command[0])
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | environment
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._read = b""

    def has_line(self, wait: float) -> bool:
        """Whether there is a line to read, by then."""
        deadline = time.monotonic() + wait
        while b"\n" not in self._read:
            if not select.select([self._output], [], [], max(0, deadline - time.monotonic()))[0]:
                return False
            read = os.read(self._output, 65536)
            if not read:
                raise Trouble(f"{self._name} ended with {self._process.wait()}")
            self._read += read
        return True

    def line(self, wait: float = PATIENCE) -> str:
        if not self.has_line(wait):
            raise Trouble(f"{self._name} hangs: nothing in {wait:.0f} s")
        line, _, self._read = self._read.partition(b"\n")
        return line.decode("utf-8", "replace")

    def await_line(self, wanted: str) -> None:
        """Reads until that line has come."""
        deadline = time.monotonic() + PATIENCE
        while self.line(max(0, deadline - time.monotonic())) != wanted:
            continue

    def tell(self, line: str) -> None:
        try:
            os.write(self._input, line.encode() + b"\n")
        except BrokenPipeError:
            raise Trouble(f"{self._name} has ended") from None

    def stop(self) -> None:
        """Stops it, and comes back when it has stopped."""
        os.kill(self._process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.communicate()


@dataclass(frozen=True)
class Answer:
    """What a door says of a call."""

    status: str
    ms: float
    text: str


class Door(LineProcess):
    """A door: the calls that it makes, one after the other."""

    def begin(self, verb: str, argument: str = "-", timeout_ms: int = 0) -> None:
        """Has it make a call; `answer` is to follow."""
        self.tell(f"{verb}\t{argument}\t{timeout_ms}")

    def has_answered(self, wait: float) -> bool:
        return self.has_line(wait)

    def answer(self, wait: float = PATIENCE) -> Answer:
        said = json.loads(self.line(wait))
        return Answer(said["status"], said["ms"], bytes.fromhex(said["bytes"]).decode("utf-8", "replace"))

    def call(self, verb: str, argument: str = "-", timeout_ms: int = 0) -> Answer:
        self.begin(verb, argument, timeout_ms)
        return self.answer(timeout_ms / 1000 + PATIENCE)

    def must(self, verb: str, argument: str = "-", timeout_ms: int = 0) -> Answer:
        """Makes a call that has to succeed."""
        answer = self.call(verb, argument, timeout_ms)
        if answer.status != "EXZ_OK":
            raise Trouble(f"{verb} answers {answer.status} after {answer.ms:.0f} ms")
        return answer
