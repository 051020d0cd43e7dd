# SPDX-License-Identifier: Apache-2.0
"""Waiting of greenlets for several sockets and descriptors."""

from collections.abc import Callable
from typing import Any

import gevent
import zmq
from gevent.event import Event
from gevent.hub import get_hub

from ._green_waits import GreenWaits
from ._poll import descriptor_of
from ._socket import Socket as Base

_READ, _WRITE = 1, 2


class Poller(zmq.Poller):
    """Waits for several sockets and descriptors at once, and lets other greenlets run: what `zmq.green.Poller` is."""

    def poll(self, timeout: float | None = -1) -> list[tuple[Any, int]]:
        """Waits until something is ready; pairs of what is ready, and for what.

        Args:
            timeout: milliseconds; None or a negative number is for ever.
        """
        if events := super().poll(0):
            return events
        if timeout == 0:
            return []
        time_is_up = gevent.Timeout(None if timeout is None or timeout < 0 else timeout / 1000)
        try:
            with time_is_up:
                while not events:
                    self._wait()
                    events = super().poll(0)
        except gevent.Timeout as raised:
            if raised is not time_is_up:
                raise
        return events

    def _wait(self) -> None:
        event = Event()
        ends: list[Callable[[], None]] = []
        try:
            for item, mask in self.sockets:
                if isinstance(item, Base):
                    waits = GreenWaits.of(item._shared)
                    ends.append(waits.watch(event, messages=bool(mask & zmq.POLLIN), room=bool(mask & zmq.POLLOUT)))
                else:
                    ends.append(_watch(descriptor_of(item), mask, event))
            event.wait()
        finally:
            for end in ends:
                end()


def _watch(descriptor: int, mask: int, event: Event) -> Callable[[], None]:
    """What is neither readable nor writable, such as an error, comes with both."""
    asked = (_READ if mask & ~zmq.POLLOUT else 0) | (_WRITE if mask & zmq.POLLOUT else 0)
    watcher = get_hub().loop.io(descriptor, asked)
    watcher.start(event.set)

    def end() -> None:
        watcher.stop()
        watcher.close()

    return end
