# SPDX-License-Identifier: Apache-2.0
"""The socket for greenlets."""

from collections.abc import Callable
from typing import Any

import gevent
import zmq
from gevent.event import Event
from zmq.constants import Flag, SocketOption

from ._green_poller import Poller
from ._green_waits import GreenWaits
from ._room import AGAIN_AFTER, DIFFERS_BY_PEER
from ._shared_socket import SharedSocket
from ._socket import Socket as _Base

# pyzmq declares another one.
Base: Any = _Base

_DONTWAIT = int(Flag.DONTWAIT)


class Socket(zmq.Socket[bytes]):
    """A socket whose waits let other greenlets run: what `zmq.green.Socket` is.

    Any number of greenlets may wait for one socket. One that is killed, or whose `gevent.Timeout` has come, has lost no
    message. `RCVTIMEO` and `SNDTIMEO` count.
    """

    _poller_class = Poller
    _shared: SharedSocket

    def send(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        data: Any,
        flags: int = 0,
        copy: bool = True,
        track: bool = False,
        routing_id: int | None = None,
        group: str | None = None,
    ) -> Any:
        """Sends a frame. See `zmq.Socket.send`."""
        if routing_id is not None or group is not None:
            # pyzmq's own method knows what is wrong with them.
            return super().send(data, flags | _DONTWAIT, copy, track, routing_id, group)
        return self._repeat(lambda: Base.send(self, data, flags | _DONTWAIT, copy, track), flags, SocketOption.SNDTIMEO)

    def recv(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, flags: int = 0, copy: bool = True, track: bool = False
    ) -> Any:
        """Receives a frame. See `zmq.Socket.recv`."""
        return self._repeat(lambda: Base.recv(self, flags | _DONTWAIT, copy, track), flags, SocketOption.RCVTIMEO)

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> Any:
        """Receives a frame into memory of the caller's. See `zmq.Socket.recv_into`."""

        def attempt() -> Any:
            return Base.recv_into(self, buffer, nbytes=nbytes, flags=flags | _DONTWAIT)

        return self._repeat(attempt, flags, SocketOption.RCVTIMEO)

    def _repeat(self, attempt: Callable[[], Any], flags: int, limit: SocketOption) -> Any:
        """Tries until it works, and waits in between."""
        try:
            return attempt()
        except zmq.Again as error:
            if flags & _DONTWAIT:
                raise
            timeout_ms = self._shared.timeout_ms(flags, limit)
            if timeout_ms == 0:
                raise
            ending = gevent.Timeout(None if timeout_ms < 0 else timeout_ms / 1000, error)
        with ending:
            while True:
                self._wait(receives=limit == SocketOption.RCVTIMEO)
                try:
                    return attempt()
                except zmq.Again:
                    continue

    def _wait(self, *, receives: bool) -> None:
        if not receives and self._shared.kind in DIFFERS_BY_PEER:
            gevent.sleep(AGAIN_AFTER)
            return
        event = Event()
        end = GreenWaits.of(self._shared).watch(event, messages=receives, room=not receives)
        try:
            event.wait()
        finally:
            end()
