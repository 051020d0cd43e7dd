# SPDX-License-Identifier: Apache-2.0
"""Sockets of pyzmq's for tests that run on the backend."""

import zmq

Socket = zmq.Socket[bytes]
PATIENCE_MS = 20_000


def new_context() -> zmq.Context[Socket]:
    """A context of its own."""
    return zmq.Context()


def of(kind: int, context: zmq.Context[Socket] | None = None) -> Socket:
    """A socket that waits for as long as a test may."""
    place: zmq.Context[Socket] = zmq.Context.instance() if context is None else context
    socket = place.socket(kind)
    socket.setsockopt(zmq.RCVTIMEO, PATIENCE_MS)
    socket.setsockopt(zmq.SNDTIMEO, PATIENCE_MS)
    return socket


def bound(socket: Socket) -> str:
    """Where it listens from now on."""
    return f"tcp://127.0.0.1:{socket.bind_to_random_port('tcp://127.0.0.1')}"


def pair(kind: int = zmq.PAIR, other: int = zmq.PAIR) -> tuple[Socket, Socket]:
    """Two sockets that are linked over TCP."""
    first, second = of(kind), of(other)
    second.connect(bound(first))
    return first, second


def events(socket: Socket) -> int:
    """What can be done now."""
    found = socket.getsockopt(zmq.EVENTS)
    assert isinstance(found, int)
    return found


def inproc_pair(kind: int, other: int) -> tuple[Socket, Socket]:
    """Linked within the process, where what is sent has come."""
    first, second = of(kind), of(other)
    first.bind(f"inproc://{id(first)}")
    second.connect(f"inproc://{id(first)}")
    return first, second
