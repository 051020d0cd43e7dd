# SPDX-License-Identifier: Apache-2.0
"""Forwarding between sockets: proxies and queues, which go on until their context ends."""

import ctypes
import errno
import struct
from typing import Any

from .. import _abi
from ._errors import details, failure, failure_of, sentence_in
from ._poll import zmq_poll
from ._shared_socket import SharedSocket
from ._socket import Socket

_POLLIN, _POLLOUT = 1, 2
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
    forwarder = _EngineForwarder.of(frontend, backend, capture) or _Forwarder(frontend, backend, capture)
    return _steered(forwarder, control)


class _Counts:
    """Messages and bytes that came from one side and went to the other."""

    def __init__(self) -> None:
        self.messages = 0
        self.bytes = 0


class _Forwarder:
    """Forwards message by message, between any two sockets."""

    def __init__(self, frontend: Socket, backend: Socket, capture: Socket | None) -> None:
        self._sides = (frontend, backend)
        self._capture = capture
        self._counts = (_Counts(), _Counts())
        self._is_paused = False

    def go_on(self, control: Socket | None) -> bool:
        """Forwards what has come; whether there is something to read at the control socket."""
        asked: list[tuple[Any, int]] = [] if control is None else [(control, _POLLIN)]
        if not self._is_paused:
            asked += [(side, _POLLIN) for side in dict.fromkeys(self._sides)]
        ready = dict(zmq_poll(asked))
        front, back = self._sides
        for index, (source, target) in enumerate(((front, back), (back, front))):
            if source in ready and target is not source and zmq_poll([(target, _POLLOUT)], 0):
                self._forward(source, target, self._counts[index])
            elif source in ready and target is source:
                self._forward(source, target, self._counts[index])
                break
            elif source in ready:
                # No room: both sides and the control socket are waited for.
                zmq_poll([(target, _POLLOUT), *([] if control is None else [(control, _POLLIN)])])
        return control in ready

    def _forward(self, source: Socket, target: Socket, counts: _Counts) -> None:
        frames = receive_whole(source)
        send_whole(target, frames)
        if self._capture is not None:
            send_whole(self._capture, frames)
        counts.messages += 1
        counts.bytes += sum(map(len, frames))

    def pause(self) -> None:
        """Takes no more."""
        self._is_paused = True

    def resume(self) -> None:
        """Goes on."""
        self._is_paused = False

    def statistics(self) -> list[int]:
        """Messages and bytes that came and went, of the frontend and of the backend."""
        to_back, to_front = self._counts
        return [
            *(to_back.messages, to_back.bytes, to_front.messages, to_front.bytes),
            *(to_front.messages, to_front.bytes, to_back.messages, to_back.bytes),
        ]

    def end(self) -> None:
        """Ends it."""


class _EngineForwarder:
    """Forwards in the library, between sockets of types that go together."""

    def __init__(self, proxy: _abi.exz_proxy, sockets: list[SharedSocket]) -> None:
        self._proxy = proxy
        self._sockets = sockets

    @classmethod
    def of(cls, frontend: Socket, backend: Socket, capture: Socket | None) -> "_EngineForwarder | None":
        """None where the library does not forward between these."""
        sockets = [frontend._shared, backend._shared]
        if any(socket.incoming or socket.kind == _abi.EXZ_REQ for socket in sockets):
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
        return cls(handle, sockets)

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
        """Messages and bytes that came and went, of the frontend and of the backend."""
        read = self._read()
        to_back = (read.messages_to_back, read.bytes_to_back)
        to_front = (read.messages_to_front, read.bytes_to_front)
        return [*to_back, *to_front, *to_front, *to_back]

    def end(self) -> None:
        """Ends it."""
        _abi.exz_proxy_close(self._proxy, _abi.EXZ_DEFAULT_TIMEOUT)


def _steered(forwarder: _Forwarder | _EngineForwarder, control: Socket | None) -> int:
    try:
        while True:
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


def receive_whole(socket: Socket) -> list[bytes]:
    """The next message, all of its frames."""
    frames = [socket._recv_slowly(0, True, False)]
    while socket._shared.more:
        frames.append(socket._recv_slowly(0, True, False))
    return frames


def send_whole(socket: Socket, frames: list[bytes]) -> None:
    """Sends a message of several frames."""
    for frame in frames[:-1]:
        socket._send_slowly(frame, 2, True, False)
    socket._send_slowly(frames[-1], 0, True, False)


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
    swaps = in_socket._shared.kind == out_socket._shared.kind == _abi.EXZ_ROUTER
    ways = ((in_socket, out_socket, prefixes[0]), (out_socket, in_socket, prefixes[1]))
    while True:
        ready = dict(zmq_poll([(in_socket, _POLLIN), (out_socket, _POLLIN)]))
        for source, target, prefix in ways:
            if source not in ready:
                continue
            frames = receive_whole(source)
            if swaps and len(frames) > 1:
                frames[:2] = frames[1], frames[0]
            send_whole(target, frames)
            send_whole(mon_socket, [prefix, *frames])
