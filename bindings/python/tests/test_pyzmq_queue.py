# SPDX-License-Identifier: Apache-2.0
"""What pyzmq's programs send before there is a peer, where they have asked for a queue: IMMEDIATE at 0."""

import logging
import threading
from typing import Any

import pytest
import zmq

from on_backend import on_backend, run
from pyzmq_sockets import PATIENCE_MS, events, new_context, of
from reserved_port import ReservedPort


@on_backend
def test_what_is_sent_before_the_peer_is_there_is_queued_in_order() -> None:
    for kind, other in ((zmq.PUSH, zmq.PULL), (zmq.DEALER, zmq.DEALER), (zmq.PAIR, zmq.PAIR)):
        sender, receiver = of(kind), of(other)
        sender.IMMEDIATE = 0
        with ReservedPort() as port:
            sender.connect(port.endpoint)
            assert events(sender) & zmq.POLLOUT
            assert sender.poll(0, zmq.POLLOUT)
            for number in range(300):
                sender.send_multipart([b"%d" % number, b"rest"], zmq.DONTWAIT)
            receiver.bind(port.endpoint)
            for number in range(300, 600):
                sender.send_multipart([b"%d" % number, b"rest"])
            assert [int(receiver.recv_multipart()[0]) for _ in range(600)] == list(range(600))


@on_backend
def test_the_queue_for_a_peer_that_is_not_there_is_bounded() -> None:
    sender = of(zmq.PUSH)
    sender.SNDHWM = 10
    sender.IMMEDIATE = 0
    sender.SNDTIMEO = 20
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        for _ in range(10):
            sender.send(b"")
        with pytest.raises(zmq.Again):
            sender.send(b"")
        assert not events(sender) & zmq.POLLOUT
        sender.IMMEDIATE = 1
        other = of(zmq.PUSH)
        other.IMMEDIATE = 1
        other.connect(port.endpoint)
        with pytest.raises(zmq.Again):
            other.send(b"", zmq.DONTWAIT)


@on_backend
def test_the_descriptor_tells_when_the_queue_has_room_again() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.SNDHWM = 5
    sender.IMMEDIATE = 0
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        watched = sender.FD
        while events(sender) & zmq.POLLOUT:
            sender.send(b"", zmq.DONTWAIT)
        receiver.bind(port.endpoint)
        while not events(sender) & zmq.POLLOUT:
            assert zmq.zmq_poll([(watched, zmq.POLLIN)], PATIENCE_MS)
        sender.send(b"", zmq.DONTWAIT)


@on_backend
def test_a_request_waits_for_its_server_without_holding_up_who_makes_it() -> None:
    client, server = of(zmq.REQ), of(zmq.REP)
    client.IMMEDIATE = 0
    with ReservedPort() as port:
        client.connect(port.endpoint)
        client.send(b"early")
        with pytest.raises(zmq.Again):
            client.recv(zmq.DONTWAIT)
        with pytest.raises(zmq.ZMQError) as raised:
            client.send(b"again")
        assert raised.value.errno == zmq.EFSM
        server.bind(port.endpoint)
        assert server.recv() == b"early"
        server.send(b"answer")
        assert client.poll(PATIENCE_MS)
        assert client.recv() == b"answer"
        client.send(b"next")
        assert server.recv() == b"next"


@on_backend
def test_a_request_that_is_given_up_is_not_sent() -> None:
    client, server = of(zmq.REQ), of(zmq.ROUTER)
    client.IMMEDIATE = 0
    client.REQ_RELAXED = 1
    socket: Any = client
    backlog = socket._shared.backlog
    send = backlog._send
    is_in_hand = threading.Event()

    def told_send(*arguments: Any) -> Any:
        is_in_hand.set()
        return send(*arguments)

    backlog._send = told_send
    with ReservedPort() as port:
        client.connect(port.endpoint)
        client.send(b"given up")
        assert is_in_hand.wait(PATIENCE_MS / 1000)
        client.send(b"sent")
        server.bind(port.endpoint)
        assert server.recv_multipart()[-1] == b"sent"


@on_backend
def test_a_message_whose_room_is_gone_behind_its_first_frame_is_queued_without_a_wait() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    socket: Any = sender
    shared = socket._shared
    send = shared._send_lent
    waited: list[int] = []

    def told_send(message: Any, timeout_ms: int) -> Any:
        waited.append(timeout_ms)
        return send(message, timeout_ms)

    shared._send_lent = told_send
    shared.poll_room = lambda _: 0
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        sender.send_multipart([b"one", b"two"], zmq.DONTWAIT)
        assert waited
        assert not any(waited)
        del shared.poll_room
        receiver.bind(port.endpoint)
        sender.send(b"three")
        assert receiver.recv_multipart() == [b"one", b"two"]
        assert receiver.recv() == b"three"


