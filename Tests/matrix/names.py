# SPDX-License-Identifier: Apache-2.0
"""Host names that stand for what a test likes: names.c, in front of a program."""

import os
import tempfile
from pathlib import Path


class Names:
    """The names of one program."""

    def __init__(self, library: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._count = 0
        self._pipes: dict[str, int] = {}
        self.environment = {"LD_PRELOAD": str(library), "EXZ_MATRIX_NAMES": self._folder.name}

    def new(self) -> str:
        """A name that nobody has looked up before, and that does not resolve."""
        self._count += 1
        return f"name-{self._count}.matrix.test"

    def move(self, name: str, address: str) -> None:
        """The name stands for this address from now on."""
        beside = Path(self._folder.name, "beside")
        beside.write_text(address)
        beside.replace(Path(self._folder.name, name))

    def hold(self, name: str) -> None:
        """Look-ups of the name take until `release`."""
        path = Path(self._folder.name, name)
        os.mkfifo(path)
        # With both ends open no look-up finds the end of the pipe.
        self._pipes[name] = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def release(self, name: str, address: str) -> None:
        """The look-ups that are going on find this address, or nothing, and so do later ones."""
        self.move(name, address)
        os.write(self._pipes[name], address.encode())
        os.close(self._pipes.pop(name))

    def close(self) -> None:
        for pipe in self._pipes.values():
            os.close(pipe)
        self._folder.cleanup()
