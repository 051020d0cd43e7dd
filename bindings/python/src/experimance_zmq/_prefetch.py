# SPDX-License-Identifier: Apache-2.0
"""Messages that were received ahead of being asked for: what makes one call of the library serve many receives."""

import contextlib
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from . import _abi
from ._arguments import topic_bytes, topic_text
from ._core import SocketCore
from ._log import warn
from .observing import Statistics

MOST_AHEAD = 65_536
"""Nobody receives more at once."""

LARGE = 64 << 10
"""Messages from this size on are received one by one, into the object that is handed out."""

T = TypeVar("T")


def message_receiver(limit: int, *, is_off: bool) -> "Prefetch[bytes]":
    """For messages as they come."""

    def receive_large(core: SocketCore) -> Any:
        answer = core.receive(0)
        return core.receive_parts(0) if answer == _abi.EXZ_ERR_STATE else answer

    return Prefetch(limit, lambda core: core.receive_ahead, receive_large, len, is_off=is_off, is_published=False)


def published_receiver(limit: int, *, is_one_frame: bool, is_off: bool) -> "Prefetch[tuple[str, bytes]]":
    """For topics and payloads."""
    between = 1 if is_one_frame else 0

    def receive_large(core: SocketCore) -> Any:
        answer = core.receive_parts(0)
        is_published = isinstance(answer, list) and len(answer) == 2
        return (topic_text(answer[0]), answer[1]) if is_published else answer

    def size_of(message: tuple[str, bytes]) -> int:
        topic, payload = message
        return len(topic_bytes(topic)) + between + len(payload)

    return Prefetch(
        limit, lambda core: core.receive_published, receive_large, size_of, is_off=is_off, is_published=True
    )


