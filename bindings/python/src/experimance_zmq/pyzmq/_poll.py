# SPDX-License-Identifier: Apache-2.0
"""Waiting for several sockets and descriptors."""

import errno
import select
import time
from collections.abc import Sequence
from typing import Any

from .. import _abi
from .._log import raise_held_back
from ._errors import failure, failure_of, last_sentence
from ._shared_socket import SharedSocket
from ._socket import Socket
from ._system import poll

_POLLIN, _POLLOUT, _POLLERR, _POLLPRI = 1, 2, 4, 8
_WAIT_MS = 60_000
_ZMQ_TO_POLL = {_POLLIN: select.POLLIN, _POLLOUT: select.POLLOUT, _POLLPRI: select.POLLPRI}
_POLL_TO_ZMQ = {
    select.POLLIN: _POLLIN,
    select.POLLOUT: _POLLOUT,
    select.POLLPRI: _POLLPRI,
    select.POLLERR: _POLLERR,
    select.POLLHUP: _POLLIN | _POLLERR,
}


def zmq_poll(sockets: Sequence[tuple[Any, int]], timeout: int = -1) -> list[tuple[Any, int]]:
    """Waits until something can be done with one of several sockets and descriptors.

    Args:
        sockets: pairs of a socket, a descriptor or an object with `fileno()`, and of what to wait for: `zmq.POLLIN`,
            `zmq.POLLOUT`, for descriptors also `zmq.POLLERR` and `zmq.POLLPRI`.
        timeout: milliseconds; a negative number is for ever.

    Returns:
        Pairs of what is ready, descriptors as numbers, and for what.
    """
    if not sockets:
        return []
    return _Poll(sockets).wait(int(timeout))


class _Poll:
    """One wait for several."""

    def __init__(self, sockets: Sequence[tuple[Any, int]]) -> None:
        self._shared: list[SharedSocket | None] = []
        self._subjects: list[Any] = []
        self._asked: list[int] = []
        self._items = (_abi.exz_poll_item * len(sockets))()
        for item, (subject, events) in zip(self._items, sockets, strict=True):
            shared = None
            if isinstance(subject, Socket):
                subject._check_open()
                shared = subject._shared
                shared.check()
                item.socket = shared.handle
                item.events = events & (_POLLIN | _POLLOUT)
            else:
                subject = descriptor_of(subject)
                item.fd = subject
                item.events = events & (_POLLIN | _POLLOUT)
            self._shared.append(shared)
            self._subjects.append(subject)
            self._asked.append(events)

    def wait(self, timeout_ms: int) -> list[tuple[Any, int]]:
        """Waits until something is ready."""
        sockets = [shared for shared in self._shared if shared is not None]
        for shared in sockets:
            shared.wait_begins()
        try:
            return self._wait(timeout_ms)
        finally:
            for shared in sockets:
                shared.wait_ends()

    def _wait(self, timeout_ms: int) -> list[tuple[Any, int]]:
        end = None if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000
        left = 0
        while True:
            status = _abi.exz_poll(self._items, len(self._items), left)
            raise_held_back()
            for shared in self._shared:
                if shared is not None:
                    shared.check()
            if status not in (_abi.EXZ_OK, _abi.EXZ_ERR_TIMEOUT, _abi.EXZ_ERR_CANCELED):
                raise self._failure(status)
            if ready := self._ready():
                return ready
            left = _WAIT_MS if end is None else min(_WAIT_MS, -int((time.monotonic() - end) * 1000 // 1))
            if left <= 0:
                return []

    def _ready(self) -> list[tuple[Any, int]]:
        found = []
        for item, shared, subject, asked in zip(self._items, self._shared, self._subjects, self._asked, strict=True):
            ready = _of_descriptor(subject, asked) if shared is None else shared.adjusted(item.revents) & asked
            if ready:
                found.append((subject, ready))
        return found

    def _failure(self, status: int) -> Exception:
        return failure_of(status, last_sentence())


def descriptor_of(subject: Any) -> int:
    """The descriptor of what is none of this package's sockets."""
    if isinstance(subject, int):
        return subject
    if not hasattr(subject, "fileno"):
        raise TypeError(f"poll waits for sockets, descriptors and objects with fileno(), not for {subject!r}")
    try:
        return int(subject.fileno())
    except Exception:
        raise ValueError(f"fileno() of {subject!r} gives no descriptor") from None


def _of_descriptor(descriptor: int, asked: int) -> int:
    """What is there of a descriptor, errors and urgent data too."""
    events = 0
    for ours, systems in _ZMQ_TO_POLL.items():
        if asked & ours:
            events |= systems
    polled = poll()
    polled.register(descriptor, events)
    found = 0
    for _, there in polled.poll(0):
        if there & select.POLLNVAL:
            raise failure(errno.EBADF, f"the descriptor {descriptor} is not open")
        for systems, ours in _POLL_TO_ZMQ.items():
            if there & systems:
                found |= ours
    return found & asked
