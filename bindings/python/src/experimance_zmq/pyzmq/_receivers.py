# SPDX-License-Identifier: Apache-2.0
"""The receives of tasks that wait for one socket's messages."""

import asyncio
import contextlib
import errno
import os
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from zmq.constants import Flag, SocketOption

from .. import _abi
from .._log import raise_held_back
from ._errors import failure
from ._polls import Poll, Polls
from ._receipt import Receipt
from ._stream import Piece, Stream
from ._watching import Watch, running_loop
from ._wishes import Wish

if TYPE_CHECKING:
    from ._shared_socket import SharedSocket

_DONTWAIT = int(Flag.DONTWAIT)

_LATER = (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_STATE)
"""Nothing can be received now. (A REQ or REP has to send first, which it may do while others wait.)"""

_TELLS_AGAIN_AFTER = 0.001
"""Seconds. A thread that was about to wait does so by then."""


class Receivers:
    """Gives each message to the receive that has waited longest, and keeps what nobody waits for."""

    def __init__(self, shared: "SharedSocket") -> None:
        self._shared = shared
        self.stream = Stream(shared)
        self._cut = self.stream.cut
        self.in_a_row = 0
        """Receives that did not have to wait, since other tasks had their turn."""
        self._waiting: deque[Receipt] = deque()
        self._polls = Polls()
        self.postponed: deque[Callable[[], object]] = deque()
        """What `catch_up` is to do."""
        self.watch = Watch(self._descriptor, self._on_readable, self.end)

    def receive(self, wish: Wish, flags: int) -> Receipt:
        """Begins to receive."""
        if self.postponed:
            self.catch_up()
        receipt = Receipt()
        is_next = not self._waiting or flags & _DONTWAIT
        piece = self._cut(wish.is_whole) if is_next else None
        receipt.receivers = self
        receipt.wish = wish
        receipt.piece = piece
        if piece is not None:
            receipt.set_result(None)
            return receipt
        if is_next:
            self._fetch_or_wait(receipt, flags)
        else:
            self._wait(receipt, flags)
        return receipt

    def _fetch_or_wait(self, receipt: Receipt, flags: int) -> None:
        status = self._fetch(receipt.wish.is_copied)
        piece = self._cut(receipt.wish.is_whole) if status == _abi.EXZ_OK else None
        may_wait = not flags & _DONTWAIT and status in _LATER
        if piece is not None:
            receipt.arrive(piece)
            # One may have begun to wait while these were taken.
            self._tell_threads()
        elif may_wait:
            self._wait(receipt, flags)
        else:
            # Another thread may have been quicker.
            receipt.end(self._shared.failure(status or _abi.EXZ_ERR_TIMEOUT))

    def _fetch(self, copy: bool) -> int:
        """Has messages here; the status."""
        self._shared.check()
        if not self._shared.may_receive:
            return _abi.EXZ_ERR_STATE
        status = self.stream.fetch(copy)
        raise_held_back()
        return status

    def _wait(self, receipt: Receipt, flags: int) -> None:
        timeout_ms = self._shared.timeout_ms(flags, SocketOption.RCVTIMEO)
        loop = receipt.get_loop()
        self.watch.start(loop)
        self._waiting.append(receipt)
        if self._shared.context.is_ended:
            # Meanwhile: who has ended the waits may not have seen this one.
            loop.call_soon(self._on_readable)
        if timeout_ms >= 0:
            receipt.limit(timeout_ms, self._expire)

    def _expire(self, receipt: Receipt) -> None:
        if not receipt.done():
            receipt.end(failure(errno.EAGAIN))
            self.forget(receipt)

    def forget(self, receipt: Receipt) -> None:
        """It waits no more."""
        if self._waiting and self._waiting[-1] is receipt:
            self._waiting.pop()
        elif receipt in self._waiting:
            self._waiting.remove(receipt)
        self._stop_unless_wanted()

    def take_back(self, piece: Piece) -> None:
        """Nobody wants it any more who had it: it is the next one's."""
        self.stream.put_back(piece)
        if self._waiting:
            self._receive_waited_for()
        elif self._shared.has_come:
            self._polls.wake()
            self._tell_threads()

    # What a collection gives up

    def later(self, loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
        """Does something soon for a receipt whose end may come on any thread and amid anything, also of this class.

        Args:
            loop: the receipt's.
            function: what is done on the loop's thread, or before the next receive.
        """
        self.postponed.append(function)
        for each in loop, self.watch.loop:
            if each is not None and each.is_running():
                # It may end meanwhile.
                with contextlib.suppress(RuntimeError):
                    each.call_soon_threadsafe(self.catch_up)
                    return
        if running_loop() is None:
            # Nothing is under way.
            self.catch_up()

    def catch_up(self) -> None:
        """Does what was put off."""
        while self.postponed:
            self.postponed.popleft()()

    # Polls

    def poll(self, poll: Poll, loop: asyncio.AbstractEventLoop) -> None:
        """Has a poll woken when something can be received, once."""
        self.watch.start(loop)
        self._polls.add(poll)

    def poll_no_more(self, poll: Poll) -> None:
        """Has it woken no more."""
        self._polls.forget(poll)
        self._stop_unless_wanted()

    # What comes

    def _on_readable(self) -> None:
        if self._waiting:
            self._receive_waited_for()
            self.catch_up()
        elif self._polls:
            self._polls.wake()
        else:
            self.watch.stop()

    def _receive_waited_for(self) -> None:
        try:
            status = self._fetch(self._waiting[0].wish.is_copied)
        except Exception as error:
            self.end(error)
            return
        if status == _abi.EXZ_OK:
            self._serve()
        elif status not in _LATER:
            self.end(self._shared.failure(status))

    def _serve(self) -> None:
        while self._waiting and self.stream:
            receipt = self._waiting.popleft()
            piece = self._cut(receipt.wish.is_whole)
            if piece is None:
                self._waiting.appendleft(receipt)
                return
            receipt.arrive(piece)
        if self.stream:
            self._polls.wake()
            self._tell_threads()

    def _stop_unless_wanted(self) -> None:
        if not (self._waiting or self._polls):
            self.watch.stop()

    def _tell_threads(self) -> None:
        """Nothing that is here is for a task: threads that wait in the library can not see it."""
        if self._shared.tell_threads() and (loop := running_loop()) is not None:
            loop.call_later(_TELLS_AGAIN_AFTER, self._tell_threads)

    # The end

    def end(self, error: Exception | None = None) -> None:
        """Ends every wait, with an error or as cancelled."""
        waiting, self._waiting = self._waiting, deque()
        for receipt in waiting:
            if not receipt.get_loop().is_closed():
                receipt.end(error)
        self._polls.end(error)
        self.watch.stop()

    def close(self) -> None:
        """Ends every wait, and gives the descriptor back."""
        self.end()
        self.watch.close()

    def _descriptor(self) -> int:
        # It outlives the socket, and is readable then.
        return os.dup(self._shared.state_descriptor(_abi.exz_socket_fd))
