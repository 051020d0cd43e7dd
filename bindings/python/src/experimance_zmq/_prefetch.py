# SPDX-License-Identifier: Apache-2.0
"""Messages that were received ahead of being asked for: what makes one call of the library serve many receives."""

import ctypes
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import accumulate
from struct import Struct
from typing import Any, Generic, TypeVar

from . import _abi, _fast
from ._arguments import text, topic_text
from .observing import Statistics

T = TypeVar("T")

Unpack = Callable[[bytes, list[int]], list[T]]

_FIRST_CAPACITY = 64 << 10
_USUAL_CAPACITY = 256 << 10
_LARGEST_KEPT = 8 << 20


@cache
def _equal_parts(size: int, count: int) -> Struct:
    return Struct(f"{size}s" * count)


def messages(data: bytes, sizes: list[int]) -> list[bytes]:
    """Cuts what `exz_recv_many` wrote into messages."""
    first = sizes[0]
    count = len(sizes)
    if sizes.count(first) == count:
        if count == 1:
            return [data]
        if first and count & (count - 1) == 0:
            # Layouts are kept; powers of two keep their number small.
            return list(_equal_parts(first, count).unpack(data))
    start = 0
    cut = []
    for end in accumulate(sizes):
        cut.append(data[start:end])
        start = end
    return cut


_topics: dict[bytes, str] = {}
_TOPICS_KEPT = 4096


def topic_of(data: bytes) -> str:
    """The text of a topic; those seen lately are kept."""
    try:
        return _topics[data]
    except KeyError:
        if len(_topics) >= _TOPICS_KEPT:
            _topics.clear()
        return _topics.setdefault(data, topic_text(data))


def published(data: bytes, sizes: list[int]) -> list[tuple[str, bytes]]:
    """Cuts what `exz_recv_published` wrote into topics and payloads."""
    start = 0
    cut = []
    ends = accumulate(sizes)
    for middle, end in zip(ends, ends, strict=True):
        cut.append((topic_of(data[start:middle]), data[middle:end]))
        start = end
    return cut


def message_receiver(limit: int) -> "Prefetch[bytes]":
    """For messages of one part."""
    return Prefetch(limit, _fast.exz_recv_many, messages, 1, len)


def published_receiver(limit: int, *, is_one_frame: bool) -> "Prefetch[tuple[str, bytes]]":
    """For topics and payloads."""
    between = 1 if is_one_frame else 0

    def size_of(message: tuple[str, bytes]) -> int:
        topic, payload = message
        return len(text(topic, "topic")) + between + len(payload)

    return Prefetch(limit, _fast.exz_recv_published, published, 2, size_of)


class Prefetch(Generic[T]):
    """The messages of one socket that were received and not asked for yet, in their order.

    A batch is taken only when somebody asks for a message and there is none here, and without waiting: a thread that
    has to wait asks the library for one message alone. While a thread waits like that, others take no more than they
    need, so that what is here never keeps a waiting thread from its message.
    """

    def __init__(
        self, limit: int, receive: Any, unpack: Unpack[T], sizes_per_message: int, size_of: Callable[[T], int]
    ) -> None:
        self.queue: deque[T] = deque()
        self.limit = limit
        self._receive = receive
        self._unpack = unpack
        self._sizes_per_message = sizes_per_message
        self._size_of = size_of
        self._lock = threading.Lock()
        self._waiting = 0
        self._count = ctypes.c_size_t()
        self._sizes = (ctypes.c_size_t * (sizes_per_message * max(1, limit)))()
        self._make_room(_FIRST_CAPACITY)

    def _make_room(self, capacity: int) -> None:
        self._memory = (ctypes.c_char * capacity)()
        self._address = ctypes.addressof(self._memory)
        self._capacity = capacity

    def fill(self, socket: _abi.exz_socket, *, will_wait: bool = False) -> int:
        """Takes what is there, without waiting. The status.

        If that is a time-out and the caller will wait, `end_wait` has to be called afterwards.
        """
        with self._lock:
            if self.queue:
                return _abi.EXZ_OK
            most = 1 if self._waiting else max(1, self.limit)
            while True:
                status: int = self._receive(self._count, socket, self._memory, self._capacity, self._sizes, most, 0)
                if status == _abi.EXZ_OK:
                    break
                if status != _abi.EXZ_ERR_TOO_SMALL:
                    if will_wait and status == _abi.EXZ_ERR_TIMEOUT:
                        self._waiting += 1
                    return status
                needed = sum(self._sizes[: self._sizes_per_message])
                self._make_room(max(_USUAL_CAPACITY, needed + needed // 4))
            sizes = self._sizes[: self._count.value * self._sizes_per_message]
            self.queue.extend(self._unpack(ctypes.string_at(self._address, sum(sizes)), sizes))
            if self._capacity > _LARGEST_KEPT:
                self._make_room(_USUAL_CAPACITY)
            return status

    def without(self, statistics: Statistics) -> Statistics:
        """Counters that do not count what nobody has asked for yet."""
        unread = list(self.queue)
        return replace(
            statistics,
            messages_received=statistics.messages_received - len(unread),
            bytes_received=statistics.bytes_received - sum(map(self._size_of, unread)),
        )

    def drop(self) -> int:
        """Gives up what is here; how many messages that are."""
        dropped = len(self.queue)
        self.queue.clear()
        return dropped

    def end_wait(self) -> None:
        """A thread that waited is back."""
        with self._lock:
            self._waiting -= 1
