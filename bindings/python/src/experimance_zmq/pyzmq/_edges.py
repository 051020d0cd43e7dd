# SPDX-License-Identifier: Apache-2.0
"""The descriptor that pyzmq's programs watch: zmq.FD."""

import errno
import os
import select

from ._errors import failure
from ._system import epoll


class EdgeDescriptor:
    """A descriptor that becomes readable when something may have changed, as libzmq's does, and stays so until
    somebody has looked.

    The library's descriptors show states: a message is there, there is room. This one waits for their edges.
    """

    def __init__(self, states: list[int]) -> None:
        try:
            self._epoll = epoll()
            self._bell = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            self.watch([*states, self._bell])
        except OSError as error:
            raise failure(error.errno or errno.EMFILE, f"no descriptor for zmq.FD: {error.strerror}") from None

    def watch(self, states: list[int]) -> None:
        """Waits for the edges of these, too."""
        for state in states:
            self._epoll.register(state, select.EPOLLIN | select.EPOLLET)

    @property
    def number(self) -> int:
        """The descriptor."""
        return self._epoll.fileno()

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
        os.close(self._bell)
