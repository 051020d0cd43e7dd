# SPDX-License-Identifier: Apache-2.0
"""What all services have in common: their life, their sockets, their health."""

import asyncio
import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from ..aio import BaseSocket
from ..context import ContextHandle
from ..errors import ZMQClosedError, ZMQInvalidError, ZMQSocketError, ZMQStateError
from ..socket_options import SocketOptions, option_struct
from ._outcome import outcome
from ._time_left import TimeLeft
from .codec import Codec
from .health import Health, ServiceState

logger = logging.getLogger("experimance_zmq.services")

Endpoints = str | Iterable[str]
"""One endpoint or several. Each binds or connects as its role usually does; `@` before it binds, `>` connects."""

OnError = Callable[[Exception, Any], object]
"""A function or coroutine function that is told of each failure: the error, and what failed. The message that failed
stays in hand until a coroutine function is through."""

S = TypeVar("S", bound=BaseSocket)
Unfinished = TypeVar("Unfinished")

USUAL_STOP_TIMEOUT = 5.0

GRACE = 0.25
"""Seconds that a stop has beyond its time: for a handler to end that is cancelled, for taking what has arrived, for
sending what is queued."""


def several(strings: str | Iterable[str], name: str) -> tuple[str, ...]:
    """One string or several, as several. `name` is the argument's."""
    if isinstance(strings, str):
        return (strings,)
    try:
        result = tuple(strings)
    except TypeError:
        raise TypeError(f"{name} must be a str or several, not {type(strings).__name__}") from None
    for string in result:
        if not isinstance(string, str):
            raise TypeError(f"{name} must be a str or several, not one of {type(string).__name__}")
    return result


def at_least_one(endpoints: Endpoints, name: str) -> tuple[str, ...]:
    """As `several`, and none is too few."""
    result = several(endpoints, name)
    if not result:
        raise ZMQInvalidError(f"{name} has no endpoint")
    return result


def check_callable(function: object, name: str) -> None:
    """Refuses what can not be called."""
    if not callable(function):
        raise TypeError(f"{name} must be a function, not {type(function).__name__}")


