# SPDX-License-Identifier: Apache-2.0
"""Forwarding between two sockets in a greenlet."""

from typing import Any, NoReturn

import zmq

from ._green_poller import Poller


def proxy(frontend: Any, backend: Any, capture: Any = None) -> NoReturn:
    """Sends what comes from one socket to the other, both ways, until the greenlet or the context ends.

    Args:
        frontend: a socket of this module.
        backend: another, or the same one.
        capture: a socket that gets a copy of everything.
    """
    poller = Poller()
    ways = {frontend: backend, backend: frontend}
    for socket in ways:
        if socket._shared.receives:
            poller.register(socket, zmq.POLLIN)
    while True:
        for socket, _ in poller.poll():
            frames = socket.recv_multipart(copy=False)
            if capture is not None:
                capture.send_multipart(frames)
            ways[socket].send_multipart(frames)


def device(device_type: int, frontend: Any, backend: Any) -> NoReturn:
    """The same, under a name that pyzmq still has.

    Args:
        device_type: has no effect.
        frontend: a socket of this module.
        backend: another; -1 is the same one.
    """
    proxy(frontend, frontend if backend == -1 else backend)
