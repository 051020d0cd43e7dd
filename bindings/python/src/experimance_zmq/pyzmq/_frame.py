# SPDX-License-Identifier: Apache-2.0
"""Frames: parts of messages that are not copied, and when libzmq is done with them."""

import errno
import functools
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Self, cast

from .. import _native
from .._lending import view
from .._message import Message
from ._errors import failure

if TYPE_CHECKING:

    class _Memory:
        def __buffer__(self, flags: int, /) -> memoryview: ...

else:
    _Memory = _native.function(b"frame_type", 0)(object.__basicsize__)

_show = _native.function(b"show_memory", 0)
_metadata = _native.function(b"message_metadata", 0)
_loans = _native.function(b"loans", 0)

COPY_THRESHOLD = 65536
"""As zmq.COPY_THRESHOLD: what is shorter is copied unless somebody says otherwise."""

_MORE, _SOURCE_DESCRIPTOR, _SHARED = 1, 2, 3
_LOOKS_AGAIN_AFTER = 0.02
"""Seconds. What libzmq is done with comes back when somebody has Python's lock and asks."""


class Release(threading.Event):
    """Set when libzmq is done with some memory, and nobody else looks at it."""

    def is_set(self) -> bool:
        """Whether it is over."""
        _loans(0)
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until it is over, or for so many seconds."""
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = _LOOKS_AGAIN_AFTER if end is None else min(_LOOKS_AGAIN_AFTER, end - time.monotonic())
            if left <= 0:
                return False
            super().wait(left)
        return True


_assign = object.__setattr__
# `bytes` is a property in Frame.
_Bytes = bytes

# By their identities: what can be written to has no hash, and so a reference to it.
_watched: dict[int, "weakref.ref[memoryview]"] = {}


def _watch(memory: memoryview) -> Release:
    """An event for the end of everything that looks at some memory through this."""
    release = Release()

    def is_over(reference: "weakref.ref[memoryview]") -> None:
        _watched.pop(id(reference), None)
        release.set()

    reference = weakref.ref(memory, is_over)
    _watched[id(reference)] = reference
    return release


def finished_tracker() -> Any:
    """pyzmq's tracker of what is over."""
    from zmq.sugar.tracker import _FINISHED_TRACKER

    return _FINISHED_TRACKER


def tracked(memory: memoryview) -> Any:
    """A tracker for memory that is about to be lent."""
    from zmq.sugar.tracker import MessageTracker

    return MessageTracker(_watch(memory))


def contiguous(data: Any) -> memoryview:
    """The memory of what is to be sent, as it lies. A copy where its order is not C's, which nothing else can show."""
    if isinstance(data, str):
        raise TypeError("a message is bytes, not str: encode it, or use send_string")
    memory = view(data)
    if not memory.contiguous:
        raise BufferError("memory that is not in one piece can not be sent")
    return memory if memory.c_contiguous else memoryview(memory.tobytes(order="A"))


