# SPDX-License-Identifier: Apache-2.0
"""Proxies and queues, which forward between sockets until their context ends."""

import ctypes
import errno
import struct
from functools import partial

from .. import _abi
from ._errors import details, failure, failure_of, sentence_in
from ._forwarding import SwappingWay, Way, forward_once, receive_whole, send_whole
from ._poll import zmq_poll
from ._shared_socket import SharedSocket
from ._socket import Socket

_POLLIN = 1
_LOOKS_AGAIN_AFTER = 0.2
"""Seconds. A proxy of the library's ends by itself when one of its sockets is closed, and tells nobody."""


def proxy(frontend: Socket, backend: Socket, capture: Socket | None = None) -> int:
    """Forwards messages between two sockets until their context ends.

    Args:
        frontend: one of them.
        backend: the other.
        capture: gets a copy of each message.
    """
    return proxy_steerable(frontend, backend, capture, None)


def proxy_steerable(
    frontend: Socket, backend: Socket, capture: Socket | None = None, control: Socket | None = None
) -> int:
    """A proxy that is told to PAUSE, RESUME, TERMINATE and to tell STATISTICS by messages.

    Args:
        frontend: one of the sockets.
        backend: the other.
        capture: gets a copy of each message.
        control: where it is told.
    """
    capture = capture if isinstance(capture, Socket) else None
    control = control if isinstance(control, Socket) else None
    for socket in (frontend, backend, capture, control):
        if socket is not None:
            socket._check_open()
            socket._shared.check()
    return _steered(_Forwarder(frontend, backend, capture), control)


class _Forwarder:
    """Forwards here, message by message, between any two sockets."""

    def __init__(self, frontend: Socket, backend: Socket, capture: Socket | None) -> None:
        self._sockets = (frontend, backend, capture)
        self._is_for_good = False
        copy = None if capture is None else partial(send_whole, capture)
        self._to_back = Way(frontend, backend, copy)
        self._to_front = Way(backend, frontend, copy)
        self._ways = (self._to_back,) if backend._shared is frontend._shared else (self._to_back, self._to_front)
        self._is_paused = False

    def successor(self) -> "_Forwarder | _EngineForwarder":
        """The library's, if it forwards between these, as soon as nothing is here of which it does not know."""
        if self._is_for_good or self._is_paused or any(map(_has_more_than_the_library, self._sockets)):
            return self
        found = _EngineForwarder.of(*self._sockets, self.statistics())
        self._is_for_good = found is None
        return found or self

    def go_on(self, control: Socket | None) -> bool:
        """Forwards what has come; whether there is something to read at the control socket."""
        others = [] if control is None else [(control, _POLLIN)]
        ready = forward_once(() if self._is_paused else self._ways, others)
        return bool(ready.get(control, 0) & _POLLIN)

    def pause(self) -> None:
        """Takes no more."""
        self._is_paused = True

    def resume(self) -> None:
        """Goes on."""
        self._is_paused = False

    def statistics(self) -> list[int]:
        """Messages and bytes that came and went, of the frontend and of the backend."""
        to_back = (self._to_back.messages, self._to_back.bytes)
        to_front = (self._to_front.messages, self._to_front.bytes)
        return [*to_back, *to_front, *to_front, *to_back]

    def end(self) -> None:
        """Ends it."""


