# SPDX-License-Identifier: Apache-2.0
"""Work that is pulled, done so many at a time, and its results pushed."""

import asyncio
import contextlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Unpack

from .. import SocketType, aio
from ..context import ContextHandle
from ..errors import ZMQProtocolError, ZMQSocketError, ZMQTimeoutError
from ..socket_options import SocketOptions
from ._handling import HandlingService
from ._outcome import failure, outcome
from ._routing import DONE, FAILED, reason
from ._service import USUAL_STOP_TIMEOUT, Endpoints, OnError, at_least_one, check_callable, endless, several
from ._threads import HandlerThreads
from .codec import JSON, Codec


@dataclass(frozen=True, slots=True)
class _Work:
    parts: tuple[bytes, ...]

    @property
    def payload(self) -> bytes:
        return self.parts[-1]

    def answer(self, kind: bytes, payload: bytes) -> list[bytes]:
        """The message that tells what became of it; none for a failure that no controller waits to hear of."""
        number = self.parts[:-1]
        if number:
            return [*number, kind, payload]
        return [payload] if kind == DONE else []


class WorkerService(HandlingService[_Work, Any]):
    """Pulls work, runs the handler for up to `concurrency` items at a time, and pushes the results.

    A coroutine function runs in the event loop, a plain one in a thread. Work over the bound is not received: it waits
    in ZeroMQ's queues. A pusher hands work out in turn, to each worker that has room, and what has been handed out
    stays with its worker; so the queue here is as short as `concurrency` (`receive_hwm` changes it), though the
    kernel's buffers hold some more. A result waits for as long as nobody pulls it, and keeps its place in the bound.

    A handler that raises, be it `SystemExit`, is logged, counted, and told to `on_error`; the next item is taken. A
    `ControllerService` gets the reason, a plain puller gets no result for that item.

    `stop` returns items, as the handler gets them (the bytes of one that can not be read): those that were broken off,
    and those that had arrived and were not begun. A controller is told that they failed. What arrives while the socket
    closes is lost, as ZeroMQ has no way to refuse work: to lose nothing, stop the pushers first. A plain handler's
    thread can not be broken off; it goes on to its end, or to that of the program, which does not wait for it, and its
    result is dropped.
    """

    _quiet = 0.05

    def __init__(
        self,
        handler: Callable[[Any], Any],
        *,
        work_from: Endpoints,
        results_to: Endpoints = (),
        concurrency: int = 1,
        codec: Codec = JSON,
        on_error: OnError | None = None,
        stop_timeout: float = USUAL_STOP_TIMEOUT,
        context: ContextHandle | None = None,
        **options: Unpack[SocketOptions],
    ) -> None:
        """Makes a service. Opens nothing.

        Args:
            handler: a function or coroutine function of an item; what it returns is the result.
            work_from: what the puller connects to (`@` before an endpoint binds).
            results_to: what the pusher connects to (`@` before an endpoint binds); without one, results are dropped.
            concurrency: the most items in hand, 1 or more.
            codec: how items and results become bytes.
            on_error: told of each failure: the error, and the item (None if there is none).
            stop_timeout: seconds, for `stop` without a time-out and at the end of a `with` statement.
            context: a context of its own; None is the process-wide one.
            options: of both sockets.

        Raises:
            ZMQInvalidError: `concurrency`, a time or an option makes no sense; `work_from` is none.
            TypeError: an argument, which it names, is of a wrong type, or there is no such option.
        """
        super().__init__(
            concurrency=concurrency,
            codec=codec,
            on_error=on_error,
            stop_timeout=stop_timeout,
            context=context,
            options=options,
        )
        check_callable(handler, "handler")
        self._handler = handler
        self._work_from = at_least_one(work_from, "work_from")
        self._results_to = several(results_to, "results_to")
        self._threads = HandlerThreads(self._concurrency)
        self._pushing = asyncio.Lock()

    @property
    def puller(self) -> aio.Socket:
        """The socket that receives work, while the service runs: for its endpoint, `wait_peers`, events. Receiving is
        the service's.

        Raises:
            ZMQStateError: the service does not run.
        """
        return self._socket("work", aio.Socket)

    @property
    def pusher(self) -> aio.Socket:
        """The socket that sends results, while the service runs: for its endpoint, `wait_peers`, events.

        Raises:
            ZMQStateError: the service does not run, or has no `results_to`.
        """
        return self._socket("results", aio.Socket)

    # How it works

    async def _open(self, timeout: float | None) -> None:
        if self._results_to:
            pusher = aio.Socket(SocketType.PUSH, context=self._context, **self._options)
            await self._link("results", pusher, self._results_to, timeout, binds=False)
        puller = aio.Socket(
            SocketType.PULL,
            context=self._context,
            **SocketOptions(**{"receive_hwm": self._concurrency, **self._options}),
        )
        await self._link("work", puller, self._work_from, timeout, binds=False)

    async def _take(self, timeout: float | None) -> _Work:
        parts = await self.puller.recv_parts(timeout=endless(self.puller) if timeout is None else timeout)
        if len(parts) > 2:
            raise ZMQProtocolError(f"a message of {len(parts)} frames came, not work")
        return _Work(tuple(parts))

    async def _handle(self, item: _Work) -> None:
        subject: Any = item.payload
        try:
            subject = self._codec.loads(item.payload)
            result = await self._outcome(subject)
            if self._is_left_out():
                return
            if self._results_to:
                await self._push(item.answer(DONE, self._codec.dumps(result)))
        except Exception as error:
            await self._report(error, subject)
            if self._results_to and not self._is_left_out():
                await self._push(item.answer(FAILED, reason(error)))
        else:
            self._handled += 1

    async def _outcome(self, subject: Any) -> Any:
        if inspect.iscoroutinefunction(self._handler) or inspect.iscoroutinefunction(
            getattr(self._handler, "__call__", None)  # noqa: B004
        ):
            return await outcome(self._handler, subject)
        result, error = await self._threads.call(self._handler, subject)
        if error is not None:
            # Also a KeyboardInterrupt: Ctrl-C is never raised in this thread.
            raise failure(error)
        return await outcome(lambda: result)

    async def _push(self, answer: list[bytes]) -> None:
        """Sends a result, however long it takes until somebody pulls."""
        if not answer:
            return
        # One after the other: a send that waits has a thread.
        async with self._pushing:
            while True:
                try:
                    return await self.pusher.send_parts(answer, timeout=endless(self.pusher))
                except ZMQTimeoutError:
                    continue

    async def _hand_back(self, item: _Work) -> Any:
        answer = item.answer(FAILED, b"the worker stopped before it was done")
        if answer and self._results_to:
            # If that fails, the controller's time-out tells it.
            with contextlib.suppress(ZMQSocketError):
                await self.pusher.send_parts(answer, timeout=0)
        try:
            return self._codec.loads(item.payload)
        except Exception:
            return item.payload

    async def _close(self, linger: float) -> None:
        await super()._close(linger)
        self._threads.end()
