# SPDX-License-Identifier: Apache-2.0
"""The five doors."""

import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class DoorKind:
    """A way into the library, and the program that takes it."""

    title: str
    program: str
    arguments: tuple[str, ...] = ()

    def command(self, build: Path) -> list[str]:
        if self.program == "door.py":
            return [sys.executable, "-B", str(HERE / self.program), *self.arguments]
        return [str(build / self.program), *self.arguments]


DOORS = {
    "c": DoorKind("C", "matrix/door"),
    "swift": DoorKind("Swift", "debug/matrix-door", ("blocking",)),
    "swift-async": DoorKind("Swift async", "debug/matrix-door", ("async",)),
    "python": DoorKind("Python", "door.py", ("blocking",)),
    "asyncio": DoorKind("asyncio", "door.py", ("asyncio",)),
}
