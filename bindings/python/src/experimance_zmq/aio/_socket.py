# SPDX-License-Identifier: Apache-2.0
"""What all sockets for asyncio have in common."""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Set
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Protocol, Self, TypeVar

from .. import _abi, _operations
from .._any_socket import AnySocket
from .._core import SocketCore
from .._deadline import Deadline
from .._log import raise_held_back
from .._prefetch import Prefetch
from .._run import Operation, run
from .._socket import BaseSocket as BlockingSocket
from ..errors import ZMQClosedError, ZMQTimeoutError
from ..observing import Event
from ._readiness import Readiness
from ._threads import in_thread

P = ParamSpec("P")
T = TypeVar("T")
MOST_IN_A_ROW = 500
"""Calls that need not wait, before other tasks have their turn."""

Received_co = TypeVar("Received_co", covariant=True)


class Receive(Protocol[Received_co]):
    """A coroutine function that waits for the next of something."""

    def __call__(self, *, timeout: float | None) -> Awaitable[Received_co]: ...


class BaseSocket(AnySocket):
    """What every socket can do: connect and bind, wait for peers, tell what happens, close.

    The same as `experimance_zmq.BaseSocket`, method by method, with coroutines for what may wait. A task that is
    cancelled while it waits ends at once: no message is lost, and no thread, reader or descriptor stays behind. One
    socket may be used by any number of tasks of one event loop at a time; another loop may take over later. A loop that
    is to wait for a message while tasks of another one wait, which runs, gets a `RuntimeError`.
    """

    _prefix = "aio."
    _readiness: Readiness | None = None
    # Who else is about to take a message that is here.
    _promised: Set[object] = frozenset()
    _in_a_row = 0

    @classmethod
    def _sharing(cls, socket: BlockingSocket) -> Self:
        """The face for tasks of a socket that blocks. They have all in common that the messages go through."""
        face = cls.__new__(cls)
        face.__dict__.update(socket.__dict__)
        return face

    # Links

    async def bind(self, endpoint: str, *, timeout: float | None = None) -> str:
        """Binds to an endpoint; the endpoint as it is. See `experimance_zmq.BaseSocket.bind`."""
        return await self._in_thread(timeout, _operations.bind, endpoint)

    async def connect(self, endpoint: str, *, timeout: float | None = None, background: bool = False) -> None:
        """Connects, and comes back when the handshake is done. See `experimance_zmq.BaseSocket.connect`."""
        if background:
            return run(_operations.connect(self._core, self._core.deadline(timeout), endpoint, True), Deadline(0))
        await self._in_thread(timeout, _operations.connect, endpoint, False)

    async def wait_peers(self, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until at least `count` peers have finished their handshake."""
        await self._in_thread(timeout, _operations.wait_peers, count)

    # Observing

    async def next_event(self, *, timeout: float | None = None) -> Event:
        """The oldest event that nobody has read, or the next one to come. See `experimance_zmq.BaseSocket`."""
        return await self._take_when_there(timeout, _operations.next_event, _abi.EXZ_POLL_EVENT, "next_event")

    @property
    def events(self) -> AsyncIterator[Event]:
        """The events, those that have happened and those to come; ends when the socket is closed."""
        return self._until_closed(self.next_event)

    # Ending

    async def close(self, *, linger: float | None = None) -> int:
        """Closes the socket. See `experimance_zmq.BaseSocket.close`."""
        linger_ms = self._core.linger(linger)
        what = self._core.description()
        try:
            # A task that is cancelled need not wait for the linger, which goes on.
            status = await in_thread(lambda: self._core.close_within(linger_ms))
        finally:
            if self.closed:
                self._release()
        self._core.check(status, "close")
        return self._drop_ahead(what)

    def _release(self) -> None:
        if self._readiness is not None:
            self._readiness.close()
            self._readiness = None
            self._promised = frozenset()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A child of a fork has nothing to close, and no loop to wait in.
        if not self._core.is_inherited():
            await self.close()

    # How it waits

    async def _let_others_run(self) -> None:
        """A loop of calls none of which has to wait would keep every other task from running."""
        self._in_a_row = 0
        await asyncio.sleep(0)

    async def _in_thread(
        self,
        timeout: float | None,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        deadline = self._core.deadline(timeout)
        waiting = operation(self._core, deadline, *arguments, **named)
        return await in_thread(lambda: run(waiting, deadline))

    async def _try_first(
        self,
        timeout: float | None,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Does an operation that need not wait most of the time."""
        deadline = self._core.deadline(timeout)
        try:
            return run(operation(self._core, deadline, *arguments, **named), Deadline(0))
        except ZMQTimeoutError:
            if deadline.milliseconds == 0:
                raise
        self._core.refused_tries += 1
        return await in_thread(lambda: run(operation(self._core, deadline, *arguments, **named), deadline.rest()))

    async def _take_when_there(
        self,
        timeout: float | None,
        take: Callable[[SocketCore, Deadline], Operation[T]],
        what: int,
        doing: str,
    ) -> T:
        """Takes something, or else waits for it on a thread."""
        deadline = self._core.deadline(timeout)
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        while True:
            try:
                return run(take(self._core, deadline), Deadline(0))
            except ZMQTimeoutError:
                if deadline.milliseconds == 0:
                    raise
            if deadline.remaining_milliseconds() == 0:
                raise self._core.time_is_up(doing, deadline)
            # Waiting takes nothing, so a task that is cancelled loses nothing.
            with contextlib.suppress(ZMQTimeoutError):
                await in_thread(lambda: run(_operations.await_any(self._core, deadline, what, doing), deadline.rest()))

    async def _receive(
        self,
        timeout: float | None,
        ahead: Prefetch[T],
        receive_one: Callable[[SocketCore, Deadline], Operation[T]],
    ) -> T:
        """Receives a message when there is none here."""
        deadline = self._core.deadline(timeout)
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        core, queue = self._core, ahead.queue
        others = self._message_to_come(ahead)
        in_line = others.is_waited_for and deadline.milliseconds > 0
        while True:
            status = _abi.EXZ_ERR_TIMEOUT if in_line else ahead.fill(core)
            in_line = False
            raise_held_back()
            if status == _abi.EXZ_OK:
                await others.take_turns()
            elif status == _abi.EXZ_ERR_STATE:
                return run(receive_one(core, deadline), Deadline(0))
            elif status != _abi.EXZ_ERR_TIMEOUT:
                raise core.failure(status, "recv", deadline)
            elif deadline.milliseconds == 0 or not await others.wait(deadline):
                raise core.time_is_up("recv", deadline)
            if queue:
                return queue.popleft()

    async def _receive_several(
        self,
        max_count: int,
        timeout: float | None,
        ahead: Prefetch[T],
        receive_one: Callable[[SocketCore, Deadline], Operation[T]],
    ) -> list[T]:
        _operations.check_count(max_count)
        others = self._message_to_come(ahead)
        if ahead.queue:
            # Others have their turn with every call.
            await others.take_turns()
        if not ahead.queue:
            first = await self._receive(timeout, ahead, receive_one)
            # Nothing is awaited from here on, so nothing can be lost.
            ahead.queue.appendleft(first)
        received = run(
            _operations.receive_several(self._core, self._core.deadline(timeout), ahead, receive_one, max_count),
            Deadline(0),
        )
        others.wake()
        return received

    def _message_to_come(self, ahead: Prefetch[Any]) -> Readiness:
        if self._readiness is None:
            # Not through this socket: a reader in a loop does not keep it from being collected.
            core = self._core
            self._readiness = Readiness(core, lambda: ahead.fill(core), ahead.queue)
            self._promised = self._readiness.promised
            core.waits_of_tasks = weakref.ref(self._readiness)
        return self._readiness

    async def _until_closed(self, receive: Receive[T]) -> AsyncIterator[T]:
        """What comes, in waits of the default time-out, until the socket is closed."""
        while True:
            try:
                item = await receive(timeout=self._core.iteration_timeout)
            except ZMQTimeoutError:
                continue
            except ZMQClosedError:
                return
            yield item
