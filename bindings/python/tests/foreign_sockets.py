# SPDX-License-Identifier: Apache-2.0
"""Sockets of pyzmq."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import zmq

from event_reader import PATIENCE

Foreign = zmq.Socket[bytes]
MakeForeign = Callable[[int], Foreign]


@contextmanager
def foreign_sockets() -> Iterator[MakeForeign]:
    """Makes sockets that wait for as long as the tests do, and ends them."""
    context = zmq.Context()
    sockets: list[Foreign] = []

    def make(kind: int) -> Foreign:
        socket = context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        socket.setsockopt(zmq.SNDTIMEO, int(PATIENCE * 1000))
        sockets.append(socket)
        return socket

    try:
        yield make
    finally:
        for socket in sockets:
            socket.close()
        context.term()
