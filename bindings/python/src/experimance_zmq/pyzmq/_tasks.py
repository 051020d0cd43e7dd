# SPDX-License-Identifier: Apache-2.0
"""What the tasks of an event loop do with one socket, through all of its faces."""

from functools import partial

from ._receivers import Receivers
from ._senders import Senders
from ._shared_socket import SharedSocket


class Tasks:
    """Those that receive and those that send."""

    def __init__(self, shared: SharedSocket) -> None:
        self.receivers = Receivers(shared)
        self.senders = Senders(shared)

    @classmethod
    def of(cls, shared: SharedSocket) -> "Tasks":
        """The ones of a socket."""
        tasks = shared.waits.get(cls)
        if not isinstance(tasks, cls):
            # Another thread may make them, too: one wins.
            tasks = shared.waits.setdefault(cls, cls(shared))
            shared.settled()
        assert isinstance(tasks, cls)
        return tasks

    def end(self, error: Exception) -> None:
        """Ends every wait with an error, from any thread."""
        for each in self.receivers, self.senders:
            each.watch.call(partial(each.end, error))

    def close(self) -> None:
        """Ends every wait as cancelled, and gives the descriptors back."""
        for each in self.receivers, self.senders:
            each.watch.call(each.close)

    def room_changed(self) -> None:
        """There may be room of which no descriptor tells; from any thread."""
        self.senders.room_changed()
