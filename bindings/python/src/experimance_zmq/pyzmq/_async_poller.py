# SPDX-License-Identifier: Apache-2.0
"""Waiting of tasks for several sockets and descriptors."""

import asyncio
import contextlib
import os
import select
from collections.abc import Callable
from typing import Any

import zmq

from ._poll import descriptor_of
from ._socket import Socket as Base
from ._tasks import Tasks
from ._watching import Watch

_Events = list[tuple[Any, int]]


class Poller(zmq.Poller):
    """Waits for several sockets and descriptors at once: what `zmq.asyncio.Poller` is."""

    def poll(self, timeout: float | None = -1) -> "PollFuture":  # type: ignore[override]
        """Waits until something is ready; a list of pairs of what is ready, and for what.

        Args:
            timeout: milliseconds; None or a negative number is for ever.
        """
        return self.begin(timeout, _as_they_are)

    def begin(self, timeout: float | None, answer: Callable[[_Events], Any]) -> "PollFuture":
        """The same, with an answer made of the list."""
        future = PollFuture()
        future.begin(self, timeout, answer)
        return future

    def look(self) -> _Events:
        """What is ready now."""
        return super().poll(0)


def _as_they_are(events: _Events) -> _Events:
    return events


class PollFuture(asyncio.Future[Any]):
    """The end of one wait. It takes nothing: what was ready is so until somebody receives it."""

    _poller: Poller
    _answer: Callable[[_Events], Any]
    _timer: asyncio.TimerHandle | None = None
    _others: "_Others | None" = None

    def begin(self, poller: Poller, timeout: float | None, answer: Callable[[_Events], Any]) -> None:
        """Begins to wait."""
        self._poller = poller
        self._answer = answer
        self._sockets = [(item._shared, mask) for item, mask in poller.sockets if isinstance(item, Base)]
        if timeout == 0:
            self._finish()
            return
        loop = self.get_loop()
        if timeout is not None and timeout > 0:
            self._timer = loop.call_later(timeout / 1000, self._finish)
        others = [(descriptor_of(item), mask) for item, mask in poller.sockets if not isinstance(item, Base)]
        if others:
            self._others = _Others(others, self.wake)
            self._others.watch.start(loop)
        self.add_done_callback(PollFuture._end)
        # Not at once: others have their turn with every poll.
        loop.call_soon(self._look)

    def _look(self) -> None:
        """Answers if something is ready, or waits."""
        if self.done():
            return
        if any(shared.is_closed for shared, _ in self._sockets):
            self.cancel()
            return
        try:
            if events := self._events():
                self.set_result(self._answer(events))
            else:
                self._wait()
        except Exception as error:
            self.set_exception(error)

    def _events(self) -> _Events:
        for shared, _ in self._sockets:
            if isinstance(tasks := shared.waits.get(Tasks), Tasks):
                tasks.receivers.catch_up()
        return self._poller.look()

    def _wait(self) -> None:
        for shared, mask in self._sockets:
            tasks = Tasks.of(shared)
            if mask & zmq.POLLIN and shared.receives:
                tasks.receivers.poll(self, self.get_loop())
            if mask & zmq.POLLOUT and shared.sends:
                tasks.senders.poll(self, self.get_loop())
        if any(shared.context.is_ended for shared, _ in self._sockets):
            # Meanwhile: who has ended the waits may not have seen this one.
            self.get_loop().call_soon(self._look)

    def wake(self) -> None:
        """Something may be ready."""
        if not self.done():
            self._look()

    def end(self, error: Exception | None) -> None:
        """Nothing will be, because of an error, or as if it had been cancelled."""
        if self.done() or self.get_loop().is_closed():
            return
        if error is None:
            self.cancel()
        else:
            self.set_exception(error)

    def _finish(self) -> None:
        if self.done():
            return
        try:
            self.set_result(self._answer(self._events()))
        except Exception as error:
            self.set_exception(error)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._others is not None:
            self._others.watch.close()
        for shared, _ in self._sockets:
            if isinstance(tasks := shared.waits.get(Tasks), Tasks):
                tasks.receivers.poll_no_more(self)
                tasks.senders.poll_no_more(self)


class _Others:
    """Descriptors that are no sockets of this package, behind one that a loop can watch.

    The loop may watch them already for somebody else.
    """

    def __init__(self, descriptors: list[tuple[int, int]], wake: Callable[[], None]) -> None:
        self._epoll = select.epoll()
        for number, mask in descriptors:
            self._register(number, mask)
        self._wake = wake
        self.watch = Watch(lambda: os.dup(self._epoll.fileno()), self._on_readable, lambda: None)

    def _on_readable(self) -> None:
        self._epoll.poll(0)
        self._wake()

    def _register(self, number: int, mask: int) -> None:
        # Edges: what is there and was not asked for is there every time.
        events = select.EPOLLET
        for wanted, waited_for in (
            (zmq.POLLIN, select.EPOLLIN),
            (zmq.POLLOUT, select.EPOLLOUT),
            (zmq.POLLERR, select.EPOLLERR),
            (zmq.POLLPRI, select.EPOLLPRI),
        ):
            if mask & wanted:
                events |= waited_for
        # A file is always ready, which the first look tells; and one may be there twice, as a number and as an object.
        with contextlib.suppress(PermissionError, FileExistsError):
            self._epoll.register(number, events)
