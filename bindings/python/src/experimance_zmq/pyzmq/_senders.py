# SPDX-License-Identifier: Apache-2.0
"""The sends of tasks that wait for room."""

import asyncio
import errno
import os
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from zmq.constants import SocketOption
from zmq.error import Again

from .. import _abi
from ._edges import EdgeDescriptor
from ._errors import failure
from ._polls import Poll, Polls
from ._room import AGAIN_AFTER, DIFFERS_BY_PEER
from ._sent import Sent
from ._watching import Watch

if TYPE_CHECKING:
    from ._shared_socket import SharedSocket

TURN_AFTER = 500
"""Sends that find room, before other tasks have their turn."""

Attempt = Callable[[], Any]
"""Sends without waiting, or raises `Again`."""


class Senders:
    """Sends in the order in which that was asked for, as soon as there is room.

    What waits has not been sent: one that is cancelled never is.
    """

    def __init__(self, shared: "SharedSocket") -> None:
        self.shared = shared
        self.sent = Sent()
        self.in_a_row = 0
        self.waiting: deque[tuple[asyncio.Future[Any], Attempt]] = deque()
        self._polls = Polls()
        self._timer: asyncio.TimerHandle | None = None
        self._edges: EdgeDescriptor | None = None
        self.watch = Watch(self._descriptor, self._on_room, self.end)

    def is_free(self) -> bool:
        """Whether a send may be tried at once: nobody waits, and others have had their turn."""
        self.in_a_row += 1
        return not self.waiting and self.in_a_row <= TURN_AFTER

    def wait(self, attempt: Attempt) -> "asyncio.Future[Any]":
        """Sends when it is this one's turn and there is room."""
        future: asyncio.Future[Any] = asyncio.Future()
        loop = future.get_loop()
        waits_for_turn = not self.waiting and self.in_a_row > TURN_AFTER
        self.in_a_row = 0
        if waits_for_turn:
            self.watch.claim(loop)
            loop.call_soon(self.try_again)
        else:
            self._await_room(loop)
        self.waiting.append((future, attempt))
        timeout_ms = self.shared.timeout_ms(0, SocketOption.SNDTIMEO)
        if timeout_ms >= 0:
            timer = loop.call_later(timeout_ms / 1000, _expire, future)
            future.add_done_callback(lambda _: timer.cancel())
        if self.shared.context.is_ended:
            # Meanwhile: who has ended the waits may not have seen this one.
            loop.call_soon(self.try_again)
        return future

    # Polls

    def poll(self, poll: Poll, loop: asyncio.AbstractEventLoop) -> None:
        """Has a poll woken when there is room, once."""
        self.watch.start(loop)
        self._polls.add(poll)

    def poll_no_more(self, poll: Poll) -> None:
        """Has it woken no more."""
        self._polls.forget(poll)
        self._stop_unless_wanted()

    # Room

    def _await_room(self, loop: asyncio.AbstractEventLoop) -> None:
        if self.shared.kind not in DIFFERS_BY_PEER:
            self.watch.start(loop)
            return
        self.watch.claim(loop)
        if self._timer is None:
            self._timer = loop.call_later(AGAIN_AFTER, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        self.try_again()

    def _on_room(self) -> None:
        self._look()
        self.try_again()

    def try_again(self) -> None:
        """There may be room."""
        self._send_waiting()
        if self.shared.is_closed:
            return
        if self.waiting:
            self._await_room(self.waiting[0][0].get_loop())
        else:
            self._polls.wake()
            self._stop_unless_wanted()

    def room_changed(self) -> None:
        """There may be room of which no descriptor tells; from any thread."""
        if self.waiting or self._polls:
            self.watch.call(self.try_again)

    def _stop_unless_wanted(self) -> None:
        if not (self.waiting or self._polls):
            self._stop()

    def _stop(self) -> None:
        self.watch.stop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send_waiting(self) -> None:
        # What waits in a socket that another thread has closed is about to be cancelled.
        while self.waiting and not self.shared.is_closed:
            future, attempt = self.waiting[0]
            if not future.done():
                try:
                    future.set_result(attempt())
                except Again:
                    return
                except Exception as error:
                    future.set_exception(error)
            self.waiting.popleft()

    def _descriptor(self) -> int:
        # Edges: a ROUTER has room as long as one of its peers has, and perhaps none for what is to be sent.
        if self._edges is None:
            self._edges = EdgeDescriptor([self.shared.state_descriptor(_abi.exz_socket_send_fd)])
        return os.dup(self._edges.number)

    def _look(self) -> None:
        if self._edges is not None:
            self._edges.look()

    # The end

    def flush(self) -> None:
        """Before the end: what has only waited for its turn is sent."""
        if not self.watch.is_elsewhere():
            self._send_waiting()

    def end(self, error: Exception | None = None) -> None:
        """Ends every wait, with an error or as cancelled."""
        waiting, self.waiting = self.waiting, deque()
        for future, _ in waiting:
            if not (future.done() or future.get_loop().is_closed()):
                _end(future, error)
        self._polls.end(error)
        self._stop()

    def close(self) -> None:
        """Ends every wait, and gives the descriptors back."""
        self.end()
        self.watch.close()
        edges, self._edges = self._edges, None
        if edges is not None:
            edges.close()


def _expire(future: "asyncio.Future[Any]") -> None:
    if not future.done():
        future.set_exception(failure(errno.EAGAIN))


def _end(future: "asyncio.Future[Any]", error: Exception | None) -> None:
    if error is None:
        future.cancel()
    else:
        future.set_exception(error)
