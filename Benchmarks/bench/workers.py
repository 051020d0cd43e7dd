# SPDX-License-Identifier: Apache-2.0
"""Running the measuring programs."""

import os
import subprocess
from pathlib import Path


class Broken(Exception):
    """A measuring program failed, so that there is nothing to report."""


class Workers:
    """The measuring programs in a folder. Each prints lines of numbers."""

    def __init__(self, folder: Path, patience_s: float = 150) -> None:
        self.folder = folder
        self._patience_s = patience_s

    def path(self, name: str) -> Path:
        return self.folder / name

    def rows(self, name: str, *arguments: int | str) -> list[list[float]]:
        """Runs a program and gives back what it printed, line by line."""
        output = self.output([str(self.path(name)), *map(str, arguments)])
        rows = [[float(word) for word in line.split()] for line in output.splitlines()]
        if not rows:
            raise Broken(f"{name} printed nothing")
        return rows

    def column(self, name: str, *arguments: int | str) -> list[float]:
        """The same for a program that prints one number a line."""
        return [row[0] for row in self.rows(name, *arguments)]

    def number(self, name: str, *arguments: int | str) -> float:
        """The same for a program that prints one number."""
        return self.column(name, *arguments)[0]

    def output(self, command: list[str], environment: dict[str, str] | None = None) -> str:
        """What a command prints; a failure or a hang is an error."""
        try:
            done = subprocess.run(
                command,
                check=False,
                env=os.environ | (environment or {}),
                capture_output=True,
                text=True,
                timeout=self._patience_s,
            )
        except subprocess.TimeoutExpired as expired:
            raise Broken(f"{' '.join(command)} did not end within {self._patience_s:.0f} s") from expired
        if done.returncode != 0:
            raise Broken(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()}")
        return done.stdout
