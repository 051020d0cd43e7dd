# SPDX-License-Identifier: Apache-2.0
"""Threads for plain handlers, which nobody can break off."""

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any


class _Call:
    """A call of a handler, the context it is made in, and what becomes of it."""

    def __init__(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        self._function = function
        self._arguments = arguments
        self._context = contextvars.copy_context()
        self._loop = asyncio.get_running_loop()
        self.outcome: asyncio.Future[tuple[Any, BaseException | None]] = self._loop.create_future()

    def run(self) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            result = self._context.run(self._function, *self._arguments)
        except BaseException as raised:
            error = raised
        # A loop that is closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._finish, result, error)
        # The error's traceback has this frame.
        del result, error

    def _finish(self, result: Any, error: BaseException | None) -> None:
        if not self.outcome.done():
            # As a value: a future can not hold every error; a StopIteration would end nothing, ever.
            self.outcome.set_result((result, error))


class HandlerThreads:
    """At most so many threads, started as they are needed; each makes one call after the other.

    They are daemons: the interpreter waits for the threads of `concurrent.futures` when it ends, so that a handler that
    hangs would keep the program from ending.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._calls: SimpleQueue[_Call | None] = SimpleQueue()
        self._idle = threading.Semaphore(0)

    async def call(self, function: Callable[..., Any], *arguments: Any) -> tuple[Any, BaseException | None]:
        """What a function returns, and what it raises. A task that is cancelled does not wait for its end."""
        call = _Call(function, arguments)
        if not self._idle.acquire(blocking=False) and self._count < self._most:
            self._count += 1
            name = f"experimance-zmq-worker_{self._count}"
            threading.Thread(target=_make_calls, args=(self._calls, self._idle), name=name, daemon=True).start()
        self._calls.put(call)
        return await call.outcome

    def end(self) -> None:
        """Lets the threads end, each when its call does."""
        for _ in range(self._count):
            self._calls.put(None)
        self._count = 0

    def __del__(self) -> None:
        self.end()


def _make_calls(calls: "SimpleQueue[_Call | None]", idle: threading.Semaphore) -> None:
    """What a thread does. It knows nothing of the service, which may be collected meanwhile."""
    while call := calls.get():
        call.run()
        # Kept by nobody while the thread waits for the next one.
        del call
        idle.release()
