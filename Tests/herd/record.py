# SPDX-License-Identifier: Apache-2.0
"""What a herd did while its server was away, and when it was back: values that are written down once."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Something that happened to a client: `what` is "lost", "attempt" or "up"."""

    client: int
    what: str
    # Milliseconds since the server was killed, here and below.
    ms: float


@dataclass(frozen=True)
class Record:
    """One herd."""

    name: str
    clients: int
    initial_ms: int
    max_ms: int
    # When the server listened again.
    back_ms: float
    events: tuple[Event, ...]
    # Of the server's queue of connections to be accepted, from its death to the end.
    overflows: int
    drops: int

    def attempts(self) -> list[float]:
        """Those while the server was away."""
        return [each.ms for each in self.events if each.what == "attempt" and 0 <= each.ms < self.back_ms]

    def ups(self) -> Iterator[Event]:
        return (each for each in self.events if each.what == "up" and each.ms >= self.back_ms)
