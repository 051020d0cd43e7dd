# SPDX-License-Identifier: Apache-2.0
"""The descriptor that pyzmq's programs watch: zmq.FD."""

import errno
import os
import select
from collections.abc import Callable

from ._errors import failure
from ._system import epoll, new_reentrant_lock


class EdgeDescriptor:
    """A descriptor that becomes readable when something may have changed, as libzmq's does, and stays so until
    somebody has looked.

    The library's descriptors show states: a message is there, there is room. This one waits for their edges.
    """

    def __init__(self, states: list[int]) -> None:
        self._bell = -1
        try:
            self._epoll = epoll()
            self.number = self._epoll.fileno()
            """The descriptor."""
            self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            self.watch([*states, self._bell])
        except OSError as error:
            self._close_bell()
            raise failure(error.errno or errno.EMFILE, f"no descriptor for zmq.FD: {error.strerror}") from None

    def watch(self, states: list[int]) -> None:
        """Waits for the edges of these, too."""
        for state in states:
            self._epoll.register(state, select.EPOLLIN | select.EPOLLET)

    def ring(self) -> None:
        """Something else has changed, of which no state tells."""
        os.eventfd_write(self._bell, 1)

    def look(self) -> None:
        """Takes what has been noticed: it is not readable any more until something else happens."""
        for descriptor, _ in self._epoll.poll(0):
            if descriptor == self._bell:
                os.eventfd_read(self._bell)

    def close(self) -> None:
        """Gives it back."""
        self._epoll.close()
        self._close_bell()

    def _close_bell(self) -> None:
        bell, self._bell = self._bell, -1
        if bell >= 0:
            os.close(bell)


class SharedDescriptor:
    """The one descriptor of a socket, which is made when it is asked for; from any thread, and while another closes
    it.
    """

    def __init__(self) -> None:
        self._lock = new_reentrant_lock()
        self._edges: EdgeDescriptor | None = None
        self._is_closed = False

    def number(self, states: Callable[[], list[int]]) -> int:
        """The descriptor, made for these states if there is none."""
        made = EdgeDescriptor(states()) if self._edges is None else None
        with self._lock:
            if self._edges is None and not self._is_closed:
                self._edges, made = made, None
            edges = self._edges
        if made is not None:
            made.close()
        if edges is None:
            raise failure(errno.ENOTSOCK, "the socket is closed")
        return edges.number

    def ring(self) -> None:
        """Something else has changed, of which no state tells."""
        with self._lock:
            if self._edges is not None:
                self._edges.ring()

    def look(self) -> None:
        """Takes what has been noticed."""
        with self._lock:
            if self._edges is not None:
                self._edges.look()

    def close(self) -> None:
        """Gives it back, and makes no other."""
        with self._lock:
            edges, self._edges, self._is_closed = self._edges, None, True
        if edges is not None:
            edges.close()
