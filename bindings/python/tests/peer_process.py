# SPDX-License-Identifier: Apache-2.0
"""Programs in processes of their own, on the other side of a test."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self


class PeerProcess:
    """A program that is talked to in lines: it writes to its standard output, and ends when its input does."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    @classmethod
    def python(cls, program: Path, *arguments: object) -> Self:
        """Starts a Python program."""
        return cls([sys.executable, str(program), *map(str, arguments)])

    @classmethod
    def code(cls, code: str) -> Self:
        """Starts lines of Python."""
        return cls([sys.executable, "-c", code])

    @property
    def pid(self) -> int:
        return self._process.pid

    def line(self) -> str:
        """The next line the program writes. The test's watchdog bounds the wait."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, f"the program ended with {self._process.wait()} instead of writing a line"
        return line.rstrip("\n")

    def tell(self, line: str) -> None:
        """Writes a line to the program."""
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def interrupt_in_wait(self) -> None:
        """Sends SIGINT once the main thread is asleep nearly whenever one looks: then it is in the call that waits.

        That call looks up every 50 ms for a signal. On a busy machine that takes a while each time, as it has to wait
        for a processor: whoever asked for one long sleep would wait for ever.
        """
        looks_asleep = 0
        while looks_asleep < 200:
            assert self._process.poll() is None, "the program has ended"
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
            looks_asleep = looks_asleep + 1 if _field(status, "State").startswith("S") else max(0, looks_asleep - 4)
        self.interrupt()

    def interrupt(self) -> None:
        """Sends SIGINT."""
        os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """Ends the program at once with SIGKILL."""
        self._process.kill()
        self._process.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Waits until the program ends by itself; its exit code."""
        return self._process.wait(timeout)

    def end(self) -> None:
        """Ends the program, which may have ended already."""
        self._process.kill()
        self._process.communicate()


def _field(status: str, name: str) -> str:
    """A field of /proc/PID/status."""
    return next(line for line in status.splitlines() if line.startswith(f"{name}:")).split(":", 1)[1].strip()