class Service(ABC, Generic[Unfinished]):
    """A service: started once, stopped once, and nothing is open before and after.

    A service belongs to the event loop it was started in.
    """

    def __init__(
        self,
        *,
        codec: Codec,
        on_error: OnError | None,
        stop_timeout: float,
        context: ContextHandle | None,
        options: SocketOptions,
    ) -> None:
        TimeLeft(stop_timeout, "stop_timeout")
        if on_error is not None:
            check_callable(on_error, "on_error")
        if not isinstance(codec, Codec):
            raise TypeError(f"codec must be a Codec, not {type(codec).__name__}")
        if not isinstance(context, ContextHandle | None):
            raise TypeError(f"context must be a Context, not {type(context).__name__}")
        option_struct(options)
        self._codec = codec
        self._on_error = on_error
        self._stop_timeout = stop_timeout
        self._context = context
        self._options = options
        self._sockets: dict[str, BaseSocket] = {}
        self._receiving: asyncio.Task[None] | None = None
        self._closing = asyncio.Lock()
        self._ending: asyncio.Task[list[Unfinished]] | None = None
        self._time_to_end = TimeLeft(stop_timeout)
        self._wait_of_end: asyncio.Timeout | None = None
        self._state = ServiceState.NEW
        self._handled = 0
        self._failed = 0
        self._unclaimed = 0
        self._last_error: Exception | None = None

    # Life

    async def start(self, *, timeout: float | None = None) -> None:
        """Binds what binds, connects the rest in the background, and begins to work. Peers may start later.

        After a failure nothing is open, and it can be called again.

        Args:
            timeout: seconds for each bind; None is the sockets' default.

        Raises:
            ZMQStateError: it was started before.
            ZMQClosedError: it was stopped meanwhile; it can not be started again.
            ZMQSocketError: a bind failed, as that of a socket does; an endpoint makes no sense.
        """
        if self._state is not ServiceState.NEW:
            raise ZMQStateError(f"a service that is {self._state} can not be started; make a new one")
        self._state = ServiceState.STARTING
        try:
            await self._open(timeout)
        except BaseException as error:
            async with self._closing:
                # Otherwise a stop closes what is open.
                if self._state is ServiceState.STARTING:
                    await self._close(0)
                    # Unless a stop waits.
                    if self._state is ServiceState.STARTING:
                        self._state = ServiceState.NEW
                elif isinstance(error, ZMQClosedError):
                    raise self._stopped_meanwhile() from error
            raise
        self._receiving = asyncio.create_task(self._receive(), name=f"{type(self).__name__}.receive")
        self._receiving.add_done_callback(self._has_ended)
        self._state = ServiceState.RUNNING

    async def stop(self, *, timeout: float | None = None) -> list[Unfinished]:
        """Takes no more, lets what is in hand be finished, and closes everything.

        What is not finished in time is broken off and handed back. Takes at most a second longer than the time-out,
        whatever handlers and peers do. Stopping again waits for the same end and hands nothing back; with less time
        than is left it brings that forward, though not the sending of what is queued once that has begun. A stop that
        is cancelled is one without time.

        A handler may await it: it is not waited for and not broken off, its message is handed back, and its
        result is dropped.

        Args:
            timeout: seconds for what is in hand and for sending what is queued; None is the service's `stop_timeout`.

        Returns:
            What was received and not finished, oldest first.
        """
        left = TimeLeft(self._stop_timeout if timeout is None else timeout)
        if self._ending is None and self._state in (ServiceState.NEW, ServiceState.STOPPED):
            self._state = ServiceState.STOPPED
            return []
        self._leave_out(asyncio.current_task())
        if self._ending is not None:
            self._bring_forward(left)
            await asyncio.wait((self._ending,), timeout=left() + 1)
            return []
        self._state = ServiceState.STOPPING
        self._time_to_end = left
        # A task of its own: whoever waits for it may be a handler, which it may have to cancel.
        self._ending = asyncio.create_task(self._end(), name=f"{type(self).__name__}.stop")
        try:
            await asyncio.wait((self._ending,))
        except asyncio.CancelledError:
            self._bring_forward(TimeLeft(0))
            await asyncio.wait((self._ending,))
            raise
        return self._ending.result()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        unfinished = await self.stop()
        if unfinished:
            logger.warning("%s ended with %d unfinished messages", type(self).__name__, len(unfinished))

    @property
    def health(self) -> Health:
        """How it is doing, now."""
        return Health(
            state=self._state,
            peers={role: count for role, socket in self._sockets.items() if (count := _peers(socket)) is not None},
            handled=self._handled,
            failed=self._failed,
            in_hand=self._count_in_hand(),
            unclaimed=self._unclaimed,
            last_error=self._last_error,
        )

    # For those who implement one

    @abstractmethod
    async def _open(self, timeout: float | None) -> None:
        """Opens the sockets, with `_link`, and waits for nothing else."""

    @abstractmethod
    async def _receive(self) -> None:
        """Receives until it is cancelled. A time-out of a receive is no reason to end."""

    @abstractmethod
    async def _finish(self) -> list[Unfinished]:
        """Finishes what is in hand, waiting with `_wait`, or hands it back."""

    def _leave_out(self, caller: asyncio.Task[Any] | None) -> None:
        """Waits in `_finish` for everyone but a task that waits for the end itself."""

    @abstractmethod
    def _count_in_hand(self) -> int:
        """Messages being dealt with."""

    async def _link(
        self, role: str, socket: BaseSocket, endpoints: Iterable[str], timeout: float | None, *, binds: bool
    ) -> None:
        """Links a socket, which the service closes, to its endpoints. A stop meanwhile ends the start."""
        self._sockets[role] = socket
        for endpoint in endpoints:
            if endpoint.startswith("@") or (binds and not endpoint.startswith(">")):
                await socket.bind(endpoint.removeprefix("@"), timeout=timeout)
            else:
                await socket.connect(endpoint.removeprefix(">"), background=True)
            if self._state is not ServiceState.STARTING:
                raise self._stopped_meanwhile()

    def _stopped_meanwhile(self) -> ZMQClosedError:
        return ZMQClosedError(f"the {type(self).__name__} was stopped while it started")

    def _socket(self, role: str, kind: type[S]) -> S:
        socket = self._sockets.get(role)
        if not isinstance(socket, kind):
            raise ZMQStateError(f"a {type(self).__name__} that is {self._state} has no socket for {role}")
        return socket

    def _note(self, error: Exception) -> None:
        """Counts a failure."""
        self._failed += 1
        self._last_error = error

    async def _report(self, error: Exception, subject: Any) -> None:
        """Counts a failure that does not end the service, and tells of it."""
        self._note(error)
        logger.error("%s: %s", type(self).__name__, error, exc_info=error)
        if self._on_error is None:
            return
        try:
            told = self._on_error(error, subject)
        except KeyboardInterrupt:
            # Ctrl-C.
            raise
        except BaseException as raised:
            self._could_not_tell(raised)
            return
        if inspect.isawaitable(told):
            telling = asyncio.create_task(outcome(lambda: told))
            telling.add_done_callback(self._has_told)
            try:
                # Whoever is cancelled here goes on at once, even if the telling can not be cancelled.
                await asyncio.wait((telling,))
            finally:
                telling.cancel()

    def _has_told(self, telling: asyncio.Future[Any]) -> None:
        if not telling.cancelled() and (raised := telling.exception()):
            self._could_not_tell(raised)

    def _could_not_tell(self, raised: BaseException) -> None:
        logger.error("%s: on_error raised", type(self).__name__, exc_info=raised)

    # Ending

    def _has_ended(self, receiving: asyncio.Task[None]) -> None:
        if receiving.cancelled() or self._state is not ServiceState.RUNNING:
            return
        error = receiving.exception()
        self._state = ServiceState.FAILED
        self._last_error = error if isinstance(error, Exception) else ZMQClosedError("the service ended by itself")
        logger.error("%s can not receive any more: %s", type(self).__name__, self._last_error, exc_info=error)

    async def _end(self) -> list[Unfinished]:
        async with self._closing:
            try:
                return await self._finish()
            finally:
                await self._end_receiving()
                await self._close(max(self._time_to_end(), GRACE))
                self._state = ServiceState.STOPPED

    async def _wait(self, futures: Iterable[asyncio.Future[Any]]) -> None:
        """Waits for all of them, or until the time to end is up."""
        try:
            async with asyncio.timeout(self._time_to_end()) as self._wait_of_end:
                await asyncio.wait(list(futures))
        except TimeoutError:
            pass
        finally:
            self._wait_of_end = None

    def _bring_forward(self, left: TimeLeft) -> None:
        if left() >= self._time_to_end():
            return
        self._time_to_end = left
        if self._wait_of_end is not None and not self._wait_of_end.expired():
            self._wait_of_end.reschedule(asyncio.get_running_loop().time() + left())

    async def _end_receiving(self) -> None:
        if self._receiving is not None:
            self._receiving.cancel()
            await asyncio.wait((self._receiving,))

    async def _close(self, linger: float) -> None:
        sockets = list(self._sockets.values())
        self._sockets.clear()
        # All lingers pass at the same time.
        await asyncio.gather(*(socket.close(linger=linger) for socket in sockets))


def endless(socket: BaseSocket) -> float:
    """The time-out for waits in a loop without end, which would be none if the socket's default is not to wait."""
    return socket._core.iteration_timeout


def _peers(socket: BaseSocket) -> int | None:
    try:
        return socket.stats.peers
    except ZMQSocketError:
        # Closed under us.
        return None
