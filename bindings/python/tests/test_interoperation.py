# SPDX-License-Identifier: Apache-2.0
"""Beyond the protocol, with pyzmq on the other side; test_interoperation_matrix has the patterns."""

import pytest
import zmq

from event_reader import PATIENCE, events_until
from experimance_zmq import (
    EventKind,
    Publisher,
    Puller,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQNotSupportedError,
    ZMQTimeoutError,
)
from foreign_sockets import MakeForeign


def test_waiting_for_subscriptions_at_pyzmq_is_not_supported(pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.XPUB)
    with Subscriber() as subscriber:
        subscriber.subscribe("weather")
        theirs.bind("tcp://127.0.0.1:*")
        subscriber.connect(theirs.getsockopt_string(zmq.LAST_ENDPOINT), timeout=PATIENCE)
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


def test_bound_by_a_name(pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PUSH)
    with Puller() as puller:
        theirs.connect(puller.bind("tcp://localhost:*"))
        theirs.send(b"by name")
        assert puller.recv(timeout=PATIENCE) == b"by name"


@pytest.mark.parametrize("form", list(WireForm))
def test_a_question_of_others_is_an_odd_topic_with_an_empty_payload(pyzmq: MakeForeign, form: WireForm) -> None:
    everything = pyzmq(zmq.SUB)
    everything.subscribe("")
    with Publisher(wire_form=form) as publisher, Subscriber(wire_form=form) as subscriber:
        endpoint = publisher.bind("tcp://127.0.0.1:*")
        everything.connect(endpoint)
        publisher.wait_subscribers("weather", timeout=PATIENCE)
        subscriber.subscribe("weather")
        subscriber.connect(endpoint, timeout=PATIENCE)
        subscriber.wait_subscribed(timeout=PATIENCE)
        publisher.publish("weather", b"sunny")
        frames = everything.recv_multipart()
        topic, payload = frames if form is WireForm.MULTIPART else frames[0].split(b" ", 1)
        assert topic.startswith(b"\0experimance-zmq-probe:")
        assert payload == b""
        assert everything.recv_multipart() == ([b"weather", b"sunny"] if len(frames) == 2 else [b"weather sunny"])
        assert subscriber.recv(timeout=PATIENCE) == ("weather", b"sunny")


def test_of_two_with_one_identity_at_a_router_the_newer_is_heard(pyzmq: MakeForeign) -> None:
    with Socket(SocketType.ROUTER) as router:
        endpoint = router.bind("tcp://127.0.0.1:*")
        for name in (b"older", b"newer"):
            theirs = pyzmq(zmq.DEALER)
            theirs.setsockopt(zmq.IDENTITY, b"cam")
            theirs.connect(endpoint)
            theirs.send(name)
            assert router.recv_parts(timeout=PATIENCE) == [b"cam", name]
        assert "identity" in events_until(router, EventKind.PEER_REJECTED)[-1].message
        router.send_parts([b"cam", b"hello"])
        assert theirs.recv() == b"hello"


def test_a_third_wheel_at_a_pair_gets_the_place_when_it_is_free(pyzmq: MakeForeign) -> None:
    with Socket(SocketType.PAIR) as pair:
        endpoint = pair.bind("tcp://127.0.0.1:*")
        first, third = pyzmq(zmq.PAIR), pyzmq(zmq.PAIR)
        first.connect(endpoint)
        events_until(pair, EventKind.HANDSHAKEN)
        third.connect(endpoint)
        assert "one peer" in events_until(pair, EventKind.PEER_REJECTED)[-1].message
        pair.send(b"to the first", timeout=PATIENCE)
        assert first.recv() == b"to the first"
        first.close()
        events_until(pair, EventKind.HANDSHAKEN)
        pair.send(b"to the third", timeout=PATIENCE)
        assert third.recv() == b"to the third"