class Prefetch(Generic[T]):
    """The messages of one socket that were received and not asked for yet, in their order.

    A batch is taken only when somebody asks for a message and there is none here, and without waiting: a thread that
    has to wait asks the library for one message alone. While a thread waits like that, others take no more than they
    need, so that what is here never keeps a waiting thread from its message.

    A batch has messages of one part only, or of several parts only, which go into different queues: so one of the two
    is empty, and whoever receives one or the other need not look at what it takes. The library puts a batch into its
    queue in one step: no signal handler and no other thread comes in between.

    It is off where the library has to know of each message whether it was received: where only the newest one counts,
    where a request and its answer take turns, where another loop watches the descriptor. Then each receive takes its
    own message, when it is about to hand it out.

    A signal handler may run between any two steps, raise, and receive from the socket, too: it finds what came before.
    """

    def __init__(
        self,
        limit: int,
        receive: Callable[[SocketCore], Callable[..., int]],
        receive_large: Callable[[SocketCore], Any],
        size_of: Callable[[T], int],
        *,
        is_off: bool,
        is_published: bool,
    ) -> None:
        self.queue: deque[T] = deque()
        self.several: deque[list[bytes]] = deque()
        """Messages of several parts. None come here unless somebody wants them."""
        self.wants_several = False
        self.is_off = is_off
        """Whether nothing is received ahead. What was before that is handed out."""
        self.is_published = is_published
        """Whether messages are topics and payloads."""
        self.limit = 1 if is_off else max(1, limit)
        self._receive = receive
        self._receive_large = receive_large
        self._size_of = size_of
        # A signal handler may come by while its own thread has it.
        self._lock = threading.RLock()
        self._is_sorting = False
        self._given_up = (0, 0)
        """How many messages were taken out of the queues for nobody, and their bytes."""
        self._waiters: set[object] = set()
        self._coming: list[Any] = []
        """What the library puts a batch together in. Empty afterwards, unless there was no memory: it goes on then."""
        self._last_was_large = False
        _all.add(self)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is here."""
        return not (self.queue or self.several or self._coming)

    @property
    def count(self) -> int:
        """How many messages are here to be taken."""
        return len(self.queue) + len(self.several)

    def fill(self, core: SocketCore, *, waiter: object = None) -> int:
        """Takes what is there, without waiting. The status; EXZ_ERR_STATE if whoever asks has to receive alone.

        If that is a time-out the waiter, if any, waits from now on, until `end_wait`.
        """
        if self.is_off and self.is_empty:
            return _abi.EXZ_ERR_STATE
        return self.take(core, waiter=waiter)

    def take(self, core: SocketCore, *, waiter: object = None) -> int:
        """The same for who hands it out at once, so that it is not ahead."""
        with self._lock:
            status = self._fill(core, waiter)
            if waiter is not None and status == _abi.EXZ_ERR_TIMEOUT:
                self._waiters.add(waiter)
            return status

    def _fill(self, core: SocketCore, waiter: object) -> int:
        if self.queue or self.several:
            return _abi.EXZ_OK
        if self._is_sorting:
            # A signal handler has interrupted its own thread: what was here before comes back when that goes on.
            return _abi.EXZ_ERR_TIMEOUT
        if self._last_was_large:
            # Who would wait for a message alone need not try to take one before that.
            return _abi.EXZ_ERR_TIMEOUT if waiter is not None else self._take_large(core)
        most = 1 if self._waiters else self.limit
        status = self._receive(core)(self._coming, self.several, self.queue, most, self.wants_several)
        return self._take_large(core) if status == _abi.EXZ_ERR_TOO_LARGE else status

    def _take_large(self, core: SocketCore) -> int:
        """Takes one message: where one is large, the next one is likely to be, too."""
        answer = self._receive_large(core)
        if isinstance(answer, int):
            return answer
        if isinstance(answer, list):
            self.note_parts(answer)
            self.several.append(answer)
        else:
            self.note(answer)
            self.queue.append(answer)
        return _abi.EXZ_OK

    def note(self, message: T) -> None:
        """A message was received alone."""
        self._last_was_large = self._size_of(message) >= LARGE

    def note_parts(self, parts: list[bytes]) -> None:
        """The same of one with all its parts."""
        self._last_was_large = sum(map(len, parts)) >= LARGE

    def without(self, statistics: Statistics) -> Statistics:
        """Counters that do not count what nobody has asked for."""
        sizes = self._sizes()
        messages, size = self._given_up
        return statistics.__replace__(
            messages_received=statistics.messages_received - len(sizes) - messages,
            bytes_received=statistics.bytes_received - sum(sizes) - size,
        )

    def _sizes(self) -> list[int]:
        coming = list(self._coming)
        several = list(self.several) + [each for each in coming if isinstance(each, list)]
        others = list(self.queue) + [each for each in coming if not isinstance(each, list)]
        return [sum(map(len, parts)) for parts in several] + list(map(self._size_of, others))

    def limit_to(self, most: int) -> None:
        """Takes no more than that ahead from now on; 0 does not limit."""
        if most:
            self.limit = max(1, min(self.limit, most))

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

    def give_up(self, is_unwanted: Callable[[Any], bool]) -> None:
        """Takes messages out that nobody is to receive any more; to be called while it stands still."""
        self._sort(self.queue, self._size_of, is_unwanted)
        self._sort(self.several, lambda parts: sum(map(len, parts)), is_unwanted)

    def _sort(self, queue: deque[Any], size_of: Callable[[Any], int], is_unwanted: Callable[[Any], bool]) -> None:
        was_sorting = self._is_sorting
        aside: deque[Any] = deque()
        wanted: deque[Any] = deque()
        try:
            self._is_sorting = True
            # In one step for other threads and for signal handlers, which find nothing here for a moment.
            with contextlib.suppress(IndexError):
                aside.extend(iter(queue.popleft, None))
            sizes = []
            for message in aside:
                if is_unwanted(message):
                    sizes.append(size_of(message))
                else:
                    wanted.append(message)
            messages, size = self._given_up
            self._given_up = messages + len(sizes), size + sum(sizes)
            aside = wanted
        finally:
            queue.extend(aside)
            self._is_sorting = was_sorting

    def drop(self, what: str) -> int:
        """Gives up what is here, and does not keep it secret; how many messages that are."""
        dropped = self.count + len(self._coming)
        self._clear()
        if dropped:
            messages = "1 message" if dropped == 1 else f"{dropped} messages"
            warn(f"{what} is closed with {messages} received ahead that nobody has asked for; dropped")
        return dropped

    def _clear(self) -> None:
        self.queue.clear()
        self.several.clear()
        self._coming.clear()

    def end_wait(self, waiter: object) -> None:
        """A thread that waited, or never came to it, is back."""
        self._waiters.discard(waiter)

    def end_in_child(self) -> None:
        """The messages are the parent's, and so are the threads: the one that has the lock never gives it back."""
        self._lock = threading.RLock()
        self._is_sorting = False
        self._waiters.clear()
        self._clear()


_all: "weakref.WeakSet[Prefetch[Any]]" = weakref.WeakSet()


def _end_in_child() -> None:
    for each in _all:
        each.end_in_child()


os.register_at_fork(after_in_child=_end_in_child)
