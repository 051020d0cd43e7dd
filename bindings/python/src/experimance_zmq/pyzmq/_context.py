# SPDX-License-Identifier: Apache-2.0
"""Contexts: what sockets share, and how all of them end."""

import atexit
import ctypes
import errno
import itertools
import os
import select
import threading
import time
import weakref
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from .. import _abi, _native
from .._arguments import INT32_MAX
from .._failures import last_failure
from .._log import raise_held_back
from ._context_options import ContextSettings
from ._errors import ETERM, failure, failure_of
from ._system import poll

if TYPE_CHECKING:
    from ._backlog import Backlog
    from ._shared_socket import SharedSocket

_numbers = itertools.count(1)
_known: "weakref.WeakValueDictionary[int, SharedContext]" = weakref.WeakValueDictionary()
_LONGEST_WAIT = 3600.0
"""Seconds. A wait for the ends of sockets is repeated, and looks up now and then."""


_FEW = 16
"""So many closed sockets are remembered before it is looked up which of them have ended."""


class SharedContext:
    """A context of the library's, and the sockets in it: what all faces of one context have in common."""

    def __init__(self, io_threads: int) -> None:
        self.number = next(_numbers)
        """By which other faces find it."""
        self.settings = ContextSettings(io_threads)
        self.is_ended = False
        """Whether every wait ends, and nothing is done any more but closing."""
        self.is_left = False
        """Whether the program ends."""
        self.zap_handlers = 0
        """Sockets of the program that answer who may come in."""
        self._process = os.getpid()
        self._handle: _abi.exz_context | None = None
        self._is_closed = False
        self._end_bell: int | None = None
        self._sockets: set[SharedSocket] = set()
        self._lingering: list[tuple[int, float, Backlog | None]] = []
        self._most_lingering = _FEW
        self._changed = threading.Condition()
        _known[self.number] = self

    @staticmethod
    def find(number: int) -> "SharedContext":
        """The context that has this number."""
        try:
            return _known[number]
        except KeyError:
            raise failure(errno.EFAULT, f"there is no context {number:#x} of experimance_zmq in this process") from None

    @property
    def is_inherited(self) -> bool:
        """Whether it belongs to the process that this one was forked from."""
        return self._process != os.getpid()

    def handle(self) -> _abi.exz_context:
        """The library's context, which is opened when it is needed first."""
        self.check()
        with self._changed:
            if self._handle is None:
                options = self.settings.as_struct()
                handle = _abi.exz_context()
                status = _abi.exz_context_open_with(ctypes.byref(handle), ctypes.byref(options))
                if status != _abi.EXZ_OK:
                    raise failure_of(status, str(last_failure(status)))
                self._handle = handle
            return self._handle

    def check(self) -> None:
        """Raises if nothing can be done in it any more."""
        if self.is_inherited:
            raise failure(errno.ENOTSOCK, "the context belongs to the parent process: make a new one after a fork")
        if self._is_closed:
            raise failure(errno.EFAULT, "the context is terminated")
        if self.is_ended:
            raise failure(ETERM)

    # Its sockets

    def opened(self, socket: "SharedSocket") -> None:
        """Notes a socket."""
        with self._changed:
            self._sockets.add(socket)

    def closed(self, socket: "SharedSocket", handle_id: int, linger_ms: int, backlog: "Backlog | None") -> None:
        """Notes that a socket is being closed, whose linger passes now.

        Args:
            socket: it is not open any more.
            handle_id: the library's number.
            linger_ms: how long its messages are sent.
            backlog: what closes it when its messages are handed on, if any wait.
        """
        with self._changed:
            self._sockets.discard(socket)
            if len(self._lingering) >= self._most_lingering:
                self._lingering = [entry for entry in self._lingering if _lingers(*entry)]
                self._most_lingering = max(_FEW, 2 * len(self._lingering))
            self._lingering.append((handle_id, time.monotonic() + linger_ms / 1000, backlog))
            self._changed.notify_all()

    def wait_ended(self, seconds: float) -> bool:
        """Waits until it ends, or for so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self.is_ended, seconds)

    # The end

    def end_waits(self) -> None:
        """Ends every wait in it, now and later."""
        with self._changed:
            self.is_ended = True
            handle, sockets = self._handle, list(self._sockets)
            self._changed.notify_all()
            if self._end_bell is not None:
                os.eventfd_write(self._end_bell, 1)
        if handle is not None:
            _abi.exz_context_end_waits(handle)
        with ExitStack() as each:
            # All of them hear of it, whatever one of them raises.
            for socket in sockets:
                each.callback(socket.backlog.wake)
                each.callback(socket.context_ended)

    def end_bell(self) -> int:
        """A descriptor that becomes readable when the context ends."""
        with self._changed:
            if self._end_bell is None:
                self._end_bell = os.eventfd(int(self.is_ended), os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            return self._end_bell

    def terminate(self) -> None:
        """Ends every wait, and comes back when all sockets are closed and their lingers over."""
        if self.is_inherited or self._is_closed:
            return
        self.end_waits()
        with self._changed:
            while self._sockets:
                self._changed.wait(_LONGEST_WAIT)
        self._await_lingers()
        handle, self._handle = self._handle, None
        bell, self._end_bell = self._end_bell, None
        self._is_closed = True
        if bell is not None:
            os.close(bell)
        if handle is not None:
            _native.function(b"close_context", handle.id)(0)
            raise_held_back()

    def _await_lingers(self) -> None:
        with self._changed:
            lingering, self._lingering = self._lingering, []
        for number, end, backlog in lingering:
            if backlog is not None:
                backlog.join(end - time.monotonic())
            left = end - time.monotonic()
            if left > 0:
                _native.function(b"await_end", number)(int(left * 1000) + 1)
                raise_held_back()

    def leave(self) -> None:
        """The program ends: what is queued is still sent, while the lingers pass."""
        if self.is_inherited or self._is_closed:
            return
        self.is_left = True
        for socket in list(self._sockets):
            socket.close(None)
        self._await_lingers()

    def stay_away(self) -> None:
        """For a thread that meets the end of the program in a call: like any other daemon it does no more."""
        if self.is_left and threading.current_thread() is not threading.main_thread():
            threading.Event().wait()


def _lingers(number: int, end: float, backlog: "Backlog | None") -> bool:
    """Whether a closed socket still sends."""
    if time.monotonic() >= end:
        return False
    if backlog is not None and not backlog.join(0):
        return True
    # Its close goes on as it was begun.
    over = ctypes.c_int()
    left_ms = max(0, int((end - time.monotonic()) * 1000))
    if _abi.exz_socket_close_start(ctypes.byref(over), _abi.exz_socket(id=number), left_ms) != _abi.EXZ_OK:
        return True
    try:
        looks = poll()
        looks.register(over.value, select.POLLIN)
        return not looks.poll(0)
    finally:
        os.close(over.value)


def _leave_all() -> None:
    for context in list(_known.values()):
        context.leave()


atexit.register(_leave_all)


class Context:
    """A face of a context, for pyzmq's own class."""

    closed: bool = True
    handle: int = 0
    _pid: int = 0
    _shadow: bool = False
    _shared: "SharedContext"

    def __init__(self, io_threads: int = 1, shadow: int = 0) -> None:
        self._shadow = bool(shadow)
        self._shared = SharedContext.find(shadow) if shadow else SharedContext(io_threads)
        self.handle = self._shared.number
        self.closed = False
        self._pid = os.getpid()

    @property
    def underlying(self) -> int:
        """The number by which other faces find the context."""
        return self.handle

    def term(self) -> None:
        """Ends every wait in the context, and comes back when all of its sockets are closed and their lingers over."""
        if not self.closed:
            self._shared.terminate()
        self.closed = True

    def set(self, option: int, optval: int) -> None:
        """Sets an option.

        Args:
            option: such as `zmq.IO_THREADS`.
            optval: a number.
        """
        self._check_open()
        if not isinstance(optval, int):
            raise TypeError(f"expected int, not {type(optval).__name__}: {optval!r}")
        if not -INT32_MAX - 1 <= optval <= INT32_MAX:
            raise OverflowError(f"{optval} is out of range for option {option}")
        self._shared.settings.set(option, optval)

    def get(self, option: int) -> Any:
        """Reads an option.

        Args:
            option: such as `zmq.IO_THREADS`.
        """
        self._check_open()
        return self._shared.settings.get(option)

    def _check_open(self) -> None:
        if self.closed:
            raise RuntimeError("the context is closed")
