# SPDX-License-Identifier: Apache-2.0
"""Waits of tasks for a message."""

import asyncio
import contextlib
import ctypes
import os
import select
from collections import deque
from collections.abc import Callable
from typing import Any

from .. import _abi
from .._core import SocketCore
from .._deadline import Deadline
from .._log import raise_held_back
from .._prefetch import Prefetch

Waiter = asyncio.Future[Exception | None]


class Readiness:
    """The tasks that wait for messages of one socket, first come first, and the one reader they share.

    The descriptor is level-triggered: the loop calls as long as a message can be received. So a call takes a batch of
    messages and wakes as many tasks. No message is in a task's hand while it waits: a task that is cancelled loses
    none, and passes its wake-up on. Each message that is here is promised to a task that is awake, or no task waits.

    Where nothing is received ahead, a call wakes one task, which takes its message itself.

    The reader stays while messages come and are waited for, and goes with the last wait that ends without one.
    """

    def __init__(self, core: SocketCore, ahead: Prefetch[Any]) -> None:
        self._core = core
        self._ahead = ahead
        self._waiters: deque[Waiter] = deque()
        self.promised: set[object] = set()
        """Those who are awake and about to take a message."""
        self._descriptor = -1
        self._poll = select.poll()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._process = 0

    @property
    def is_waited_for(self) -> bool:
        """Whether tasks of this loop wait, whose turn comes before that of a new one."""
        return bool(self._waiters) and self._loop is asyncio.get_running_loop()

    async def come(self, deadline: Deadline) -> None:
        """For a task that begins to receive and finds none here: fetches what there is, or waits. As `wait`; why
        neither can be, whoever receives will learn.
        """
        if self.is_waited_for and deadline.milliseconds > 0:
            return await self.wait(deadline)
        if self._takes_none() and self._descriptor >= 0 and not self._poll.poll(0):
            return await self.wait(deadline)
        status = self._ahead.fill(self._core)
        raise_held_back()
        if status == _abi.EXZ_OK:
            await self.take_turns()
        elif status == _abi.EXZ_ERR_TIMEOUT:
            await self.wait(deadline)

    async def wait(self, deadline: Deadline) -> None:
        """Waits until there may be a message, which has to be taken at once. Raises `ZMQTimeoutError`, and what
        `cancel` makes.
        """
        if deadline.milliseconds == 0:
            raise self._core.time_is_up("recv", deadline)
        loop = asyncio.get_running_loop()
        self._watch(loop)
        waiter: Waiter = loop.create_future()
        self._waiters.append(waiter)
        # Whoever ends all waits from another thread finds it from here on, or is found.
        if self._core.has_ended_waits():
            _end(waiter, self._core.canceled())
        timer = loop.call_later(deadline.remaining_milliseconds() / 1000, _end, waiter, None)
        try:
            try:
                error = await waiter
            finally:
                timer.cancel()
                is_promised = self._forget(waiter)
        except asyncio.CancelledError:
            self.wake()
            self._stop_unless_wanted()
            raise
        if error is not None:
            self._stop_unless_wanted()
            raise error
        if self._ahead.count or is_promised:
            return
        self._stop_unless_wanted()
        if deadline.remaining_milliseconds() == 0:
            raise self._core.time_is_up("recv", deadline)

    async def take_turns(self) -> None:
        """Lets other tasks run, while a message is kept for this one, which has to take it at once."""
        promise = object()
        self.promised.add(promise)
        self.wake()
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.promised.discard(promise)
            self.wake()
            raise
        self.promised.discard(promise)

    def wake(self) -> None:
        """Wakes a task for each message that is promised to none."""
        while self._waiters and len(self.promised) < self._ahead.count:
            waiter = self._waiters.popleft()
            if _end(waiter, None):
                self.promised.add(waiter)

    def _forget(self, waiter: Waiter) -> bool:
        """Whether it was woken for a message."""
        if waiter in self.promised:
            self.promised.discard(waiter)
            return True
        with contextlib.suppress(ValueError):
            self._waiters.remove(waiter)
        return False

    def _takes_none(self) -> bool:
        return self._ahead.is_off and not self._ahead.count

    def _on_readable(self) -> None:
        takes_none = self._takes_none()
        if takes_none and not self._poll.poll(0):
            # The loop has looked before the last one who was woken took its message.
            return
        if not self._waiters:
            self._stop_unless_wanted()
        elif takes_none:
            if _end(waiter := self._waiters.popleft(), None):
                self.promised.add(waiter)
        elif self._ahead.fill(self._core) == _abi.EXZ_OK:
            self.wake()
        else:
            # Not what it was a moment ago, or an error that whoever receives will learn.
            self._wake_all()
            self.stop()

    def _wake_all(self, error: Callable[[], Exception] | None = None) -> None:
        while self._waiters:
            _end(self._waiters.popleft(), error and error())

    # The reader

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            return
        if (self._waiters or self.promised) and self._loop is not None and self._loop.is_running():
            raise RuntimeError(
                "another event loop that is running waits for a message of this socket, "
                "which belongs to one event loop at a time: open a socket for each"
            )
        if self._descriptor < 0:
            self._descriptor = self._copy_of_descriptor()
            self._poll.register(self._descriptor, select.POLLIN)
        self._leave_loop()
        loop.add_reader(self._descriptor, self._on_readable)
        self._loop = loop
        self._process = os.getpid()

    def _copy_of_descriptor(self) -> int:
        """One that outlives the socket, and is readable then: whoever waits learns that it is closed."""
        number = ctypes.c_int()
        self._core.check(_abi.exz_socket_fd(number, self._core.handle), "recv")
        try:
            copy = os.dup(number.value)
        except OSError as error:
            # Another thread may have closed the socket.
            self._core.check(_abi.exz_socket_fd(number, self._core.handle), "recv")
            raise self._core.failure(_abi.EXZ_ERR_LIMIT, "recv") from error
        if not self._core.is_open():
            # It may be a copy of anything that got the number since then.
            os.close(copy)
            self._core.check(_abi.exz_socket_fd(number, self._core.handle), "recv")
        return copy

    def _leave_loop(self) -> None:
        """Before another loop takes over: tasks of this one come back when it runs, if ever."""
        self._wake_all()
        self.promised.clear()
        self.stop()

    def _stop_unless_wanted(self) -> None:
        if not (self._waiters or self.promised):
            self.stop()

    def stop(self) -> None:
        """Takes the reader out of its loop."""
        loop, self._loop = self._loop, None
        # The loop of a parent process shares what it waits with: a child that leaves it would end the parent's wait.
        if loop is not None and not loop.is_closed() and self._process == os.getpid():
            loop.remove_reader(self._descriptor)

    def cancel(self, error: Callable[[], Exception]) -> None:
        """Ends every wait of this moment with an error of its own."""
        self._in_loop(lambda: self._wake_all(error))

    def close(self) -> None:
        """Ends every wait, and gives the descriptor back. The socket is closed."""
        self._in_loop(self._end)

    def _end(self) -> None:
        self._wake_all()
        self.stop()
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def __del__(self, _close: Callable[[int], None] = os.close) -> None:
        # Closed by a thread while another one began to wait.
        if self._descriptor >= 0:
            _close(self._descriptor)

    def _in_loop(self, function: Callable[[], None]) -> None:
        """Now, unless the tasks wait in a loop that runs on another thread: soon, there."""
        if self._loop is not None and self._loop.is_running() and self._loop is not _running_loop():
            # A loop that is closed meanwhile has no reader any more.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(function)
                return
        function()


def _end(waiter: Waiter, error: Exception | None) -> bool:
    """Ends a wait; False if it has ended, or its loop has."""
    if waiter.done() or waiter.get_loop().is_closed():
        return False
    waiter.set_result(error)
    return True


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
