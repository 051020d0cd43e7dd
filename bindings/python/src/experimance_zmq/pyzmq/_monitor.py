# SPDX-License-Identifier: Apache-2.0
"""What happens to a socket's links, told as libzmq's monitor tells it: in frames, at an endpoint of the process."""

import ctypes
import errno
import struct

from zmq.constants import Event

from .. import _abi
from ..socket_options import default_options
from ._errors import details, failure, failure_of, sentence_in
from ._system import Thread

_WAIT_MS = 10_000
_ACCESS_DENIED = 400
_Told = tuple[int, int, bytes]


def _failed(event: _abi.exz_event) -> tuple[int, int]:
    if event.status == _abi.EXZ_ERR_SECURITY:
        return Event.HANDSHAKE_FAILED_AUTH, _ACCESS_DENIED
    if event.status == _abi.EXZ_ERR_PROTOCOL:
        return Event.HANDSHAKE_FAILED_PROTOCOL, Event.PROTOCOL_ERROR_ZMTP_UNSPECIFIED
    if event.kind == _abi.EXZ_EVENT_PEER_REJECTED:
        return Event.HANDSHAKE_FAILED_NO_DETAIL, event.sys_errno
    return Event.CLOSED, event.sys_errno


class Monitor:
    """Tells of a socket's events from now on, on a thread of its own that ends with the socket."""

    def __init__(self, socket: _abi.exz_socket, context: _abi.exz_context, endpoint: str, events: int) -> None:
        self._socket = socket
        self._events = events
        self._listening: set[bytes] = set()
        self._canceler = _abi.exz_canceler()
        self._pair = _abi.exz_socket()
        if not endpoint.startswith("inproc://"):
            raise failure(errno.EPROTONOSUPPORT, f"a monitor is within the process: inproc://…, not {endpoint!r}")
        options = default_options()
        options.linger_ms = 0
        options.send_hwm = 0
        status = _abi.exz_socket_open(ctypes.byref(self._pair), context, _abi.EXZ_PAIR, ctypes.byref(options))
        if status != _abi.EXZ_OK:
            raise failure_of(status)
        told = details()
        status = _abi.exz_socket_bind(self._pair, endpoint.encode(), 0, told)
        if status == _abi.EXZ_OK:
            status = _abi.exz_canceler_open(ctypes.byref(self._canceler))
        if status != _abi.EXZ_OK:
            _abi.exz_socket_close(self._pair, 0)
            raise failure_of(status, sentence_in(told))
        self._look_back()
        self._thread = Thread(self._run)

    def _look_back(self) -> None:
        """What has happened before is not told."""
        event = self._new_event()
        while _abi.exz_next_event(event, self._socket, 0) == _abi.EXZ_OK:
            if event.kind == _abi.EXZ_EVENT_LISTENING:
                self._listening.add(event.endpoint)

    @staticmethod
    def _new_event() -> _abi.exz_event:
        return _abi.exz_event(size=ctypes.sizeof(_abi.exz_event))

    def stop(self) -> None:
        """Ends it, and tells that it has ended."""
        _abi.exz_canceler_cancel(self._canceler)
        self._thread.join()

    def _run(self) -> None:
        _abi.exz_canceler_attach(self._canceler)
        event = self._new_event()
        while True:
            status = _abi.exz_next_event(event, self._socket, _WAIT_MS)
            if status == _abi.EXZ_ERR_TIMEOUT:
                continue
            if status != _abi.EXZ_OK:
                break
            for told in self._as_told(event):
                self._tell(*told)
        self._tell(Event.MONITOR_STOPPED, 0, b"")
        _abi.exz_canceler_attach(_abi.exz_canceler())
        _abi.exz_canceler_close(self._canceler)
        # Whoever listens has it already, over inproc.
        _abi.exz_socket_close(self._pair, 0)

    def _as_told(self, event: _abi.exz_event) -> list[_Told]:
        endpoint: bytes = event.endpoint
        match event.kind:
            case _abi.EXZ_EVENT_CONNECTING:
                return [(Event.CONNECT_DELAYED, errno.EINPROGRESS, endpoint)]
            case _abi.EXZ_EVENT_HANDSHAKEN:
                came = Event.ACCEPTED if endpoint in self._listening else Event.CONNECTED
                return [(came, 0, endpoint), (Event.HANDSHAKE_SUCCEEDED, 0, endpoint)]
            case _abi.EXZ_EVENT_FAILED | _abi.EXZ_EVENT_PEER_REJECTED:
                return [(*_failed(event), endpoint)]
            case _abi.EXZ_EVENT_RETRY_IN:
                return [(Event.CONNECT_RETRIED, event.delay_ms, endpoint)]
            case _abi.EXZ_EVENT_LOST:
                return [(Event.DISCONNECTED, event.sys_errno, endpoint)]
            case _abi.EXZ_EVENT_CLOSED:
                self._listening.discard(endpoint)
                return [(Event.CLOSED, 0, endpoint)]
            case _abi.EXZ_EVENT_LISTENING:
                self._listening.add(endpoint)
                return [(Event.LISTENING, 0, endpoint)]
        return []

    def _tell(self, event: int, value: int, endpoint: bytes) -> None:
        if not event & self._events:
            return
        first = struct.pack("=HI", event, value & 0xFFFFFFFF)
        parts = (_abi.exz_part * 2)()
        for part, data in zip(parts, (first, endpoint), strict=True):
            part.data = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)
            part.size = len(data)
        # Nobody listens yet, or not any more: then it is not told.
        _abi.exz_send_parts(self._pair, parts, 2, 0)
