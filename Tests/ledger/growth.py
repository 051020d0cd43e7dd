# SPDX-License-Identifier: Apache-2.0
"""Whether a process grows: its memory, descriptors and threads, from /proc."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

# What memory may grow by: pages that were touched late, and a tenth.
ROOM_KIB = 8192
SHARE = 0.1
# A runtime starts some of its threads when it first needs them.
LATE_THREADS = 1
# With fewer samples nothing is said.
LEAST_SAMPLES = 60


@dataclass(frozen=True)
class Size:
    """What a process has at a moment."""

    memory_kib: int
    descriptors: int
    threads: int

    @classmethod
    def of(cls, pid: int | str) -> "Size":
        status = dict(
            line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
        )
        return cls(int(status["VmRSS"].split()[0]), len(os.listdir(f"/proc/{pid}/fd")), int(status["Threads"]))


@dataclass
class Growth:
    """The sizes of one process over its life."""

    name: str
    sizes: list[Size] = field(default_factory=list)

    def quarters(self) -> tuple[Size, Size] | None:
        """The most of each in the second quarter, and the least in the last one: what is there in any case. None for a
        short life.
        """
        count = len(self.sizes)
        if count < LEAST_SAMPLES:
            return None
        return _of_each(max, self.sizes[count // 4 : count // 2]), _of_each(min, self.sizes[count - count // 4 :])

    def complaints(self) -> list[str]:
        """In what it has grown: it has more in any case than it had at most."""
        quarters = self.quarters()
        if not quarters:
            return []
        early, late = quarters
        found = []
        if late.memory_kib > early.memory_kib * (1 + SHARE) + ROOM_KIB:
            found.append(f"{self.name}: memory grew from {early.memory_kib} to {late.memory_kib} KiB")
        if late.descriptors > early.descriptors:
            found.append(f"{self.name}: descriptors grew from {early.descriptors} to {late.descriptors}")
        if late.threads > early.threads + LATE_THREADS:
            found.append(f"{self.name}: threads grew from {early.threads} to {late.threads}")
        return found


def _of_each(choose: Callable[[Iterable[int]], int], sizes: list[Size]) -> Size:
    return Size(
        choose(size.memory_kib for size in sizes),
        choose(size.descriptors for size in sizes),
        choose(size.threads for size in sizes),
    )
