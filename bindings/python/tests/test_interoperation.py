# SPDX-License-Identifier: Apache-2.0
"""The other side is pyzmq, for each pattern, direction, bind side and wire form."""

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from event_reader import PATIENCE
from experimance_zmq import (
    BaseSocket,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQNotSupportedError,
    ZMQTimeoutError,
)

Foreign = zmq.Socket[bytes]
MakeForeign = Callable[[int], Foreign]


@pytest.fixture
def pyzmq() -> Iterator[MakeForeign]:
    """Makes a socket of pyzmq."""
    context = zmq.Context()
    sockets: list[Foreign] = []

    def make(kind: int) -> Foreign:
        socket = context.socket(kind)
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        socket.setsockopt(zmq.SNDTIMEO, int(PATIENCE * 1000))
        sockets.append(socket)
        return socket

    yield make
    for socket in sockets:
        socket.close()
    context.term()


def link(ours: BaseSocket, theirs: Foreign, we_bind: bool) -> None:
    """Links both; one of them binds."""
    if we_bind:
        theirs.connect(ours.bind("tcp://127.0.0.1:*"))
    else:
        theirs.bind("tcp://127.0.0.1:*")
        ours.connect(theirs.getsockopt_string(zmq.LAST_ENDPOINT), timeout=PATIENCE)


WHO_BINDS = pytest.mark.parametrize("we_bind", [True, False], ids=["we bind", "they bind"])
WIRE_FORMS = pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)


@WHO_BINDS
@WIRE_FORMS
def test_publish_to_pyzmq(form: WireForm, we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.SUB)
    theirs.subscribe("weather")
    with Publisher(wire_form=form) as publisher, ThreadPoolExecutor() as executor:
        link(publisher, theirs, we_bind)
        # A SUB that is bound sends its subscriptions only while its thread is in a call on it.
        receiving = executor.submit(theirs.recv_multipart)
        publisher.wait_subscribers("weather", timeout=PATIENCE)
        publisher.publish("ignored", b"x")
        publisher.publish("weather", b"sunny day")
        expected = [b"weather", b"sunny day"] if form is WireForm.MULTIPART else [b"weather sunny day"]
        assert receiving.result() == expected


@WHO_BINDS
@WIRE_FORMS
def test_subscribe_to_pyzmq(form: WireForm, we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.XPUB)
    with Subscriber(wire_form=form) as subscriber:
        subscriber.subscribe("weather")
        link(subscriber, theirs, we_bind)
        assert theirs.recv() == b"\x01weather"
        if form is WireForm.MULTIPART:
            theirs.send_multipart([b"weather", b"sunny day"])
        else:
            theirs.send(b"weather sunny day")
        assert subscriber.recv(timeout=PATIENCE) == ("weather", b"sunny day")
        subscriber.unsubscribe("weather")
        assert theirs.recv() == b"\x00weather"


@WHO_BINDS
def test_subscribe_to_a_plain_publisher_of_pyzmq(we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PUB)
    with Subscriber() as subscriber:
        subscriber.subscribe("")
        link(subscriber, theirs, we_bind)
        # A PUB of another library does not tell when a subscription has arrived: publish until it has.
        for number in itertools.count():
            theirs.send_multipart([b"number", b"%d" % number])
            try:
                topic, first = subscriber.recv(timeout=0.05)
                break
            except ZMQTimeoutError:
                continue
        assert topic == "number"
        for following in range(int(first) + 1, number + 1):
            assert subscriber.recv(timeout=PATIENCE) == ("number", b"%d" % following)


def test_waiting_for_subscriptions_at_pyzmq_is_not_supported(pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.XPUB)
    with Subscriber() as subscriber:
        subscriber.subscribe("weather")
        link(subscriber, theirs, we_bind=False)
        with pytest.raises(ZMQNotSupportedError):
            subscriber.wait_subscribed(timeout=0.2)
        assert theirs.recv() == b"\x01weather"


def test_every_subscriber_of_pyzmq_is_waited_for(pyzmq: MakeForeign) -> None:
    with Publisher() as publisher:
        subscribers = [pyzmq(zmq.SUB) for _ in range(3)]
        endpoint = publisher.bind("tcp://127.0.0.1:*")
        for theirs, topic in zip(subscribers, ["we", "weather", ""], strict=True):
            theirs.subscribe(topic)
            theirs.connect(endpoint)
        publisher.wait_subscribers("weather", 3, timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            publisher.wait_subscribers("weather", 4, timeout=0)
        publisher.publish("weather", b"for all")
        assert [theirs.recv_multipart() for theirs in subscribers] == [[b"weather", b"for all"]] * 3


@WHO_BINDS
def test_push_to_pyzmq(we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PULL)
    with Pusher() as pusher:
        link(pusher, theirs, we_bind)
        for number in range(100):
            pusher.send(b"%d" % number, timeout=PATIENCE)
        assert [int(theirs.recv()) for _ in range(100)] == list(range(100))


@WHO_BINDS
def test_pull_from_pyzmq(we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PUSH)
    with Puller() as puller:
        link(puller, theirs, we_bind)
        for number in range(100):
            theirs.send(b"%d" % number)
        assert [int(puller.recv(timeout=PATIENCE)) for _ in range(100)] == list(range(100))


@WHO_BINDS
def test_parts_to_and_from_pyzmq(we_bind: bool, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PAIR)
    with Socket(SocketType.PAIR) as pair:
        link(pair, theirs, we_bind)
        pair.send_parts([b"a", b"", b"c"], timeout=PATIENCE)
        assert theirs.recv_multipart() == [b"a", b"", b"c"]
        theirs.send_multipart([b"d", b"e"])
        assert pair.recv_parts(timeout=PATIENCE) == [b"d", b"e"]


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_transports(transport: str, tmp_path: object, pyzmq: MakeForeign) -> None:
    endpoint = f"ipc://{tmp_path}/socket" if transport == "ipc" else "tcp://localhost:*"
    theirs = pyzmq(zmq.PUSH)
    with Puller() as puller:
        theirs.connect(puller.bind(endpoint))
        theirs.send(b"by another way")
        assert puller.recv(timeout=PATIENCE) == b"by another way"
