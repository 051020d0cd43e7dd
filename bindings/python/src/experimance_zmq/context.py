# SPDX-License-Identifier: Apache-2.0
"""Contexts."""

import ctypes
import os
import sys
import warnings
from collections.abc import Callable, Collection

from . import _abi, _native, _open_sockets
from ._arguments import INT32_MAX, UINT32_MAX, milliseconds, text, whole
from ._closing import Closing
from ._failures import last_failure
from ._log import raise_held_back, raise_soon, resume
from ._not_copied import NotCopied
from ._open_sockets import place
from .errors import ZMQInvalidError, class_of


class ContextHandle(NotCopied):
    """A context, however its closing is waited for."""

    # Before the name of its class.
    _prefix = ""
    _has_ended_waits = False

    def __init__(
        self,
        *,
        io_threads: int = 1,
        max_sockets: int | None = None,
        sched_policy: int | None = None,
        sched_priority: int = 0,
        cpus: Collection[int] = (),
        thread_name_prefix: str | None = None,
        stats_endpoint: str | None = None,
    ) -> None:
        """Opens a context.

        Args:
            io_threads: threads of libzmq that carry what goes over the network, 1 to 64; libzmq's manual counts one for
                each gigabyte a second.
            max_sockets: the most sockets that may be open at once; without one as many as libzmq can have, about
                21,000.
            sched_policy: how the context's threads get the processor, libzmq's included: `os.SCHED_FIFO` and so on,
                where the system permits it; without one as the thread that opens the context.
            sched_priority: the priority that goes with the policy: 1 to 99 with `os.SCHED_FIFO` and `os.SCHED_RR`.
            cpus: the processors that the context's threads may use, by their numbers; without any those of the thread
                that opens the context.
            thread_name_prefix: what the names of the context's threads begin with, 1 to 8 letters, digits, `_` and `.`;
                without one "exz", and libzmq's own names.
            stats_endpoint: where operators may look at the context's sockets while the program runs, with `exz top`:
                `"ipc://PATH"`, or `"ipc://*"` for a path in the runtime directory of the user, who alone can reach it,
                but for root. It goes with the context. Without one nowhere, unless the environment has `EXZ_STATS=1`,
                which is `"ipc://*"` for every context.

        Raises:
            ZMQInvalidError: an option makes no sense, or there is no such processor, policy or priority: says which.
            ZMQPermissionError: the system does not permit the scheduling, or the directory for statistics is another
                user's.
            ZMQAddressInUseError: somebody serves the `stats_endpoint`.
            ZMQLimitError: out of descriptors or threads.
            ZMQNoMemoryError: out of memory.
            ZMQVersionError: the system's libzmq is older than 4.3.
        """
        numbers = [whole(number, "a number in cpus", INT32_MAX) for number in cpus]
        options = _abi.exz_context_options(
            size=ctypes.sizeof(_abi.exz_context_options),
            io_threads=whole(io_threads, "io_threads", 64),
            max_sockets=0 if max_sockets is None else whole(max_sockets, "max_sockets", UINT32_MAX),
            sched_policy=_abi.EXZ_SCHED_INHERITED
            if sched_policy is None
            else whole(sched_policy, "sched_policy", INT32_MAX),
            sched_priority=whole(sched_priority, "sched_priority", INT32_MAX),
            cpus=(ctypes.c_int32 * len(numbers))(*numbers) if numbers else None,
            cpu_count=len(numbers),
            thread_name_prefix=None if thread_name_prefix is None else text(thread_name_prefix, "thread_name_prefix"),
            stats_endpoint=None if stats_endpoint is None else text(stats_endpoint, "stats_endpoint"),
        )
        if max_sockets == 0:
            raise ZMQInvalidError("max_sockets is 0, it must be 1 or more")
        self._process = os.getpid()
        self._handle = _abi.exz_context()
        status = _abi.exz_context_open_with(ctypes.byref(self._handle), ctypes.byref(options))
        if status != _abi.EXZ_OK:
            raise last_failure(status)
        self._abandon = _native.function(b"abandon_context", self._handle.id)
        self._opened_at = place()

    def __del__(self, _is_finalizing: Callable[[], bool] = sys.is_finalizing) -> None:
        abandon = getattr(self, "_abandon", None)
        if abandon is None or _is_finalizing():
            return
        try:
            # Its sockets have it, so they are forgotten, too, or closed. It ends when their lingers have passed.
            if abandon(None) == _abi.EXZ_OK:
                what = f"unclosed {self._prefix}{type(self).__name__}, opened at {self._opened_at}"
                warnings.warn(what, ResourceWarning, stacklevel=2, source=self)
        except BaseException as error:
            # A signal's, perhaps, which came before that. Once more is nothing.
            abandon(None)
            raise_soon(error)

    def end_waits(self) -> None:
        """Ends every wait on the context's sockets with `ZMQCanceledError`, in threads and in tasks, and from now on
        each that would begin, at once.

        Nothing is closed: what need not wait is done as before, links are looked after, and a close has its linger. So
        whoever has a socket learns that it is time to close it. The context's proxies end as well. It can not be
        undone; calling it again does nothing.

        Raises:
            ZMQClosedError: the context is closed.
        """
        status = _abi.exz_context_end_waits(self._handle)
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise class_of(status)()
        self._has_ended_waits = True
        _open_sockets.end_waits_of_tasks(self._handle.id)

    def _is_inherited(self) -> bool:
        """Whether it belongs to the process that this one was forked from."""
        return self._process != os.getpid()

    def _close(self, linger: float | None) -> None:
        linger_ms = None if linger is None else milliseconds(linger, "linger")
        status = _native.function(b"close_context", self._handle.id)(linger_ms)
        raise_held_back()
        if status != _abi.EXZ_OK:
            raise class_of(status)()


class Context(ContextHandle, Closing):
    """What sockets share: libzmq's I/O thread, the thread that looks after connections, the names of inproc endpoints.

    Sockets need none: without `context=` they use the process-wide one. A context of its own is for code that wants to
    close everything it opened in one call. It may be used from any thread.

    Close it, or use it in a `with` statement. Its sockets keep it; one that is forgotten together with all of them is
    closed when it is collected, with a `ResourceWarning`, and their lingers pass in the background.
    """

    def close(self, *, linger: float | None = None) -> None:
        """Closes every socket of the context and the context. Closing again does nothing.

        What a socket has received ahead (`prefetch`) is not lost with it: `recv` hands that out, and raises
        `ZMQClosedError` then; the socket's own `close` drops it, and says how many.

        Args:
            linger: seconds for which queued messages may still be sent; without one, 1.0. The call takes at most 0.1 s
                longer.
        """
        self._close(linger)


def shutdown(*, timeout: float | None = None) -> None:
    """Closes every context, the process-wide one included, and ends every thread of the library.

    For a program that forks a worker late, or embeds an interpreter that comes and goes. What is opened afterwards
    starts afresh; every socket that was open raises `ZMQClosedError` from now on.

    Args:
        timeout: the bound of all of it in seconds; without one, 1.0. What is queued may be sent until 0.1 s before.

    Raises:
        ZMQTimeoutError: everything is closed, but threads are left, such as one that waits for the system's name
            service and can not be stopped. They end by themselves; calling this again waits for them.
        ZMQStateError: on a thread of the library, where a handler of `logging` runs.
    """
    timeout_ms = _abi.EXZ_DEFAULT_TIMEOUT if timeout is None else milliseconds(timeout, "timeout")
    status = _abi.exz_shutdown(timeout_ms)
    if status in (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT):
        resume()
    raise_held_back()
    if status != _abi.EXZ_OK:
        raise class_of(status)()
