# SPDX-License-Identifier: Apache-2.0
"""Messages that were received ahead of being asked for: what makes one call of the library serve many receives."""

import contextlib
import ctypes
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from . import _abi, _fast
from ._arguments import topic_bytes
from ._core import SocketCore
from ._cutting import messages, published
from ._log import warn
from .observing import Statistics

MOST_AHEAD = 65_536
"""The library gives no more at once."""

LARGE = 64 << 10
"""Messages from this size on are received one by one, into the object that is handed out."""

T = TypeVar("T")

Unpack = Callable[[Any, memoryview], list[T]]

_FIRST_CAPACITY = 64 << 10
_USUAL_CAPACITY = 256 << 10
_LARGEST_KEPT = 8 << 20
_ONE = ctypes.c_size_t(1)


def message_receiver(limit: int, *, is_off: bool) -> "Prefetch[bytes]":
    """For messages of one part."""
    return Prefetch(limit, _fast.recv_many, messages, 1, len, is_off=is_off)


def published_receiver(limit: int, *, is_one_frame: bool, is_off: bool) -> "Prefetch[tuple[str, bytes]]":
    """For topics and payloads."""
    between = 1 if is_one_frame else 0

    def size_of(message: tuple[str, bytes]) -> int:
        topic, payload = message
        return len(topic_bytes(topic)) + between + len(payload)

    return Prefetch(limit, _fast.recv_published, published, 2, size_of, is_off=is_off)


