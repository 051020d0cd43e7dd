# SPDX-License-Identifier: Apache-2.0
"""What proxies and queues of pyzmq's owe to both of their sides, on this library."""

import struct
import threading
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
import zmq
from zmq.devices.monitoredqueue import monitored_queue

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, Socket, new_context, of


class Forwarding:
    """A proxy or queue on a thread, until its context is terminated."""

    def __init__(self, context: zmq.Context[Socket], forward: Callable[..., int], *sockets: Socket) -> None:
        self._context = context
        self._forward = forward
        self._sockets = sockets
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with pytest.raises(zmq.ContextTerminated):
            self._forward(*self._sockets)
        for socket in self._sockets:
            socket.close()

    def end(self) -> None:
        """Ends it."""
        self._context.term()
        self._thread.join()


def linked(socket: Socket, kind: int) -> Socket:
    """What is linked to a socket within the process, in the same context, where what is sent has come."""
    other = of(kind, socket.context)
    other.set_hwm(socket.get_hwm())
    socket.bind(f"inproc://{id(socket)}")
    other.connect(f"inproc://{id(socket)}")
    return other


@on_backend
def test_a_proxy_forwards_what_has_come_before_it_began() -> None:
    for frames in ([], [b"second", b"third"]):
        context = new_context()
        front, back = of(zmq.PULL, context), of(zmq.PUSH, context)
        sender, receiver = linked(front, zmq.PUSH), linked(back, zmq.PULL)
        for number in range(10):
            sender.send_multipart([b"%d" % number, *frames])
        assert front.recv() == b"0"
        forwarding = Forwarding(context, zmq.proxy, front, back)
        if frames:
            assert receiver.recv_multipart() == frames
        sender.send(b"later")
        came = [receiver.recv_multipart() for _ in range(10)]
        assert came == [*([b"%d" % number, *frames] for number in range(1, 10)), [b"later"]]
        sender.close()
        receiver.close()
        forwarding.end()


@on_backend
def test_a_proxy_sends_the_end_of_a_message_that_was_begun() -> None:
    context = new_context()
    front, back = of(zmq.PULL, context), of(zmq.PUSH, context)
    sender, receiver = linked(front, zmq.PUSH), linked(back, zmq.PULL)
    back.send(b"begun", zmq.SNDMORE)
    forwarding = Forwarding(context, zmq.proxy, front, back)
    sender.send(b"ended")
    assert receiver.recv_multipart() == [b"begun", b"ended"]
    sender.close()
    receiver.close()
    forwarding.end()


@on_backend
def test_the_library_goes_on_with_a_proxy_when_what_had_come_is_forwarded() -> None:
    from experimance_zmq.pyzmq import _devices

    begun = threading.Event()
    begin = _devices._EngineForwarder.of

    def noticed(*arguments: Any) -> Any:
        begun.set()
        return begin(*arguments)

    with mock.patch.object(_devices._EngineForwarder, "of", noticed):
        front, back, control = of(zmq.PULL), of(zmq.PUSH), of(zmq.REP)
        sender, receiver, steering = linked(front, zmq.PUSH), linked(back, zmq.PULL), linked(control, zmq.REQ)
        for number in range(10):
            sender.send(b"%d" % number)
        assert front.recv() == b"0"
        thread = threading.Thread(target=zmq.proxy_steerable, args=(front, back, None, control))
        thread.start()
        assert [receiver.recv() for _ in range(9)] == [b"%d" % number for number in range(1, 10)]
        assert begun.wait(PATIENCE_MS / 1000)
        sender.send(b"later")
        assert receiver.recv() == b"later"
        steering.send(b"STATISTICS")
        counts = [struct.unpack("=Q", number)[0] for number in steering.recv_multipart()]
        assert counts == [10, 14, 0, 0, 0, 0, 10, 14]
        steering.send(b"TERMINATE")
        assert steering.recv() == b""
        thread.join()


def one_way_stands_still(forward: Callable[..., int], capture: int) -> None:
    """Sends answers through while nobody reads requests, of which there are more than there is room for."""
    count = 200
    context = new_context()
    front, back, copies = of(zmq.PAIR, context), of(zmq.PAIR, context), of(capture, context)
    front.set_hwm(1)
    back.set_hwm(1)
    copies.set_hwm(0)
    client, worker, listener = linked(front, zmq.PAIR), linked(back, zmq.PAIR), of(zmq.PULL, context)
    if capture == zmq.PUSH:
        listener.set_hwm(0)
        copies.bind("inproc://copies")
        listener.connect("inproc://copies")
    forwarding = Forwarding(context, forward, front, back, copies)

    def send_all(socket: Socket) -> None:
        for number in range(count):
            socket.send(b"%d" % number)

    senders = [threading.Thread(target=send_all, args=(socket,)) for socket in (client, worker)]
    for sender in senders:
        sender.start()
    for socket in (client, worker):
        assert [socket.recv() for _ in range(count)] == [b"%d" % number for number in range(count)]
    for sender in senders:
        sender.join()
    for socket in (client, worker, listener):
        socket.close()
    forwarding.end()


@on_backend
def test_one_way_of_a_proxy_goes_on_while_the_other_has_no_room() -> None:
    one_way_stands_still(zmq.proxy, zmq.PUSH)


@on_backend
def test_one_way_of_a_monitored_queue_goes_on_while_the_other_has_no_room() -> None:
    one_way_stands_still(monitored_queue, zmq.PUB)