@on_backend
def test_who_waits_for_room_hears_of_what_was_handed_on_meanwhile() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.IMMEDIATE = 0
    sender.SNDHWM = 2
    sender.SNDTIMEO = -1
    socket: Any = sender
    backlog = socket._shared.backlog
    wait_changed = backlog.wait_changed
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        for _ in range(2):
            sender.send(b"")

        def late(*arguments: Any) -> None:
            receiver.bind(port.endpoint)
            for _ in range(2):
                assert receiver.recv() == b""
            assert backlog.join(PATIENCE_MS / 1000)
            wait_changed(*arguments)

        backlog.wait_changed = late
        sender.send(b"third")
        assert receiver.recv() == b"third"


@on_backend
def test_what_is_queued_while_the_queue_ends_is_not_dropped() -> None:
    from experimance_zmq.pyzmq._backlog import Backlog

    found: list[bytes] = []
    is_second = threading.Event()

    def send(message: Any, _: int) -> int:
        found.append(message[0])
        if len(found) == 2:
            is_second.set()
        return 0

    def settled() -> None:
        pass

    socket: Any = of(zmq.PUSH)
    made: Any = Backlog(socket._shared.handle, send, settled, settled, lambda: False, "PUSH")
    give_back = made._give_back
    adding = threading.Thread(target=made.add, args=((b"second",), 0))

    class Lock:
        """Another thread has it first when the queue's own gives it away at its end."""

        def __init__(self) -> None:
            self._lock = threading.Lock()
            self.is_next: threading.Thread | None = None

        def __enter__(self) -> None:
            self._lock.acquire()

        def __exit__(self, *_: object) -> None:
            after, self.is_next = self.is_next, None
            self._lock.release()
            if after is not None:
                after.start()
                after.join()

    lock = made._lock = Lock()

    def ends() -> None:
        give_back()
        if not adding.ident:
            lock.is_next = adding

    made._give_back = ends
    assert made.add((b"first",), 0)
    assert is_second.wait(PATIENCE_MS / 1000)
    assert found == [b"first", b"second"]


@on_backend
def test_a_close_hands_on_what_is_queued_if_the_peer_comes_in_time_and_drops_it_else() -> None:
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logging.getLogger("experimance_zmq").addHandler(Lines())
    context = new_context()
    sender, receiver, forgotten = of(zmq.PUSH, context), of(zmq.PULL), of(zmq.PUSH, context)
    sender.IMMEDIATE = forgotten.IMMEDIATE = 0
    with ReservedPort() as port, ReservedPort() as nowhere:
        sender.connect(port.endpoint)
        forgotten.connect(nowhere.endpoint)
        for number in range(50):
            sender.send(b"%d" % number)
            forgotten.send(b"")
        sender.close(PATIENCE_MS)
        forgotten.close(10)
        end = threading.Thread(target=context.term)
        end.start()
        receiver.bind(port.endpoint)
        assert [int(receiver.recv()) for _ in range(50)] == list(range(50))
        end.join()
    assert [line for line in lines if "50 messages" in line]


@on_backend
def test_what_is_queued_is_given_up_with_its_linger_though_the_context_goes_on() -> None:
    lines: list[str] = []
    told = threading.Event()

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())
            told.set()

    logging.getLogger("experimance_zmq").addHandler(Lines())
    sender = of(zmq.PUSH)
    sender.IMMEDIATE = 0
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        sender.send(b"")
        sender.close(10)
        assert told.wait(PATIENCE_MS / 1000)
    assert "PUSH drops 1 messages" in lines[0]


def test_the_environment_asks_for_the_queue_of_programs_that_can_not_be_changed() -> None:
    code = (
        "import zmq\n"
        "socket = zmq.Context.instance().socket(zmq.PUSH)\n"
        "socket.connect('inproc://nobody')\n"
        "socket.linger = 0\n"
        "socket.SNDTIMEO = 0\n"
        "socket.send(b'')\n"
        "print('queued')\n"
    )
    assert run(code, EXZ_PYZMQ_QUEUE="1").stdout == "queued\n"
    assert "Resource temporarily unavailable" in run(code).stderr
