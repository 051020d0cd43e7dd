# SPDX-License-Identifier: Apache-2.0
"""An XPUB counts its subscribers, and its notices are received as ever."""

import asyncio

import pytest

from event_reader import PATIENCE
from experimance_zmq import Socket, SocketType, Subscriber, ZMQNotSupportedError, ZMQTimeoutError, aio

VERBOSER = 78


@pytest.mark.parametrize("verboser", [False, True])
def test_subscribers_are_counted_and_notices_are_those_of_libzmq(tcp: str, verboser: bool) -> None:
    with Socket(SocketType.XPUB) as xpub, Subscriber() as first, Subscriber() as second:
        xpub.set_option(VERBOSER, int(verboser))
        endpoint = xpub.bind(tcp)
        for subscriber in (first, second):
            subscriber.subscribe("a\0b")
            subscriber.connect(endpoint, timeout=PATIENCE)
        xpub.wait_subscribers("a\0bc", 2, timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            xpub.wait_subscribers("a\0bc", 3, timeout=0)
        xpub.publish("a\0bc", b"x")
        assert [subscriber.recv(timeout=PATIENCE) for subscriber in (first, second)] == [("a\0bc", b"x")] * 2
        first.close()
        second.close()
        notices = [xpub.recv(timeout=PATIENCE) for _ in range(4 if verboser else 2)]
        with pytest.raises(ZMQTimeoutError):
            xpub.recv(timeout=0)
    times = 2 if verboser else 1
    assert notices == [b"\1a\0b"] * times + [b"\0a\0b"] * times


def test_a_task_waits_for_subscribers_while_another_receives(tcp: str) -> None:
    async def story() -> bytes:
        async with aio.Socket(SocketType.XPUB) as xpub, aio.Subscriber() as subscriber:
            endpoint = await xpub.bind(tcp)
            waiting = asyncio.create_task(xpub.wait_subscribers("a", timeout=PATIENCE))
            receiving = asyncio.create_task(xpub.recv(timeout=PATIENCE))
            subscriber.subscribe("a")
            await subscriber.connect(endpoint, timeout=PATIENCE)
            await waiting
            return await receiving

    assert asyncio.run(story()) == b"\1a"


def test_an_xpub_that_connects_does_not_count(tcp: str) -> None:
    with Socket(SocketType.XPUB) as xpub, Subscriber() as subscriber:
        xpub.connect(subscriber.bind(tcp), timeout=PATIENCE)
        with pytest.raises(ZMQNotSupportedError):
            xpub.wait_subscribers("a", timeout=0)
        subscriber.subscribe("a")
        assert xpub.recv(timeout=PATIENCE) == b"\1a"