class _EngineForwarder:
    """Forwards in the library, between sockets of types that go together."""

    def __init__(self, proxy: _abi.exz_proxy, sockets: list[SharedSocket], before: list[int]) -> None:
        self._proxy = proxy
        self._sockets = sockets
        self._before = before

    @classmethod
    def of(
        cls, frontend: Socket, backend: Socket, capture: Socket | None, before: list[int]
    ) -> "_EngineForwarder | None":
        """None where the library does not forward between these."""
        sockets = [frontend._shared, backend._shared]
        if any(socket.kind == _abi.EXZ_REQ for socket in sockets):
            return None
        # The library's proxy drops copies that there is no room for, and libzmq's waits for it.
        if capture is not None and capture._shared.kind != _abi.EXZ_PUB:
            return None
        handle, told = _abi.exz_proxy(), details()
        copies = capture._shared.handle if capture is not None else _abi.exz_socket()
        status = _abi.exz_proxy_open(ctypes.byref(handle), sockets[0].handle, sockets[1].handle, copies, told)
        if status in (_abi.EXZ_ERR_NOT_SUPPORTED, _abi.EXZ_ERR_INVALID, _abi.EXZ_ERR_STATE):
            return None
        if status != _abi.EXZ_OK:
            raise failure_of(status, sentence_in(told))
        return cls(handle, sockets, before)

    def successor(self) -> "_EngineForwarder":
        """Itself."""
        return self

    def go_on(self, control: Socket | None) -> bool:
        """Waits a while; whether there is something to read at the control socket."""
        if control is not None:
            is_told = bool(zmq_poll([(control, _POLLIN)], int(_LOOKS_AGAIN_AFTER * 1000)))
        else:
            is_told = False
            self._sockets[0].context.wait_ended(_LOOKS_AGAIN_AFTER)
        for socket in self._sockets:
            socket.check()
        statistics = self._read()
        if statistics.state == _abi.EXZ_PROXY_ENDED:
            raise failure_of(statistics.reason)
        return is_told

    def _read(self) -> _abi.exz_proxy_statistics:
        statistics = _abi.exz_proxy_statistics(size=ctypes.sizeof(_abi.exz_proxy_statistics))
        _abi.exz_proxy_stats(ctypes.byref(statistics), self._proxy)
        return statistics

    def pause(self) -> None:
        """Takes no more."""
        _abi.exz_proxy_pause(self._proxy, _abi.EXZ_DEFAULT_TIMEOUT)

    def resume(self) -> None:
        """Goes on."""
        _abi.exz_proxy_resume(self._proxy)

    def statistics(self) -> list[int]:
        """Messages and bytes that came and went, of the frontend and of the backend, also before it began."""
        read = self._read()
        to_back = (read.messages_to_back, read.bytes_to_back)
        to_front = (read.messages_to_front, read.bytes_to_front)
        since = (*to_back, *to_front, *to_front, *to_back)
        return [earlier + later for earlier, later in zip(self._before, since, strict=True)]

    def end(self) -> None:
        """Ends it."""
        _abi.exz_proxy_close(self._proxy, _abi.EXZ_DEFAULT_TIMEOUT)


def _has_more_than_the_library(socket: Socket | None) -> bool:
    """Whether messages, or frames of one, are here, of which the library does not know."""
    shared = None if socket is None else socket._shared
    return shared is not None and bool(shared.has_come or shared.outgoing or shared.backlog)


def _steered(forwarder: _Forwarder | _EngineForwarder, control: Socket | None) -> int:
    try:
        while True:
            forwarder = forwarder.successor()
            if not forwarder.go_on(control) or control is None:
                continue
            command = b"".join(receive_whole(control))
            answer = [b""]
            match command:
                case b"PAUSE":
                    forwarder.pause()
                case b"RESUME":
                    forwarder.resume()
                case b"STATISTICS":
                    answer = [struct.pack("=Q", number) for number in forwarder.statistics()]
                case b"TERMINATE":
                    pass
                case _:
                    raise failure(errno.EINVAL, f"a proxy can not be told {command!r}")
            if command == b"STATISTICS" or control._shared.kind == _abi.EXZ_REP:
                send_whole(control, answer)
            if command == b"TERMINATE":
                return 0
    finally:
        forwarder.end()


def monitored_queue(
    in_socket: Socket,
    out_socket: Socket,
    mon_socket: Socket,
    in_prefix: bytes = b"in",
    out_prefix: bytes = b"out",
) -> int:
    """Forwards messages between two sockets, also two ROUTERs, and copies of them to a third, with a prefix.

    Args:
        in_socket: one of them.
        out_socket: the other.
        mon_socket: for the copies.
        in_prefix: in front of those that came from `in_socket`.
        out_prefix: in front of the others.
    """
    prefixes = (bytes(memoryview(in_prefix)), bytes(memoryview(out_prefix)))
    is_between_routers = in_socket._shared.kind == out_socket._shared.kind == _abi.EXZ_ROUTER
    way = SwappingWay if is_between_routers else Way
    ways = (
        way(in_socket, out_socket, lambda frames: send_whole(mon_socket, [prefixes[0], *frames])),
        way(out_socket, in_socket, lambda frames: send_whole(mon_socket, [prefixes[1], *frames])),
    )
    while True:
        forward_once(ways, [])
