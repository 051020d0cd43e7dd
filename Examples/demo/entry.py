# SPDX-License-Identifier: Apache-2.0
"""One line of an example program's journal."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_LINE = re.compile(r"(?P<time>\d+\.\d+) (?P<what>\w+) ?(?P<pairs>(?:\w+=\S* ?)*)(?P<text>.*)")


@dataclass(frozen=True)
class Entry:
    """Something that a program said has happened."""

    time: float
    """Seconds of the monotonic clock."""
    what: str
    values: dict[str, str] = field(default_factory=dict)
    """What stood there as key=value."""
    text: str = ""
    """The words after it."""

    @classmethod
    def parse(cls, line: str) -> Entry:
        match = _LINE.fullmatch(line)
        if not match:
            raise ValueError(f"not a line of a journal: {line!r}")
        pairs = (pair.partition("=") for pair in match["pairs"].split())
        return cls(float(match["time"]), match["what"], {key: value for key, _, value in pairs}, match["text"])

    def number(self, key: str) -> int:
        return int(self.values[key])
