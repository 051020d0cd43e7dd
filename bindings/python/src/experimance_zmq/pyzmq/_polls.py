# SPDX-License-Identifier: Apache-2.0
"""The polls that wait for one socket, for one kind of event."""

from typing import Protocol


class Poll(Protocol):
    """One of them."""

    def wake(self) -> None:
        """Something may be ready."""

    def end(self, error: Exception | None) -> None:
        """Nothing will be, because of an error, or as if it had been cancelled."""


class Polls:
    """Each is woken once, and comes back if it finds nothing."""

    def __init__(self) -> None:
        self._waiting: set[Poll] = set()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, poll: Poll) -> None:
        """It waits."""
        self._waiting.add(poll)

    def forget(self, poll: Poll) -> None:
        """It waits no more."""
        self._waiting.discard(poll)

    def wake(self) -> None:
        """Something may be ready."""
        for poll in self._take():
            poll.wake()

    def end(self, error: Exception | None) -> None:
        """Nothing will be."""
        for poll in self._take():
            poll.end(error)

    def _take(self) -> set[Poll]:
        waiting, self._waiting = self._waiting, set()
        return waiting
