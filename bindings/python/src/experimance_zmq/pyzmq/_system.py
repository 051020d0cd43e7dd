# SPDX-License-Identifier: Apache-2.0
"""The system's threads and descriptors, also where gevent has put its own in their place."""

import _thread
import errno
import select
import sys
from collections.abc import Callable
from typing import Any

from ._errors import failure


def _original(module: Any, name: str) -> Any:
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched(module.__name__):
        return monkey.get_original(module.__name__, name)
    return getattr(module, name)


def epoll() -> "select.epoll":
    """A new epoll, which gevent takes away."""
    made: select.epoll = _original(select, "epoll")()
    return made


def poll() -> "select.poll":
    """A new poll, of which gevent makes a switch to others."""
    made: select.poll = _original(select, "poll")()
    return made


def new_lock() -> Any:
    """A new lock."""
    return _original(_thread, "allocate_lock")()


def new_reentrant_lock() -> Any:
    """A new lock, which a thread that has it may take again: a finalizer may run wherever it has it."""
    return _original(_thread, "RLock")()


class Thread:
    """A thread of the system's, which does nothing but call the library: greenlets would stand still with it."""

    def __init__(self, run: Callable[[], None]) -> None:
        self._end = new_lock()
        self._end.acquire()
        try:
            self._number: int = _original(_thread, "start_new_thread")(self._call, (run,))
        except RuntimeError as error:
            raise failure(errno.EMFILE, str(error)) from None

    def _call(self, run: Callable[[], None]) -> None:
        try:
            run()
        finally:
            self._end.release()

    def join(self, seconds: float = -1) -> bool:
        """Waits for its end; whether that has come."""
        if self._number == _original(_thread, "get_ident")():
            return True
        if not self._end.acquire(timeout=seconds):
            return False
        self._end.release()
        return True
