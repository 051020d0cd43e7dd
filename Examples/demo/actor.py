# SPDX-License-Identifier: Apache-2.0
"""One of the demo's processes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator

from entry import Entry


class Actor:
    """A running example program and what its journal has said so far."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.started_at = time.monotonic()
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.entries: list[Entry] = []
        self.complaints = ""
        """What it wrote to its standard error."""
        self.was_killed = False
        self._unfinished_line = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def streams(self) -> tuple[int, int]:
        """The descriptors its output comes through."""
        assert self._process.stdout
        assert self._process.stderr
        return self._process.stdout.fileno(), self._process.stderr.fileno()

    def read(self, descriptor: int) -> list[Entry] | None:
        """Takes what has come through one of the streams; None at its end."""
        data = os.read(descriptor, 65536)
        if not data:
            return None
        if descriptor != self.streams[0]:
            self.complaints += data.decode(errors="replace")
            return []
        *lines, self._unfinished_line = (self._unfinished_line + data).split(b"\n")
        entries = [Entry.parse(line.decode()) for line in lines]
        self.entries += entries
        return entries

    def kill(self) -> None:
        """SIGKILL: it gets no chance to do anything more."""
        self.was_killed = True
        self._process.kill()

    def ask_to_stop(self) -> None:
        self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Its exit status, once its streams have ended."""
        return self._process.wait(timeout=10)

    def dispose(self) -> None:
        """Ends it if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream:
                stream.close()

    def said(self, what: str) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.what == what)

    def count(self, what: str) -> int:
        return sum(1 for _ in self.said(what))

    def first(self, what: str) -> Entry | None:
        return next(self.said(what), None)

    def has_said(self, *whats: str) -> bool:
        """Whether such lines came in this order, others between them or not."""
        remaining = iter(self.entries)
        return all(any(entry.what == what for entry in remaining) for what in whats)