class Frame(_Memory):
    """A part of a message, to be sent or received: its memory, which is not copied, and what is known of its sender."""

    __slots__ = ("_buffer", "_bytes", "_data", "_memory", "_message", "more", "tracker")

    more: bool
    """Whether the message has parts behind this one."""
    tracker: Any
    """pyzmq's MessageTracker; None unless it is tracked."""

    def __init__(
        self,
        data: Any = None,
        track: bool = False,
        copy: bool | None = None,
        copy_threshold: int | None = None,
        **_others: Any,
    ) -> None:
        """A frame of some data.

        Args:
            data: an object with the buffer protocol; None is nothing.
            track: make a tracker for it.
            copy: whether to copy the data, or to show its own memory; None leaves that to its length.
            copy_threshold: what is shorter is copied then, in bytes.
        """
        self.more = False
        self.tracker = finished_tracker() if track else None
        self._message: Message | None = None
        self._buffer: weakref.ref[memoryview] | None = None
        self._bytes: _Bytes | None = None
        self._data = data
        memory = memoryview(b"" if data is None else contiguous(data))
        if copy is None:
            threshold = COPY_THRESHOLD if copy_threshold is None else copy_threshold
            copy = memory.nbytes < threshold
        if copy or data is None:
            # What can not change may stay where it is.
            memory = memoryview(data if type(data) is _Bytes else memory.tobytes(order="A"))
        # A view that nobody else has.
        self._memory = memoryview(_flat(memory))
        if track and not copy and data is not None:
            self.tracker = tracked(self._memory)
        _show(self, self._memory)

    @classmethod
    def _received(cls, message: Message | None, part: Any, track: bool, more: bool) -> Self:
        """One part of a message that has come."""
        frame = cls.__new__(cls)
        memory = memoryview(part)
        # pyzmq's own way to set an attribute takes longer than receiving.
        _assign(frame, "more", more)
        _assign(frame, "tracker", finished_tracker() if track else None)
        _assign(frame, "_message", message)
        _assign(frame, "_buffer", None)
        _assign(frame, "_bytes", part if type(part) is _Bytes else None)
        _assign(frame, "_data", None)
        _assign(frame, "_memory", memory)
        _show(frame, memory)
        return frame

    def fast_copy(self) -> Self:
        """Another frame that shows the same memory."""
        copy = type(self)()
        copy.tracker = self.tracker
        copy._message = self._message
        copy._buffer = self._buffer
        copy._bytes = self._bytes
        copy._data = self._data
        copy._memory = self._memory
        _show(copy, copy._memory)
        return copy

    def __copy__(self) -> Self:
        return self.fast_copy()

    def __len__(self) -> int:
        return self._memory.nbytes

    @property
    def buffer(self) -> memoryview:
        """Its memory."""
        buffer = None if self._buffer is None else self._buffer()
        if buffer is None:
            buffer = memoryview(self)
            self._buffer = weakref.ref(buffer)
        return buffer

    @property
    def bytes(self) -> _Bytes:
        """A copy of its memory, which is made once."""
        if self._bytes is None:
            self._bytes = self._memory.tobytes()
        return self._bytes

    def get(self, option: int | str | _Bytes) -> int | str:
        """What is known of it, by one of zmq's numbers or by a name.

        Args:
            option: `zmq.MORE`; or Peer-Address, Socket-Type, Identity, User-Id, and whatever else the peer has said in
                its handshake, or who has let it in.
        """
        if isinstance(option, int):
            return self._number(option)
        name = option.encode() if isinstance(option, str) else option
        if not isinstance(name, _Bytes):
            raise TypeError(f"expected str, not {type(option).__name__}: {option!r}")
        found = b"" if self._message is None else _metadata(self._message, name)
        if not found:
            raise failure(errno.EINVAL, f"nothing is known of {option!r} for this message")
        text: str = found.decode("utf-8", "replace")
        return text

    def _number(self, option: int) -> int:
        if option == _MORE:
            return int(self.more)
        if option == _SHARED:
            return int(self._message is not None)
        if option == _SOURCE_DESCRIPTOR:
            raise failure(errno.EINVAL, "the descriptor that a message came over is libzmq's own: use Peer-Address")
        raise failure(errno.EINVAL, f"a message has no option {option}")

    def set(self, option: int | str, value: Any) -> None:
        """Refused: libzmq has nothing that can be set, but for drafts.

        Args:
            option: the name of it.
            value: for it.
        """
        raise failure(errno.EINVAL, f"nothing can be set of a message, and {option!r} can not")


@functools.cache
def frame_class() -> type[Frame]:
    """What a program knows as zmq.Frame, which is derived from ours after this was imported."""
    import zmq

    found: Any = zmq.Frame
    return cast(type[Frame], found)


def _flat(memory: memoryview) -> memoryview:
    """The same memory as bytes."""
    if memory.format == "B" and memory.ndim == 1:
        return memory
    if memory.nbytes == 0:
        return memoryview(b"")
    return memory.cast("B") if memory.c_contiguous else memoryview(memory.tobytes(order="A"))
