# SPDX-License-Identifier: Apache-2.0
"""The classes with the old names: the other side is pyzmq."""

import json
import logging

import pytest
import zmq

from event_reader import PATIENCE
from experimance_zmq.zmq_utils import ZmqPublisher, ZmqPullSocket, ZmqPushSocket, ZmqSubscriber
from foreign_sockets import MakeForeign
from old_calls import MESSAGE, Calls


def test_pyzmq_receives_topic_and_json(call: Calls, pyzmq: MakeForeign, tcp: str) -> None:
    with ZmqPublisher(tcp, "events") as publisher:
        theirs = pyzmq(zmq.SUB)
        theirs.subscribe("events")
        theirs.connect(publisher.socket.endpoint)
        publisher.socket.wait_subscribers("events", timeout=PATIENCE)
        assert call(publisher, "publish", MESSAGE)
        [frame] = theirs.recv_multipart()
        topic, text = frame.decode().split(" ", 1)
        assert (topic, json.loads(text)) == ("events", MESSAGE)


def test_pyzmq_publishes_topic_and_json(call: Calls, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.XPUB)
    theirs.bind("tcp://127.0.0.1:*")
    with ZmqSubscriber(theirs.getsockopt_string(zmq.LAST_ENDPOINT), ["events"]) as subscriber:
        assert theirs.recv() == b"\x01events"
        theirs.send_string(f"events {json.dumps(MESSAGE)}")
        assert call(subscriber, "receive") == ("events", MESSAGE)


def test_pyzmq_pulls_json(call: Calls, pyzmq: MakeForeign, tcp: str) -> None:
    with ZmqPushSocket(tcp) as pusher:
        theirs = pyzmq(zmq.PULL)
        theirs.connect(pusher.socket.endpoint)
        pusher.socket.wait_peers(timeout=PATIENCE)
        assert call(pusher, "push", MESSAGE)
        assert theirs.recv_json() == MESSAGE


def test_pyzmq_pushes_json(call: Calls, pyzmq: MakeForeign) -> None:
    theirs = pyzmq(zmq.PUSH)
    theirs.bind("tcp://127.0.0.1:*")
    with ZmqPullSocket(theirs.getsockopt_string(zmq.LAST_ENDPOINT)) as puller:
        theirs.send_json(MESSAGE)
        assert call(puller, "pull") == MESSAGE


NO_JSON = [b"events {", b"events", b"events \xff\xfe", b"", b'{"no": "topic"}', b"events " + b"[" * 100_000]


def test_what_pyzmq_publishes_is_not_json(call: Calls, pyzmq: MakeForeign, caplog: pytest.LogCaptureFixture) -> None:
    theirs = pyzmq(zmq.XPUB)
    theirs.bind("tcp://127.0.0.1:*")
    with ZmqSubscriber(theirs.getsockopt_string(zmq.LAST_ENDPOINT), "") as subscriber:
        assert theirs.recv() == b"\x01"
        for frame in NO_JSON:
            theirs.send(frame)
        theirs.send_multipart([b"three", b"frames", b"{}"])
        theirs.send(b'events {"good": 1}')
        assert [call(subscriber, "receive") for _ in range(len(NO_JSON) + 1)] == [("", {})] * (len(NO_JSON) + 1)
        assert call(subscriber, "receive") == ("events", {"good": 1})
    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(errors) == len(NO_JSON) + 1


def test_what_pyzmq_pushes_is_not_json(call: Calls, pyzmq: MakeForeign, caplog: pytest.LogCaptureFixture) -> None:
    theirs = pyzmq(zmq.PUSH)
    theirs.bind("tcp://127.0.0.1:*")
    with ZmqPullSocket(theirs.getsockopt_string(zmq.LAST_ENDPOINT)) as puller:
        for frame in NO_JSON[:-2]:
            theirs.send(frame)
        theirs.send_multipart([b"two", b"frames"])
        theirs.send(b"[1, 2]")
        assert [call(puller, "pull") for _ in NO_JSON[:-1]] == [{}] * len(NO_JSON[:-1])
        assert call(puller, "pull") == [1, 2]
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == len(NO_JSON) - 1
