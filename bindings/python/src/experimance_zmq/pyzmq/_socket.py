# SPDX-License-Identifier: Apache-2.0
"""The face of a socket that pyzmq derives its own class from, and that is called for every frame."""

import ctypes
import errno
import operator
from typing import Any

from zmq.constants import SocketOption, _OptType

from .._arguments import INT32_MAX
from .._log import raise_held_back
from ._context import Context
from ._errors import failure
from ._frame import COPY_THRESHOLD, Frame, contiguous, finished_tracker, frame_class, tracked
from ._native_types import SocketMemory
from ._options import OPTIONS, How
from ._shared_socket import SharedSocket
from ._utilities import IPC_PATH_MAX_LEN

_INT64_MAX = 2**63 - 1


class Socket(SocketMemory):
    """A face of a socket, for pyzmq's own class.

    `send`, `recv` and `get` are the library's own methods, and come here with what is not usual.
    """

    __slots__ = ("_closed", "_shadow", "_shared", "context", "copy_threshold")

    context: Any
    copy_threshold: int
    _shared: SharedSocket
    _closed: bool

    def __init__(
        self,
        context: Context | None = None,
        socket_type: int = -1,
        shadow: int = 0,
        copy_threshold: int | None = None,
    ) -> None:
        assign = object.__setattr__
        assign(self, "_closed", True)
        assign(self, "_shadow", bool(shadow))
        assign(self, "context", context)
        assign(self, "copy_threshold", COPY_THRESHOLD if copy_threshold is None else copy_threshold)
        if shadow:
            shared = SharedSocket.find(shadow)
        elif context is None:
            raise TypeError("a socket needs a context")
        elif socket_type < 0:
            raise TypeError("a socket needs a type")
        else:
            shared = SharedSocket(context._shared, int(socket_type))
        assign(self, "_shared", shared)
        self._attach(shared)
        assign(self, "_closed", False)

    @property
    def underlying(self) -> int:
        """The number by which other faces find the socket."""
        return self._shared.number

    @property
    def closed(self) -> bool:
        """Whether it is closed, by whichever face."""
        return self._closed or self._shared.is_closed

    def close(self, linger: int | None = None) -> None:
        """Closes the socket, and does not wait.

        Args:
            linger: milliseconds for which queued messages are still sent; None is the option LINGER.
        """
        if not self._closed:
            object.__setattr__(self, "_closed", True)
            self._shared.close(None if linger is None else operator.index(linger))

    # Options

    def set(self, option: int, optval: int | bytes) -> None:
        """Sets an option.

        Args:
            option: such as `zmq.LINGER`.
            optval: an int or bytes, as the option is one or the other.
        """
        self._check_open()
        option = _in_range(operator.index(option), INT32_MAX)
        if isinstance(optval, str):
            raise TypeError("an option is an int or bytes, not str: use setsockopt_string")
        wanted = bytes if _type_of(option) is _OptType.bytes else int
        if not isinstance(optval, wanted):
            raise TypeError(f"expected {wanted.__name__}, not {type(optval).__name__}: {optval!r}")
        if isinstance(optval, int):
            optval = _in_range(int(optval), INT32_MAX if _type_of(option) is _OptType.int else _INT64_MAX)
        self._shared.set(option, optval)

    def _get_slowly(self, option: int) -> Any:
        """Reads an option; RCVMORE only where it may be none of an open socket's."""
        self._check_open()
        option = _in_range(operator.index(option), INT32_MAX)
        row = OPTIONS.get(option)
        if _type_of(option) is not _OptType.bytes or (row and row.how is not How.PASSED):
            return self._shared.get(option)
        value = self._shared.get_bytes(option)
        # An identity may end with a NUL.
        return value if option == SocketOption.ROUTING_ID else value.removesuffix(b"\0")

    # Links

    def bind(self, addr: str | bytes) -> None:
        """Listens at an endpoint.

        Args:
            addr: such as `tcp://127.0.0.1:5555`.
        """
        endpoint = _endpoint(addr)
        self._check_open()
        scheme, _, path = endpoint.partition(b"://")
        if scheme == b"ipc" and len(path) > IPC_PATH_MAX_LEN:
            shown = path.decode("utf-8", "replace")
            raise failure(
                errno.ENAMETOOLONG,
                f'the path "{shown}" is longer than the {IPC_PATH_MAX_LEN} bytes of IPC_PATH_MAX_LEN',
            )
        self._shared.bind(endpoint)

    def connect(self, addr: str | bytes) -> None:
        """Connects to an endpoint, in the background.

        Args:
            addr: such as `tcp://127.0.0.1:5555`.
        """
        endpoint = _endpoint(addr)
        self._check_open()
        self._shared.connect(endpoint)

    def unbind(self, addr: str | bytes) -> None:
        """Stops listening at an endpoint.

        Args:
            addr: as it was bound.
        """
        endpoint = _endpoint(addr)
        self._check_open()
        self._shared.unbind(endpoint)

    def disconnect(self, addr: str | bytes) -> None:
        """Ends the link to an endpoint.

        Args:
            addr: as it was connected.
        """
        endpoint = _endpoint(addr)
        self._check_open()
        self._shared.disconnect(endpoint)

    def monitor(self, addr: str | bytes | None, events: int = 0xFFFF) -> None:
        """Tells of what happens to the socket's links.

        Args:
            addr: `inproc://…` for a PAIR to connect to; None ends it.
            events: which of zmq.EVENT_….
        """
        self._check_open()
        self._shared.monitor(None if addr is None else _endpoint(addr).decode(), events)

    def join(self, group: str | bytes) -> None:
        """Refused: there is no DISH here."""
        raise RuntimeError("RADIO and DISH are drafts of libzmq, which experimance_zmq does not have")

    def leave(self, group: str | bytes) -> None:
        """Refused: there is no DISH here."""
        self.join(group)

    # Messages

    def _send_slowly(self, data: Any, flags: int, copy: bool, track: bool) -> Any:
        self._check_open()
        tracker = None
        if isinstance(data, Frame):
            if track and not data.tracker:
                raise ValueError("the frame is not tracked")
            tracker = data.tracker
            frame: bytes | memoryview = data._data if type(data._data) is bytes and not tracker else data._memory
        elif type(data) is bytes and copy:
            frame = data
        else:
            memory = contiguous(data)
            if copy or memory.nbytes < self.copy_threshold or not memory.c_contiguous:
                # As it lies there, whatever its order.
                frame = memory.tobytes(order="A")
                tracker = None if copy else finished_tracker()
            else:
                frame = memory
                tracker = tracked(memory) if track else None
            del memory
        self._shared.send_frame(frame, flags)
        return tracker

    def _recv_slowly(self, flags: int, copy: bool, track: bool) -> Any:
        # Of a handler that has run in a wait.
        raise_held_back()
        self._check_open()
        shared = self._shared
        frame, message = shared.receive_frame(flags, copy)
        return frame if copy else frame_class()._received(message, frame, track, shared.more)

    def recv_into(self, buffer: Any, /, *, nbytes: int = 0, flags: int = 0) -> int:
        """Receives a frame into memory of the caller's.

        Args:
            buffer: an object with the buffer protocol, that can be written to.
            nbytes: how much of it may be used; 0 is all.
            flags: `zmq.DONTWAIT`.

        Returns:
            The size of the frame. What is beyond the room for it is gone.
        """
        target = self.memory_to_fill(buffer, nbytes)
        return self.fill(target, self._shared.receive_frame(flags, False)[0])

    def memory_to_fill(self, buffer: Any, nbytes: int) -> memoryview:
        """What `recv_into` may write to."""
        self._check_open()
        if nbytes < 0:
            raise ValueError(f"nbytes is {nbytes}, it must be 0 or more")
        view = memoryview(buffer)
        if view.readonly:
            raise BufferError("the buffer can only be read")
        if not view.contiguous:
            raise BufferError("the buffer is not in one piece")
        if nbytes > view.nbytes:
            raise ValueError(f"nbytes is {nbytes}, and the buffer has {view.nbytes} bytes")
        target = (ctypes.c_char * view.nbytes).from_buffer(view) if view.nbytes else b""
        return memoryview(target).cast("B")[: nbytes or view.nbytes]

    @staticmethod
    def fill(target: memoryview, part: Any) -> int:
        """Writes as much of a frame as there is room for; the frame's size."""
        frame = memoryview(part)
        count = min(target.nbytes, frame.nbytes)
        if count:
            target[:count] = frame[:count]
        return frame.nbytes

    def _check_open(self) -> None:
        if self._closed:
            raise failure(errno.ENOTSOCK)


def _type_of(option: int) -> _OptType:
    try:
        return SocketOption(option)._opt_type
    except ValueError:
        return _OptType.int


def _in_range(number: int, most: int) -> int:
    if not -most - 1 <= number <= most:
        raise OverflowError(f"{number} is out of range")
    return number


def _endpoint(addr: str | bytes) -> bytes:
    if isinstance(addr, str):
        return addr.encode()
    if isinstance(addr, bytes):
        return addr
    raise TypeError(f"an endpoint is a str, not {type(addr).__name__}: {addr!r}")
