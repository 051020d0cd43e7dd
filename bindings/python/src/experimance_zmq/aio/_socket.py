# SPDX-License-Identifier: Apache-2.0
"""What all sockets for asyncio have in common."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Concatenate, ParamSpec, Protocol, Self, TypeVar

from .. import _abi, _operations
from .._any_socket import AnySocket
from .._core import SocketCore
from .._deadline import Deadline
from .._run import Operation, run
from .._socket import BaseSocket as BlockingSocket
from ..errors import ZMQClosedError, ZMQTimeoutError
from ..observing import Event
from ._threads import in_thread

P = ParamSpec("P")
T = TypeVar("T")
MOST_IN_A_ROW = 500
"""Calls that need not wait, before other tasks have their turn."""

NO_TIME = Deadline(0)
"""For calls that must not wait in the event loop."""

Wait = Callable[[Deadline], Awaitable[None]]
"""Waits until there may be something to take at once. Raises `ZMQTimeoutError`."""

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
            return run(_operations.connect(self._core, self._core.deadline(timeout), endpoint, True), NO_TIME)
        await self._in_thread(timeout, _operations.connect, endpoint, False)

    async def wait_peers(self, count: int = 1, *, timeout: float | None = None) -> None:
        """Waits until at least `count` peers have finished their handshake."""
        await self._in_thread(timeout, _operations.wait_peers, count)

    # Observing

    async def next_event(self, *, timeout: float | None = None) -> Event:
        """The oldest event that nobody has read, or the next one to come. See `experimance_zmq.BaseSocket`."""
        wait = self._wait_on_thread(_abi.EXZ_POLL_EVENT, "next_event")
        return await self._take(await self._begin(timeout), wait, _operations.next_event)

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

    async def _begin(self, timeout: float | None) -> Deadline:
        """The deadline of a call that begins now, and after many calls the turn of others."""
        deadline = self._core.deadline(timeout)
        self._in_a_row += 1
        if self._in_a_row > MOST_IN_A_ROW:
            await self._let_others_run()
        return deadline

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
        was_tried: bool,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Does an operation that need not wait most of the time, unless that was tried a moment ago."""
        deadline = self._core.deadline(timeout)
        if not was_tried or deadline.milliseconds == 0:
            try:
                return run(operation(self._core, deadline, *arguments, **named), NO_TIME)
            except ZMQTimeoutError:
                if deadline.milliseconds == 0:
                    raise
            self._core.refused_tries += 1
        return await in_thread(lambda: run(operation(self._core, deadline, *arguments, **named), deadline.rest()))

    async def _take(
        self,
        deadline: Deadline,
        wait: Wait,
        operation: Callable[Concatenate[SocketCore, Deadline, P], Operation[T]],
        *arguments: P.args,
        **named: P.kwargs,
    ) -> T:
        """Does an operation that takes something, as soon as it need not wait.

        Where it finds nothing the task waits, with nothing in its hand: one that is cancelled loses nothing.
        """
        while True:
            try:
                return run(operation(self._core, deadline, *arguments, **named), NO_TIME)
            except ZMQTimeoutError:
                if deadline.milliseconds == 0:
                    raise
            await wait(deadline)

    def _wait_on_thread(self, what: int, doing: str) -> Wait:
        """A wait for what the library has no descriptor for."""
        core = self._core

        async def wait(deadline: Deadline) -> None:
            if deadline.remaining_milliseconds() > 0:
                waiting = _operations.await_any(core, deadline, what, doing)
                with contextlib.suppress(ZMQTimeoutError):
                    return await in_thread(lambda: run(waiting, deadline.rest()))
            raise core.time_is_up(doing, deadline)

        return wait

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
