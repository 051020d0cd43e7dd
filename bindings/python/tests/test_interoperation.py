# SPDX-License-Identifier: Apache-2.0
"""Beyond the protocol, with pyzmq on the other side; test_interoperation_matrix has the patterns."""

import pytest
import zmq

from event_reader import PATIENCE
from experimance_zmq import Publisher, Puller, Subscriber, ZMQNotSupportedError, ZMQTimeoutError
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
