# SPDX-License-Identifier: Apache-2.0
"""Memory to receive into."""

import ctypes
from typing import Any

from . import _abi


class ReceiveBuffer:
    """A block of memory for one receive at a time, and what the library wrote into it."""

    __slots__ = ("_memory", "_size", "_view", "capacity")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._memory = (ctypes.c_char * capacity)()
        self._view = memoryview(self._memory).cast("B")
        self._size = ctypes.c_size_t()

    def receive(self, socket: _abi.exz_socket, timeout_ms: int) -> int:
        """The status; the message is in the buffer, or its size is known to be more than fits."""
        return _abi.exz_recv(self._size, socket, self._memory, self.capacity, timeout_ms)

    def request(self, function: Any, socket: _abi.exz_socket, data: bytes, timeout_ms: int, details: Any) -> int:
        """The status; the answer is in the buffer, or its size is known to be more than fits."""
        status: int = function(self._size, socket, data, len(data), self._memory, self.capacity, timeout_ms, details)
        return status

    @property
    def size(self) -> int:
        """Bytes of the message, also of one that did not fit."""
        return self._size.value

    def message(self) -> bytes:
        """A copy of the message."""
        return self._view[: self._size.value].tobytes()


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
