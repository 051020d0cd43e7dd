# SPDX-License-Identifier: Apache-2.0
"""Programs in processes of their own, on the other side of a test."""

import os
import signal
import subprocess
import sys
import time
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

    def await_wait(self) -> None:
        """Returns once the main thread sleeps in the call that waits: it has slept for 10 ms without a break.

        That call looks up every 50 ms for a signal, or more rarely, and what comes before it has no such sleep. How
        long the thread has to wait for a processor in between does not matter, so a busy machine only makes it later.
        """
        slept_since, former = time.monotonic(), ""
        while time.monotonic() < slept_since + 0.01 or not former:
            assert self._process.poll() is None, "the program has ended"
            status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
            switches = _field(status, "voluntary_ctxt_switches") + " " + _field(status, "nonvoluntary_ctxt_switches")
            is_asleep = _field(status, "State").startswith("S")
            if not is_asleep or switches != former:
                slept_since, former = time.monotonic(), switches if is_asleep else ""

    def interrupt_in_wait(self) -> None:
        """Sends SIGINT once the main thread sleeps in the call that waits."""
        self.await_wait()
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
