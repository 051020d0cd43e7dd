# SPDX-License-Identifier: Apache-2.0
"""Requests and routers of pyzmq's programs on this library: whose turn it is, who is there, what goes over the wire."""

import threading

import pytest
import zmq

from foreign_sockets import MakeForeign
from on_backend import on_backend, run
from pyzmq_sockets import PATIENCE_MS, bound, events, of, pair

EFSM = int(zmq.EFSM)


def errno_of(call: object, *arguments: object) -> int | None:
    with pytest.raises(zmq.ZMQError) as raised:
        call(*arguments)  # type: ignore[operator]
    return raised.value.errno


@on_backend
def test_a_request_is_answered_before_the_next() -> None:
    server, client = pair(zmq.REP, zmq.REQ)
    assert errno_of(client.recv) == EFSM
    assert errno_of(server.send, b"early") == EFSM
    client.send_multipart([b"one", b"two"])
    assert errno_of(client.send, b"again") == EFSM
    assert not events(client) & zmq.POLLOUT
    assert client.poll(0, zmq.POLLOUT) == 0
    assert server.recv() == b"one"
    assert errno_of(server.send, b"half") == EFSM
    assert server.recv() == b"two"
    assert errno_of(server.recv) == EFSM
    server.send(b"answer")
    assert client.recv() == b"answer"
    assert events(client) & zmq.POLLOUT


@on_backend
def test_a_relaxed_request_is_followed_by_another() -> None:
    server, client = of(zmq.REP), of(zmq.REQ)
    client.REQ_RELAXED = 1
    client.connect(bound(server))
    client.send(b"given up")
    assert server.recv() == b"given up"
    client.send(b"asked again")
    server.send(b"late")
    assert server.recv() == b"asked again"
    server.send(b"right")
    assert client.recv() == b"right"


def test_a_request_looks_on_the_wire_as_pyzmqs(pyzmq: MakeForeign) -> None:
    """What a ROUTER of the zguide's programs takes apart: who, nothing, the request."""
    router = pyzmq(zmq.ROUTER)
    port = router.bind_to_random_port("tcp://127.0.0.1")
    code = (
        "import zmq\n"
        "socket = zmq.Context.instance().socket(zmq.REQ)\n"
        f"socket.RCVTIMEO = socket.SNDTIMEO = {PATIENCE_MS}\n"
        f"socket.connect('tcp://127.0.0.1:{port}')\n"
        "socket.send(b'request')\n"
        "print(socket.recv().decode())\n"
    )
    outcome: list[str] = []
    program = threading.Thread(target=lambda: outcome.append(run(code).stdout))
    program.start()
    who, empty, request = router.recv_multipart()
    assert (empty, request) == (b"", b"request")
    router.send_multipart([who, b"", b"answer"])
    program.join()
    assert outcome == ["answer\n"]


@on_backend
def test_a_router_drops_what_it_can_not_deliver_unless_told_to_say_so() -> None:
    router, dealer = of(zmq.ROUTER), of(zmq.DEALER)
    dealer.ROUTING_ID = b"there"
    dealer.connect(bound(router))
    dealer.send(b"hello")
    assert router.recv_multipart() == [b"there", b"hello"]
    assert events(router) & zmq.POLLOUT
    router.send_multipart([b"nobody", b"dropped"])
    router.send_multipart([b"there", b"delivered"])
    assert dealer.recv() == b"delivered"
    router.ROUTER_MANDATORY = 1
    assert errno_of(router.send_multipart, [b"nobody", b"refused"]) == zmq.EHOSTUNREACH
    router.send_multipart([b"there", b"still"])
    assert dealer.recv() == b"still"


@on_backend
def test_what_a_socket_can_not_do_is_an_error() -> None:
    assert errno_of(of(zmq.PUSH).recv, zmq.DONTWAIT) == zmq.ENOTSUP
    assert errno_of(of(zmq.PULL).send, b"") == zmq.ENOTSUP
    assert errno_of(of, zmq.CLIENT) == zmq.EINVAL
    stream = of(zmq.STREAM)
    stream.LINGER = 0
    assert errno_of(stream.connect, "tcp://127.0.0.1:9") == zmq.ENOTSUP
    assert errno_of(stream.recv, zmq.DONTWAIT) == zmq.EAGAIN
    stream.close()
    socket = of(zmq.PULL)
    assert errno_of(socket.bind, "udp://127.0.0.1:5555") == zmq.EPROTONOSUPPORT
    assert errno_of(socket.connect, "nonsense") == zmq.EINVAL
    assert errno_of(socket.disconnect, "tcp://127.0.0.1:9") == 2  # ENOENT
    port = socket.bind_to_random_port("tcp://127.0.0.1")
    assert errno_of(of(zmq.PULL).bind, f"tcp://127.0.0.1:{port}") == zmq.EADDRINUSE
    socket.close()
    assert errno_of(socket.recv) == zmq.ENOTSOCK
