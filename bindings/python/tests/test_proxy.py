# SPDX-License-Identifier: Apache-2.0
"""A message proxy: what goes through it, what it refuses, and how it ends."""

import asyncio
import copy
import gc
import os
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from experimance_zmq import (
    Proxy,
    ProxyState,
    Publisher,
    Puller,
    Pusher,
    Replier,
    Requester,
    Socket,
    SocketType,
    Status,
    Subscriber,
    ZMQClosedError,
    ZMQForkedError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQStateError,
    ZMQTimeoutError,
    aio,
)

PATIENCE = 20


def bound(socket_type: SocketType) -> tuple[Socket, str]:
    socket = Socket(socket_type, default_timeout=PATIENCE)
    return socket, socket.bind("tcp://127.0.0.1:*")


class Sides:
    """The two sockets of a proxy, and what to connect to."""

    def __init__(self, front: SocketType, back: SocketType) -> None:
        self.front, self.front_endpoint = bound(front)
        self.back, self.back_endpoint = bound(back)

    def close(self) -> None:
        self.front.close()
        self.back.close()


@pytest.fixture
def pipeline() -> Iterator[Sides]:
    with closing(Sides(SocketType.PULL, SocketType.PUSH)) as sides:
        yield sides


def test_pipeline_is_forwarded(pipeline: Sides) -> None:
    pushing, pulling = Socket(SocketType.PUSH), Puller(default_timeout=PATIENCE)
    with Proxy(pipeline.front, pipeline.back), pushing as pusher, pulling as puller:
        pusher.connect(pipeline.front_endpoint, timeout=PATIENCE)
        puller.connect(pipeline.back_endpoint, timeout=PATIENCE)
        pusher.send_parts([b"head", b"x" * 100_000])
        pusher.send_many([b"%d" % number for number in range(2000)], timeout=PATIENCE)
        assert puller.recv_parts() == [b"head", b"x" * 100_000]
        assert [puller.recv() for _ in range(2000)] == [b"%d" % number for number in range(2000)]


def test_requests_are_forwarded() -> None:
    with (
        closing(Sides(SocketType.ROUTER, SocketType.DEALER)) as sides,
        Proxy(sides.front, sides.back),
        Requester(default_timeout=PATIENCE) as requester,
        Replier(default_timeout=PATIENCE) as replier,
        ThreadPoolExecutor() as executor,
    ):
        requester.connect(sides.front_endpoint)
        replier.connect(sides.back_endpoint)
        answer = executor.submit(requester.request, b"who is there?")
        assert replier.recv() == b"who is there?"
        replier.send(b"me")
        assert answer.result() == b"me"


def test_subscriptions_pass_through() -> None:
    with (
        closing(Sides(SocketType.XSUB, SocketType.XPUB)) as sides,
        Proxy(sides.front, sides.back) as proxy,
        Publisher(default_timeout=PATIENCE) as publisher,
        Subscriber(default_timeout=PATIENCE) as subscriber,
    ):
        publisher.connect(sides.front_endpoint)
        subscriber.connect(sides.back_endpoint)
        subscriber.subscribe("news")
        publisher.wait_subscribers("news")
        subscriber.wait_subscribed()
        publisher.publish("news", b"rain")
        assert subscriber.recv() == ("news", b"rain")
        assert proxy.stats.state is ProxyState.FORWARDING
        assert proxy.stats.reason is Status.OK


def test_sockets_of_asyncio_are_forwarded() -> None:
    async def main() -> None:
        async with aio.Socket(SocketType.PULL) as front, aio.Socket(SocketType.PUSH) as back:
            endpoints = await front.bind("tcp://127.0.0.1:*"), await back.bind("tcp://127.0.0.1:*")
            pushing, pulling = aio.Pusher(default_timeout=PATIENCE), aio.Puller(default_timeout=PATIENCE)
            with Proxy(front, back):
                async with pushing as pusher, pulling as puller:
                    await pusher.connect(endpoints[0])
                    await puller.connect(endpoints[1])
                    await pusher.send(b"hello")
                    assert await puller.recv() == b"hello"

    asyncio.run(main())


def test_what_was_not_handed_on_is_received_where_it_came_from(pipeline: Sides) -> None:
    with Pusher() as pusher:
        pusher.connect(pipeline.front_endpoint, timeout=PATIENCE)
        with Proxy(pipeline.front, pipeline.back) as proxy:
            pusher.send_many([b"one", b"two"])
            proxy.pause()
            assert proxy.stats.state is ProxyState.PAUSED
            assert pipeline.front.recv() == b"one"
            proxy.resume()
        assert pipeline.front.recv() == b"two"


