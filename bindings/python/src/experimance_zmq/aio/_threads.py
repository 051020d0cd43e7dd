# SPDX-License-Identifier: Apache-2.0
"""Runs calls that wait on threads of their own, so that the event loop does not, and ends the wait with the task.

Connecting, binding, requests and the like wait inside the library, which has no descriptor to tell of their end.
Receives do not come here: they wait for the socket's descriptor (`_readiness`).
"""

import asyncio
import contextlib
import ctypes
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from .. import _abi
from ..errors import class_of

T = TypeVar("T")

_IDLE_KEPT = 8
_idle: "list[_Worker]" = []


class _Job:
    """One call, its loop, and what becomes of it."""

    def __init__(self, function: Callable[[], Any]) -> None:
        self._functions = [function]
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[tuple[Any, BaseException | None]] = self.loop.create_future()

    def run(self) -> None:
        result: Any = None
        error: BaseException | None = None
        try:
            # Kept by nobody afterwards: a thread without work must not keep a socket from being collected.
            result = self._functions.pop()()
        except BaseException as raised:
            error = raised
        # A loop that is closed meanwhile has nobody left to tell.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._finish, result, error)
        # The error's traceback has this frame.
        del result, error

    def _finish(self, result: Any, error: BaseException | None) -> None:
        if not self.future.done():
            # As a value: a future can not hold every error; a StopIteration would end nothing, ever.
            self.future.set_result((result, error))


class _Worker:
    """A thread with a canceler, which does one job after the other."""

    def __init__(self) -> None:
        self._canceler = _abi.exz_canceler()
        status = _abi.exz_canceler_open(ctypes.byref(self._canceler))
        if status != _abi.EXZ_OK:
            raise class_of(status)()
        self._lock = threading.Lock()
        self._has_job = threading.Semaphore(0)
        self._job: _Job | None = None
        threading.Thread(target=self._work, name="experimance-zmq-wait", daemon=True).start()

    def do(self, job: _Job) -> None:
        with self._lock:
            self._job = job
            _abi.exz_canceler_reset(self._canceler)
        self._has_job.release()

    def cancel(self, job: _Job) -> None:
        """Ends the wait of a job, unless the thread is on to another one."""
        with self._lock:
            if self._job is job:
                _abi.exz_canceler_cancel(self._canceler)

    def _work(self) -> None:
        _abi.exz_canceler_attach(self._canceler)
        while True:
            self._has_job.acquire()
            job = self._job
            if job is None:
                break
            job.run()
            del job
            with self._lock:
                self._job = None
            if len(_idle) >= _IDLE_KEPT:
                break
            _idle.append(self)
        _abi.exz_canceler_attach(_abi.exz_canceler())
        _abi.exz_canceler_close(self._canceler)


# A child has none of the threads.
os.register_at_fork(after_in_child=_idle.clear)


async def in_thread(function: Callable[[], T]) -> T:
    """What the function returns or raises. Its waits end when the task is cancelled."""
    job = _Job(function)
    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
    worker.do(job)
    try:
        await asyncio.wait((job.future,))
    except asyncio.CancelledError:
        worker.cancel(job)
        # It is over in a moment. The call must not outlive the task, so further cancellations wait for that, too.
        while not job.future.done():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait((job.future,))
        # Whatever came of it, nobody is there to hear.
        raise
    result: T
    result, error = job.future.result()
    try:
        if error is not None:
            raise error
        return result
    finally:
        # The error's traceback has this frame.
        del job, error
