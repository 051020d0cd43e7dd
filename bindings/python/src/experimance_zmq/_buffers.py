# SPDX-License-Identifier: Apache-2.0
"""Memory to receive into."""

import ctypes
from typing import Any

from . import _fast

LARGE = 64 << 10
"""Messages from this size on are received straight into the object that is handed out."""

_new_bytes = ctypes.pythonapi.PyBytes_FromStringAndSize
_new_bytes.restype = ctypes.py_object
_new_bytes.argtypes = (ctypes.c_void_p, ctypes.c_ssize_t)


class ReceiveBuffer:
    """A block of memory for one receive at a time, and what the library wrote into it."""

    __slots__ = ("_capacity", "_memory", "_size", "_size_reference", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._capacity = ctypes.c_size_t(capacity)
        self._memory: Any = None
        self._size = ctypes.c_size_t()
        self._size_reference = ctypes.byref(self._size)

    def _make_memory(self) -> None:
        # Bytes that nobody else has yet may be written to: that is what this function of Python's is for.
        self._memory = _new_bytes(None, self.capacity) if self.capacity >= LARGE else (ctypes.c_char * self.capacity)()

    def receive(self, number: ctypes.c_uint64, timeout_ms: int) -> int:
        """The status; the message is in the buffer, or its size is known to be more than fits."""
        if self._memory is None:
            self._make_memory()
        status: int = _fast.recv(self._size_reference, number, self._memory, self._capacity, timeout_ms)
        return status

    @property
    def size(self) -> int:
        """Bytes of the message, also of one that did not fit."""
        return self._size.value

    def message(self) -> bytes:
        """The message. To be called once for each."""
        size = self._size.value
        if self.capacity < LARGE:
            return ctypes.string_at(self._memory, size)
        if size < self.capacity:
            part: bytes = self._memory[:size]
            return part
        # Not replaced before the next receive: by then this one may be free again, and still be in the cache.
        whole: bytes = self._memory
        self._memory = None
        return whole


class ReceiveBuffers:
    """The buffers of one socket: one, as long as one thread receives at a time.

    A buffer grows to the largest message that came, and a very large one is given back after use.
    """

    _FIRST_CAPACITY = 16 << 10
    _LARGEST_KEPT = 4 << 20

    def __init__(self) -> None:
        self._free: list[ReceiveBuffer] = []

    def take(self) -> ReceiveBuffer:
        """A buffer nobody else uses."""
        try:
            return self._free.pop()
        except IndexError:
            return ReceiveBuffer(self._FIRST_CAPACITY)

    def give_back(self, buffer: ReceiveBuffer) -> None:
        """Keeps a buffer for the next receive."""
        if buffer.capacity <= self._LARGEST_KEPT:
            self._free.append(buffer)