def test_capture_gets_copies(pipeline: Sides) -> None:
    with Socket(SocketType.PAIR) as tap, Socket(SocketType.PAIR, default_timeout=PATIENCE) as copies:
        copies.connect(tap.bind("inproc://copies-of-python"))
        pushing = Socket(SocketType.PUSH)
        with Proxy(pipeline.front, pipeline.back, capture=tap), pushing as pusher, Puller() as puller:
            pusher.connect(pipeline.front_endpoint, timeout=PATIENCE)
            puller.connect(pipeline.back_endpoint, timeout=PATIENCE)
            pusher.send_parts([b"a", b"b"])
            assert copies.recv_parts() == [b"a", b"b"]
            assert puller.recv_parts(timeout=PATIENCE) == [b"a", b"b"]


def test_it_ends_with_a_socket_and_says_so(pipeline: Sides) -> None:
    with Proxy(pipeline.front, pipeline.back) as proxy:
        pipeline.back.close()
        with pytest.raises(ZMQStateError, match="ended"):
            while True:  # until its thread has heard of it
                proxy.resume()
        assert proxy.stats.state is ProxyState.ENDED
        assert proxy.stats.reason is Status.CLOSED


def test_what_can_not_be_forwarded_is_refused(pipeline: Sides) -> None:
    with Socket(SocketType.SUB) as subscriber, Socket(SocketType.PUSH) as closed, Puller() as ahead:
        closed.close()
        with pytest.raises(ZMQNotSupportedError, match="PULL and SUB"):
            Proxy(pipeline.front, subscriber)
        with pytest.raises(ZMQNotSupportedError, match="SUB can not capture"):
            Proxy(pipeline.front, pipeline.back, capture=subscriber)
        with pytest.raises(ZMQInvalidError, match="twice"):
            Proxy(pipeline.front, pipeline.front)
        with pytest.raises(ZMQClosedError, match="back"):
            Proxy(pipeline.front, closed)
        with pytest.raises(TypeError, match="front must be a socket"):
            Proxy("tcp://127.0.0.1:1", pipeline.back)  # type: ignore[arg-type]
        with Proxy(pipeline.front, pipeline.back), pytest.raises(ZMQStateError, match="another proxy has the front"):
            Proxy(pipeline.front, pipeline.back)
        with Pusher() as pusher:
            pusher.connect(ahead.bind("inproc://received-ahead"), timeout=PATIENCE)
            pusher.send_many([b"one", b"two", b"three"])
            assert ahead.recv(timeout=PATIENCE) == b"one"
            with pytest.raises(ZMQStateError, match="received messages ahead"):
                Proxy(ahead, pipeline.back)
            assert [ahead.recv() for _ in range(2)] == [b"two", b"three"]
            Proxy(ahead, pipeline.back).close()


def test_closing_again_does_nothing_and_nothing_else_works(pipeline: Sides) -> None:
    proxy = Proxy(pipeline.front, pipeline.back)
    with pytest.raises(TypeError, match="can not be copied"):
        copy.copy(proxy)
    for call in (proxy.pause, proxy.close):
        with pytest.raises(ZMQInvalidError, match="timeout"):
            call(timeout=-1)
    proxy.close()
    proxy.close()
    calls: list[Callable[[], object]] = [proxy.pause, proxy.resume, lambda: proxy.stats]
    for each in calls:
        with pytest.raises(ZMQClosedError, match="the proxy is closed"):
            each()


def test_close_without_time_says_that_it_is_not_over_yet(pipeline: Sides) -> None:
    for _ in range(20):
        proxy = Proxy(pipeline.front, pipeline.back)
        try:
            proxy.close(timeout=0)
        except ZMQTimeoutError:
            proxy.close(timeout=PATIENCE)


def test_forgotten_one_ends_with_a_warning(pipeline: Sides) -> None:
    Proxy(pipeline.front, pipeline.back).close()
    proxy = Proxy(pipeline.front, pipeline.back)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del proxy
        gc.collect()
    assert [str(warning.message).split(",")[0] for warning in caught] == ["unclosed Proxy"]
    while True:  # until its thread has let go of the sockets
        try:
            Proxy(pipeline.front, pipeline.back).close()
            break
        except ZMQStateError:
            continue


def test_child_has_none_of_it(pipeline: Sides) -> None:
    with Proxy(pipeline.front, pipeline.back) as proxy:
        child = os.fork()
        if child == 0:
            try:
                proxy.resume()
            except ZMQForkedError:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(child, 0)[1] == 0
        proxy.resume()
