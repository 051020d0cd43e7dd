# SPDX-License-Identifier: Apache-2.0
"""The sockets that are open: to be closed when the interpreter ends, and to be found when a test leaves them open."""

import atexit
import os
import sys
import weakref
from collections import deque
from collections.abc import Iterator
from itertools import count
from typing import Protocol

from . import _lending, _native
from ._deadline import Deadline
from ._log import raise_held_back


class _Core(Protocol):
    def description(self) -> str: ...
    def is_open(self) -> bool: ...
    def close(self, linger: float | None) -> int: ...
    def end_waits_of_tasks(self) -> None: ...


class OpenSocket:
    """What is known of a socket that was opened."""

    __slots__ = ("_core", "context_id", "linger_end", "linger_ms", "number", "opened_at")

    def __init__(self, core: _Core, linger_ms: int, context_id: int) -> None:
        self._core = weakref.ref(core)
        self.linger_end: Deadline | None = None
        """When the linger passes, if it is being closed, or was and the wait was broken off."""
        self.linger_ms = linger_ms
        self.context_id = context_id
        self.number = next(_numbers)
        """Sockets are numbered as they are opened."""
        self.opened_at = place()
        """File and line outside of this package."""

    def is_open(self) -> bool:
        """Whether it can still be used."""
        core = self._core()
        return core is not None and core.is_open()

    def end_waits_of_tasks(self) -> None:
        """Ends those in an event loop."""
        core = self._core()
        if core is not None:
            core.end_waits_of_tasks()

    def close(self) -> None:
        """Closes it at once."""
        core = self._core()
        if core is not None:
            core.close(0)

    def __str__(self) -> str:
        core = self._core()
        return self.described_as(core.description() if core else "a socket")

    def described_as(self, what: str) -> str:
        """What it is, and where it comes from."""
        return f"{what}, opened at {self.opened_at}"


_CLOSING_SLACK_MS = 100
"""How much longer than its linger a close may take."""

_numbers = count()
_open: dict[int, OpenSocket] = {}
_forgotten_since = 0
_PACKAGE = __name__.partition(".")[0]

forgotten: deque[tuple[int, str]] = deque(maxlen=1000)
"""The numbers and descriptions of sockets that were collected while they were open."""


def place() -> str:
    """File and line outside of this package, from where it was called."""
    frame = sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE and frame.f_back:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"


def opened(socket_id: int, core: _Core, linger_ms: int, context_id: int) -> None:
    """Notes an open socket and its own linger."""
    _open[socket_id] = OpenSocket(core, linger_ms, context_id)


def linger_changed(socket_id: int, linger_ms: int) -> None:
    """Notes another linger of its own."""
    if socket := _open.get(socket_id):
        socket.linger_ms = linger_ms


def close_begins(socket_id: int, linger_ms: int | None) -> bool:
    """Notes that a socket is being closed. False if it is already."""
    socket = _open.get(socket_id)
    if socket is None or socket.linger_end is not None:
        return False
    socket.linger_end = Deadline(socket.linger_ms if linger_ms is None else linger_ms)
    return True


def close_failed(socket_id: int) -> None:
    """Notes that a socket whose close had begun stays open."""
    if socket := _open.get(socket_id):
        socket.linger_end = None


def closed(socket_id: int) -> None:
    """Forgets a socket."""
    _open.pop(socket_id, None)


def closed_before(socket_id: int) -> None:
    """Forgets a socket that is being collected, unless its linger goes on."""
    socket = _open.get(socket_id)
    if socket is not None and socket.linger_end is None:
        closed(socket_id)


def close_broken_off() -> None:
    """Forgets the sockets whose linger has passed meanwhile, with nobody to wait for its end."""
    for socket_id, socket in list(_open.items()):
        if (end := socket.linger_end) and end.elapsed * 1000 > end.milliseconds + _CLOSING_SLACK_MS:
            closed(socket_id)


def forget(socket_id: int, what: str) -> str:
    """Notes that an open socket is being collected; where it was opened."""
    socket = _open.get(socket_id)
    if socket is None:
        return "an unknown place"
    forgotten.append((socket.number, socket.described_as(what)))
    look_for_ended()
    return socket.opened_at


def look_for_ended() -> None:
    """Nobody waits for the ends of sockets that are forgotten or closed soon; it is time to look when they are many."""
    global _forgotten_since
    _forgotten_since += 1
    if 2 * _forgotten_since > len(_open):
        _forgotten_since = 0
        close_broken_off()


def next_number() -> int:
    """All sockets that are opened from now on have this number or a higher one."""
    return next(_numbers)


def all_open() -> Iterator[OpenSocket]:
    """The sockets that can be used. One whose context is closed is no such socket."""
    return (socket for socket in list(_open.values()) if socket.is_open())


def end_waits_of_tasks(context_id: int) -> None:
    """Ends the waits in event loops on the sockets of a context."""
    for socket in list(_open.values()):
        if socket.context_id == context_id:
            socket.end_waits_of_tasks()


def _close_all() -> None:
    """Gives every socket its own linger, counted from now for all of them: the longest one bounds the whole."""
    start = Deadline(0)
    for socket_id, socket in list(_open.items()):
        if socket.linger_end is None:
            left = max(0, socket.linger_ms - int(start.elapsed * 1000))
        else:
            left = socket.linger_end.remaining_milliseconds()
        # A status here has nobody left to tell; a forked child may not close its parent's sockets.
        _native.function(b"close", socket_id)(left)
        raise_held_back()
        # Somebody has begun before, perhaps a moment ago.
        if socket.linger_end is not None:
            _native.function(b"await_end", socket_id)(left)
            raise_held_back()
    _open.clear()


# Closes give back what was lent; whatever is lent after them stays so.
assert _lending
# A child has none of them.
os.register_at_fork(after_in_child=_open.clear)
atexit.register(_close_all)
