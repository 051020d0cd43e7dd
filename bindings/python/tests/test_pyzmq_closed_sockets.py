# SPDX-License-Identifier: Apache-2.0
"""What is left of pyzmq's sockets that are closed: nothing, once what they sent is gone."""

import gc
import threading
from typing import Any

import zmq

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, new_context, of
from reserved_port import ReservedPort


def _kept(context: Any) -> int:
    return len(context._shared._lingering)


@on_backend
def test_sockets_with_an_endless_linger_are_forgotten_once_they_have_ended() -> None:
    from experimance_zmq import _abi

    context = new_context()
    for _ in range(200):
        socket = of(zmq.PUSH, context)
        socket.LINGER = -1
        handle: Any = socket
        number = handle._shared.handle
        socket.close()
        assert _abi.exz_socket_close(number, PATIENCE_MS) == _abi.EXZ_OK
    assert _kept(context) < 50
    context.term()


@on_backend
def test_one_that_still_sends_is_waited_for() -> None:
    context = new_context()
    with ReservedPort() as port:
        sender = of(zmq.PUSH, context)
        sender.IMMEDIATE = 0
        sender.LINGER = -1
        sender.connect(port.endpoint)
        sender.send(b"kept")
        sender.close()
        for _ in range(100):
            of(zmq.PUSH, context).close(0)
        ends = threading.Thread(target=context.term)
        ends.start()
        receiver = of(zmq.PULL)
        receiver.bind(port.endpoint)
        assert receiver.recv() == b"kept"
        ends.join()


@on_backend
def test_a_closed_socket_is_freed_without_the_collector() -> None:
    from experimance_zmq.pyzmq._shared_socket import _known

    gc.collect()
    gc.disable()
    before = len(_known)
    for number in range(20):
        first, second = of(zmq.PUSH), of(zmq.PULL)
        first.bind(f"inproc://{number}")
        second.connect(f"inproc://{number}")
        first.send(b"")
        assert second.recv() == b""
        first.close()
        second.close()
        del first, second
    assert len(_known) == before
