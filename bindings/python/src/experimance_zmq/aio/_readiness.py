# SPDX-License-Identifier: Apache-2.0
"""Waits of tasks for a message."""

import asyncio
import contextlib
import ctypes
import os
from collections import deque
from collections.abc import Callable

from .. import _abi
from .._core import SocketCore
from .._deadline import Deadline


class Readiness:
    """The tasks that wait for messages of one socket, first come first, and the one reader they share.

    The descriptor is level-triggered: the loop calls as long as a message can be received. So a call takes a batch of
    messages and wakes as many tasks, and the reader goes when nobody waits any more and there is no room for another
    batch. Messages are never in a task's hand while it waits: a task that is cancelled loses none, and passes its
    wake-up on.
    """

    def __init__(self, core: SocketCore, fill: Callable[[], int], queue: deque[object]) -> None:
        self._core = core
        self._fill = fill
        self._queue = queue
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._descriptor = -1
        self._loop: asyncio.AbstractEventLoop | None = None

    async def wait(self, deadline: Deadline) -> bool:
        """Whether there may be a message now. False when the time is up. Raises what `cancel` was given."""
        loop = asyncio.get_running_loop()
        self._watch(loop)
        waiter: asyncio.Future[None] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(deadline.remaining_milliseconds() / 1000, self._time_is_up, waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._wake()
            raise
        finally:
            timer.cancel()
            with contextlib.suppress(ValueError):
                self._waiters.remove(waiter)
        return bool(self._queue) or deadline.remaining_milliseconds() > 0

    @staticmethod
    def _time_is_up(waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_result(None)

    def _wake(self) -> None:
        """Wakes as many tasks as there are messages."""
        count = len(self._queue)
        while count > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                count -= 1

    def _on_readable(self) -> None:
        if self._fill() != _abi.EXZ_OK:
            # Not what it was a moment ago, or an error that whoever receives will learn.
            self._wake_all()
            self.stop()
        elif self._waiters:
            self._wake()
        else:
            # Nobody wants more.
            self.stop()

    def _wake_all(self, error: Exception | None = None) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if waiter.done():
                continue
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    # The reader

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            return
        self.stop()
        if self._descriptor < 0:
            number = ctypes.c_int()
            self._core.check(_abi.exz_socket_fd(number, self._core.handle), "recv")
            # A copy outlives the socket, and is readable then: whoever waits learns that it is closed.
            self._descriptor = os.dup(number.value)
        loop.add_reader(self._descriptor, self._on_readable)
        self._loop = loop

    def stop(self) -> None:
        """Takes the reader out of its loop."""
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._descriptor)

    def cancel(self, error: Exception) -> None:
        """Ends every wait of this moment."""
        self._wake_all(error)

    def close(self) -> None:
        """Ends every wait, and gives the descriptor back. The socket is closed."""
        self._wake_all()
        self.stop()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1
