# SPDX-License-Identifier: Apache-2.0
"""Waiting for several sockets and descriptors at once."""

import os
import threading
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import Poll, Puller, Pusher, Requester, Subscriber, ZMQClosedError, ZMQInvalidError, aio, poll


def test_what_is_ready_is_told(tcp: str) -> None:
    reading, writing = os.pipe()
    with Puller() as puller, Pusher() as pusher, os.fdopen(reading) as readable, os.fdopen(writing, "w") as writable:
        assert poll({puller: Poll.IN, pusher: Poll.OUT, readable: Poll.IN}, timeout=0) == {}
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        assert poll({puller: Poll.IN, pusher: Poll.IN | Poll.OUT}, timeout=PATIENCE) == {pusher: Poll.OUT}
        pusher.send(b"x")
        assert poll({puller: Poll.IN}, timeout=PATIENCE) == {puller: Poll.IN}
        writable.write("x")
        writable.flush()
        assert poll({readable: Poll.IN, writing: Poll.OUT}, timeout=0) == {readable: Poll.IN, writing: Poll.OUT}
        assert puller in poll({puller: Poll.EVENT}, timeout=PATIENCE)


def test_what_was_received_ahead_is_there(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_many([b"1", b"2", b"3"])
        received = [puller.recv(timeout=PATIENCE)]
        while poll({puller: Poll.IN}, timeout=PATIENCE) and len(received) < 3:
            received.append(puller.recv(timeout=0))
            if len(received) == 3:
                break
        assert received == [b"1", b"2", b"3"]
        assert poll({puller: Poll.IN}, timeout=0) == {}


def test_closing_ends_the_wait() -> None:
    puller = Puller()
    closing = threading.Timer(0.01, puller.close)
    closing.start()
    with Subscriber() as other, pytest.raises(ZMQClosedError, match=r"^poll on PULL failed after"):
        poll({other: Poll.IN, puller: Poll.IN}, timeout=PATIENCE)
    closing.join()


def test_nonsense_is_refused() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    os.close(writing)
    with pytest.raises(ZMQInvalidError, match=f"the descriptor {reading} is not open"):
        poll({0: Poll.OUT, reading: Poll.IN}, timeout=PATIENCE)
    with pytest.raises(ZMQInvalidError, match="a descriptor is -1"):
        poll({-1: Poll.IN}, timeout=0)
    with pytest.raises(ZMQInvalidError, match="what to wait for is 8"), Requester() as requester:
        poll({requester: Poll(8)}, timeout=0)
    with pytest.raises(ZMQInvalidError, match=r"Poll\.EVENT is for sockets, and 0 is"):
        poll({0: Poll.EVENT}, timeout=0)
    with pytest.raises(ZMQInvalidError, match="there are 65537 subjects, more than 65536"):
        poll(dict.fromkeys(range(65_537), Poll.IN), timeout=0)


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ([0], "items must be a mapping of sockets to what to wait for, not list"),
        ({"x": Poll.IN}, "poll waits for sockets, descriptors and objects with a fileno method; 'x' is none"),
        ({0: "IN"}, "what to wait for must be a whole number, not str"),
        ({0: None}, "what to wait for must be a whole number, not NoneType"),
    ],
    ids=str,
)
def test_what_is_of_a_wrong_type_is_refused(items: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        poll(items, timeout=0)


def test_wrong_type_beside_a_socket_is_refused() -> None:
    wrong: Any = "IN"
    with Puller() as puller, pytest.raises(TypeError, match="what to wait for must be a whole number, not str"):
        poll({puller: wrong}, timeout=0)


async def test_socket_of_an_event_loop_is_refused() -> None:
    async with aio.Puller() as puller:
        with pytest.raises(TypeError, match=r"poll blocks, and with it the event loop of aio\.Puller: start a task"):
            poll({puller: Poll.IN}, timeout=0)
