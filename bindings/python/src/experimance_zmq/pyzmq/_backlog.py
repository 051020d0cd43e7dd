# SPDX-License-Identifier: Apache-2.0
"""What was sent on a socket that has connected and whose peer is not there yet: libzmq queues that, and some programs
count on it.

Here a send waits for the peer, unless the program has asked for the queue.
"""

import ctypes
import math
import os
import select
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from .. import _abi
from .._log import warn
from ._system import Thread, new_lock, poll

Message = tuple[bytes | memoryview, ...]

_WAIT_MS = 60_000


class Backlog:
    """Messages in the order in which they were sent, and the thread that hands them on while there are any.

    Its locks are the system's, as that thread is.
    """

    def __init__(
        self,
        socket: _abi.exz_socket,
        send: Callable[[Message, int], int],
        settled: Callable[[], None],
        has_room: Callable[[], None],
        is_ended: Callable[[], bool],
        name: str,
    ) -> None:
        self._socket = socket
        self._send = send
        self._settled = settled
        self._has_room = has_room
        self._is_ended = is_ended
        self._name = name
        self._messages: deque[Message] = deque()
        self._lock = new_lock()
        self._waiting: list[Any] = []
        self._thread: Thread | None = None
        """None too when it will not look for messages any more, and only ends."""
        self._ending: Thread | None = None
        """The thread that was begun last."""
        self._is_sending = False
        self.changes = 0
        """How often a message was handed on, or somebody was woken up. To be read before one looks whether to wait."""
        self._until: float | None = None
        self._canceler = _abi.exz_canceler()
        self._bell = -1

    def __bool__(self) -> bool:
        return bool(self._messages)

    def is_full(self, most: int) -> bool:
        """Whether there are so many; 0 is any number."""
        return 0 < most <= len(self._messages)

    def add(self, message: Message, most: int) -> bool:
        """Puts a message behind the others. False if there are too many.

        Args:
            message: its frames.
            most: how many there may be; 0 is any number.
        """
        with self._lock:
            if self.is_full(most):
                return False
            self._messages.append(message)
            if self._thread is None:
                self._begin()
        self._settled()
        return True

    def _begin(self) -> None:
        try:
            self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            _abi.exz_canceler_open(ctypes.byref(self._canceler))
            self._thread = self._ending = Thread(self._run)
        except BaseException:
            self._messages.pop()
            self._give_back()
            raise

    def _give_back(self) -> None:
        _abi.exz_canceler_close(self._canceler)
        if self._bell >= 0:
            os.close(self._bell)
        self._bell = -1

    def drop(self, why: str) -> None:
        """Forgets what has not been handed on, and says so."""
        with self._lock:
            count = len(self._messages)
            self._messages.clear()
            self._tell()
        self._tell_dropped(count, why)

    def _tell_dropped(self, count: int, why: str) -> None:
        if count:
            warn(f"{self._name} drops {count} messages that were sent before there was a peer: {why}")
            self._has_room()
        self._settled()

    def give_up(self) -> None:
        """Forgets what has not been handed on: another request takes its place, behind which none is sent."""
        while True:
            with self._lock:
                self._messages.clear()
                self._tell()
                changes = self.changes
                if not self._is_sending:
                    return
                _abi.exz_canceler_cancel(self._canceler)
                os.eventfd_write(self._bell, 1)
            self.wait_changed(changes, math.inf)

    def wait_changed(self, changes: int, seconds: float) -> None:
        """Waits until something was handed on, or somebody has called `wake`, since there were so many `changes`."""
        waiting = new_lock()
        with self._lock:
            if self.changes != changes:
                return
            waiting.acquire()
            self._waiting.append(waiting)
        if not waiting.acquire(timeout=min(seconds, _WAIT_MS / 1000)):
            with self._lock:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

    def wake(self) -> None:
        """Has those look up who wait."""
        with self._lock:
            self._tell()

    def _tell(self) -> None:
        self.changes += 1
        for waiting in self._waiting:
            waiting.release()
        self._waiting.clear()

    def close(self, linger_ms: int) -> bool:
        """The socket is closed for the program. Whether it stays open for so long, and is closed from here."""
        with self._lock:
            self._until = time.monotonic() + linger_ms / 1000
            self._tell()
            if self._thread is None:
                self._settled = self._has_room = _nothing
                return False
            _abi.exz_canceler_cancel(self._canceler)
            os.eventfd_write(self._bell, 1)
            return True

    def join(self, seconds: float) -> bool:
        """Waits until nothing is handed on any more; whether that has come."""
        thread = self._ending
        return thread is None or thread.join(max(0.0, seconds))

    def end_in_child(self) -> None:
        """After a fork: the thread is the parent's, which may have had the lock, and will send the messages."""
        self._lock = new_lock()
        self._thread = self._ending = None
        self._messages.clear()
        self._waiting.clear()

    # On its thread

    def _run(self) -> None:
        _abi.exz_canceler_attach(self._canceler)
        status = _abi.EXZ_OK
        while (message := self._next(status)) is not None:
            status = self._hand_on(message)
            with self._lock:
                self._is_sending = False
                if self._until is None:
                    # Somebody has given the message up, and nothing else.
                    _abi.exz_canceler_reset(self._canceler)
                if status == _abi.EXZ_OK and self._messages and self._messages[0] is message:
                    self._messages.popleft()
                self._tell()
            if status == _abi.EXZ_OK:
                self._has_room()
        _abi.exz_canceler_attach(_abi.exz_canceler())

    def _next(self, status: int) -> Message | None:
        """The next one to hand on; None, and the thread ends."""
        with self._lock:
            is_late = self._until is not None and time.monotonic() >= self._until
            goes_on = status in (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_CANCELED)
            if self._messages and goes_on and not is_late:
                self._is_sending = True
                return self._messages[0]
            # What is added from now on is another thread's.
            count = len(self._messages)
            self._messages.clear()
            self._tell()
            self._give_back()
            self._thread = None
            closes = self._until is not None
        self._tell_dropped(count, "the socket is closed" if closes else f"the library says {status}")
        if closes:
            self._settled = self._has_room = _nothing
            _abi.exz_socket_close_start(None, self._socket, self._left_ms())
        return None

    def _hand_on(self, message: Message) -> int:
        if self._until is None and not self._is_ended():
            return self._send(message, _WAIT_MS)
        # Nobody can wait in the library any more.
        status = self._send(message, 0)
        if status in (_abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_CANCELED):
            self._await_room()
        return status

    def _await_room(self) -> None:
        room = ctypes.c_int()
        waits = poll()
        waits.register(self._bell, select.POLLIN)
        if _abi.exz_socket_send_fd(room, self._socket) == _abi.EXZ_OK:
            waits.register(room.value, select.POLLIN)
        for descriptor, _ in waits.poll(self._left_ms()):
            if descriptor == self._bell:
                os.eventfd_read(self._bell)

    def _left_ms(self) -> int:
        if self._until is None:
            return _WAIT_MS
        return max(0, min(_WAIT_MS, int((self._until - time.monotonic()) * 1000) + 1))


def _nothing() -> None:
    """In the place of what a closed socket would be told, which is free to go."""
