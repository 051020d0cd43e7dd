# SPDX-License-Identifier: Apache-2.0
"""Messages of pyzmq's sockets that are received before anybody asks for them: when they are, and when they are not."""

from typing import Any, cast

import zmq

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, bound, events, inproc_pair, of


@on_backend
def test_no_message_comes_after_its_subscription_has_ended() -> None:
    pub, sub = inproc_pair(zmq.XPUB, zmq.SUB)
    for topic in (b"a", b"b", b"a"):
        sub.subscribe(topic)
    assert [pub.recv() for _ in "ab"] == [b"\1a", b"\1b"]
    for frames in ([b"a1"], [b"ab", b"2"], [b"b3"], [b"a4", b"5"], [b"b6", b"7"]):
        pub.send_multipart(frames)
    assert sub.recv() == b"a1"
    sub.unsubscribe(b"a")
    assert sub.recv_multipart() == [b"ab", b"2"]
    sub.unsubscribe(b"a")
    assert [sub.recv_multipart() for _ in "36"] == [[b"b3"], [b"b6", b"7"]]


@on_backend
def test_no_message_comes_after_the_only_link_was_ended() -> None:
    pull, push = of(zmq.PULL), of(zmq.PUSH)
    push.bind("inproc://ended")
    pull.connect("inproc://ended")
    for number in (b"1", b"2", b"3"):
        push.send(number)
    assert pull.recv() == b"1"
    pull.disconnect("inproc://ended")
    assert pull.poll(0) == 0


@on_backend
def test_nothing_is_received_ahead_where_a_descriptor_tells_of_it() -> None:
    push, pull = inproc_pair(zmq.PUSH, zmq.PULL)
    descriptor = pull.getsockopt(zmq.FD)
    assert isinstance(descriptor, int)
    for number in (b"1", b"2"):
        push.send(number)
    assert pull.recv() == b"1"
    assert not cast(Any, pull)._shared.ahead
    assert events(pull) & zmq.POLLIN


@on_backend
def test_only_the_newest_message_counts_where_that_was_asked_for() -> None:
    pull, push = of(zmq.PULL), of(zmq.PUSH)
    pull.setsockopt(zmq.CONFLATE, 1)
    pull.connect(bound(push))
    assert push.poll(PATIENCE_MS, zmq.POLLOUT)
    for number in range(100):
        push.send(b"%d" % number)
    last = -1
    while last < 99:
        number = int(pull.recv())
        assert number > last
        last = number