class Prefetch(Generic[T]):
    """The messages of one socket that were received and not asked for yet, in their order.

    A batch is taken only when somebody asks for a message and there is none here, and without waiting: a thread that
    has to wait asks the library for one message alone. While a thread waits like that, others take no more than they
    need, so that what is here never keeps a waiting thread from its message.

    It is off where the library has to know of each message whether it was received: where only the newest one counts,
    where a request and its answer take turns, where another loop watches the descriptor. Then each receive takes its
    own message, when it is about to hand it out.

    A signal handler may run between any two steps, raise, and receive from the socket, too: it finds what came before.
    """

    def __init__(
        self,
        limit: int,
        receive: Any,
        unpack: Unpack[T],
        sizes_per_message: int,
        size_of: Callable[[T], int],
        *,
        is_off: bool,
    ) -> None:
        self.queue: deque[T] = deque()
        self.is_off = is_off
        """Whether nothing is received ahead. What was before that is handed out."""
        self.limit = 1 if is_off else max(1, limit)
        self._receive = receive
        self._unpack = unpack
        self._sizes_per_message = sizes_per_message
        self._size_of = size_of
        # A signal handler may come by while its own thread has it.
        self._lock = threading.RLock()
        self._is_filling = False
        self._given_up = (0, 0)
        """How many messages were taken out of the queue for nobody, and their bytes."""
        self._waiters: set[object] = set()
        self._count = ctypes.c_size_t()
        self._count_reference = ctypes.byref(self._count)
        self._most = ctypes.c_size_t(self.limit)
        self._sizes = (ctypes.c_size_t * (sizes_per_message * self.limit))()
        self._sizes_view = memoryview(self._sizes).cast("B")
        self._bytes_per_message = sizes_per_message * ctypes.sizeof(ctypes.c_size_t)
        self._batches: list[Iterator[T]] = []
        """The batch that came last, cut; once more for each signal handler that was quicker to cut it."""
        self._last_was_large = False
        self._make_room(_FIRST_CAPACITY)
        _all.add(self)

    def _make_room(self, capacity: int) -> None:
        self._memory = (ctypes.c_char * capacity)()
        self._capacity = ctypes.c_size_t(capacity)

    def fill(self, core: SocketCore, *, waiter: object = None) -> int:
        """Takes what is there, without waiting. The status; EXZ_ERR_STATE if whoever asks has to receive alone.

        If that is a time-out the waiter, if any, waits from now on, until `end_wait`.
        """
        if self.is_off and not self.queue:
            return _abi.EXZ_ERR_STATE
        return self.take(core, waiter=waiter)

    def take(self, core: SocketCore, *, waiter: object = None) -> int:
        """The same for who hands it out at once, so that it is not ahead."""
        with self._lock:
            status = self._fill_for_handler() if self._is_filling else self._fill(core, waiter)
            if waiter is not None and status == _abi.EXZ_ERR_TIMEOUT:
                self._waiters.add(waiter)
            return status

    def _fill(self, core: SocketCore, waiter: object) -> int:
        try:
            self._is_filling = True
            if self.queue:
                return _abi.EXZ_OK
            if not self._last_was_large:
                return self._take_batch(core)
            # Who would wait for a message alone need not try to take one before that.
            return _abi.EXZ_ERR_TIMEOUT if waiter is not None else self._take_large(core)
        finally:
            self._is_filling = False

    def _fill_for_handler(self) -> int:
        """Where a signal handler has interrupted its own thread while that takes a batch: what came is before all else,
        and the memory is in use. Without a batch the handler has to receive alone.
        """
        if self._count.value:
            self._queue_batch()
        return _abi.EXZ_OK if self.queue else _abi.EXZ_ERR_TIMEOUT

    def _take_batch(self, core: SocketCore) -> int:
        most = _ONE if self._waiters else self._most
        # In this order: a handler in between must not take the last batch for a new one.
        self._count.value = 0
        self._batches.clear()
        try:
            while True:
                status: int = self._receive(
                    self._count_reference, core.number, self._memory, self._capacity, self._sizes, most, 0
                )
                if status != _abi.EXZ_ERR_TOO_SMALL:
                    break
                needed = sum(self._sizes[: self._sizes_per_message])
                if needed >= LARGE and self._sizes_per_message == 1:
                    return self._take_large(core)
                self._make_room(max(_USUAL_CAPACITY, needed + needed // 4))
            if status == _abi.EXZ_OK:
                self._queue_batch()
        except BaseException:
            if self._count.value:
                self._queue_batch()
            raise
        if self._capacity.value > _LARGEST_KEPT:
            self._make_room(_USUAL_CAPACITY)
        return status

    def _queue_batch(self) -> None:
        """Can be broken off or overtaken by itself anywhere: whoever appends first is the one whom all use up."""
        if not self._batches:
            self._batches.append(iter(self._cut()))
        self.queue.extend(self._batches[0])

    def _cut(self) -> list[T]:
        return self._unpack(self._memory, self._sizes_view[: self._count.value * self._bytes_per_message])

    def _take_large(self, core: SocketCore) -> int:
        """Takes one message: where one is large, the next one is likely to be, too."""
        answer: Any = core.receive(0)
        if isinstance(answer, int):
            return answer
        self.note(answer)
        self.queue.append(answer)
        return _abi.EXZ_OK

    def note(self, message: Any) -> None:
        """A message was received alone."""
        self._last_was_large = self._sizes_per_message == 1 and len(message) >= LARGE

    def without(self, statistics: Statistics) -> Statistics:
        """Counters that do not count what nobody has asked for."""
        unread = list(self.queue)
        messages, size = self._given_up
        return statistics.__replace__(
            messages_received=statistics.messages_received - len(unread) - messages,
            bytes_received=statistics.bytes_received - sum(map(self._size_of, unread)) - size,
        )

    def limit_to(self, most: int) -> None:
        """Takes no more than that ahead from now on; 0 does not limit."""
        if most:
            self._most.value = self.limit = max(1, min(self.limit, most))

    def turn_off(self) -> None:
        """Takes nothing ahead from now on."""
        if not self.is_off:
            self.is_off = True
            self.limit_to(1)

    @contextlib.contextmanager
    def standing_still(self) -> Iterator[None]:
        """Nobody takes a batch meanwhile: what is here is what came before, and all of it."""
        with self._lock:
            yield

    def give_up(self, is_unwanted: Callable[[T], bool]) -> None:
        """Takes messages out that nobody is to receive any more; to be called while it stands still."""
        if self._is_filling and self._count.value:
            # A signal handler calls, and has interrupted its own thread here.
            self._queue_batch()
        was_filling = self._is_filling
        aside: deque[T] = deque()
        wanted: deque[T] = deque()
        try:
            self._is_filling = True
            # In one step for other threads and for signal handlers, which find nothing here for a moment.
            with contextlib.suppress(IndexError):
                aside.extend(iter(self.queue.popleft, None))
            sizes = []
            for message in aside:
                if is_unwanted(message):
                    sizes.append(self._size_of(message))
                else:
                    wanted.append(message)
            messages, size = self._given_up
            self._given_up = messages + len(sizes), size + sum(sizes)
            aside = wanted
        finally:
            self.queue.extend(aside)
            self._is_filling = was_filling

    def drop(self, what: str) -> int:
        """Gives up what is here, and does not keep it secret; how many messages that are."""
        dropped = len(self.queue)
        self.queue.clear()
        if dropped:
            messages = "1 message" if dropped == 1 else f"{dropped} messages"
            warn(f"{what} is closed with {messages} received ahead that nobody has asked for; dropped")
        return dropped

    def end_wait(self, waiter: object) -> None:
        """A thread that waited, or never came to it, is back."""
        self._waiters.discard(waiter)

    def end_in_child(self) -> None:
        """The messages are the parent's, and so are the threads: the one that has the lock never gives it back."""
        self._lock = threading.RLock()
        self._is_filling = False
        self._waiters.clear()
        self.queue.clear()
        # A handler that forked in the midst of a batch goes on with none.
        self._batches[:] = [iter(())]


_all: "weakref.WeakSet[Prefetch[Any]]" = weakref.WeakSet()


def _end_in_child() -> None:
    for each in _all:
        each.end_in_child()


os.register_at_fork(after_in_child=_end_in_child)
