# SPDX-License-Identifier: Apache-2.0
"""The greenlets that wait for one socket, in one thread."""

import os
from collections.abc import Callable
from typing import Any

from gevent.event import Event
from gevent.hub import get_hub

from .. import _abi
from ._edges import EdgeDescriptor
from ._shared_socket import SharedSocket

_READ = 1


class GreenWaits:
    """Wakes everybody when something may be possible: who then finds nothing waits again. A greenlet that is ended in
    its wait has taken nothing.
    """

    def __init__(self, shared: SharedSocket, hub: Any) -> None:
        self._shared = shared
        self._hub = hub
        self._messages = -1
        self._room = -1
        self._edges: EdgeDescriptor | None = None
        self._waiting: set[Event] = set()

    @classmethod
    def of(cls, shared: SharedSocket) -> "GreenWaits":
        """Those of a socket in this thread."""
        hub = get_hub()
        waits = shared.waits.get(hub)
        if not isinstance(waits, cls):
            waits = shared.waits[hub] = cls(shared, hub)
            shared.settled()
        return waits

    def watch(self, event: Event, *, messages: bool, room: bool) -> Callable[[], None]:
        """Has an event set when something may be possible. What is answered ends that."""
        self._shared.check()
        watchers = []
        if messages and self._shared.receives:
            watchers.append(self._watcher(self._descriptor_for_messages(), event.set))
        if room and self._shared.sends:
            watchers.append(self._watcher(self._descriptor_for_room(), lambda: self._on_room(event)))
        self._waiting.add(event)

        def end() -> None:
            self._waiting.discard(event)
            for watcher in watchers:
                watcher.stop()
                watcher.close()

        return end

    def _watcher(self, descriptor: int, callback: Callable[[], None]) -> Any:
        watcher = self._hub.loop.io(descriptor, _READ)
        watcher.start(callback)
        return watcher

    def _descriptor_for_messages(self) -> int:
        if self._messages < 0:
            # It outlives the socket, and is readable then.
            self._messages = os.dup(self._shared.state_descriptor(_abi.exz_socket_fd))
        return self._messages

    def _descriptor_for_room(self) -> int:
        if self._edges is None:
            # Edges: a ROUTER has room as long as one of its peers has, and perhaps none for what is to be sent.
            self._edges = EdgeDescriptor([self._shared.state_descriptor(_abi.exz_socket_send_fd)])
        return self._edges.number

    def _on_room(self, event: Event) -> None:
        if self._edges is not None:
            self._edges.look()
        self._wake()
        event.set()

    def _wake(self) -> None:
        for event in list(self._waiting):
            event.set()

    # As the socket knows it

    def end(self, error: Exception) -> None:
        """Wakes everybody, from any thread: what they are about to do fails."""
        self._in_thread(self._wake)

    def close(self) -> None:
        """The same, and gives the descriptors back."""
        self._in_thread(self._close)

    def room_changed(self) -> None:
        """Wakes everybody, from any thread."""
        if self._waiting:
            self._in_thread(self._wake)

    def _close(self) -> None:
        self._wake()
        descriptor, self._messages = self._messages, -1
        edges, self._edges = self._edges, None
        if descriptor >= 0:
            # Not while somebody watches it.
            self._hub.loop.run_callback(os.close, descriptor)
        if edges is not None:
            self._hub.loop.run_callback(edges.close)

    def _in_thread(self, function: Callable[[], None]) -> None:
        if self._hub is get_hub():
            function()
        else:
            self._hub.loop.run_callback_threadsafe(function)
