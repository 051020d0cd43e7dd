# SPDX-License-Identifier: Apache-2.0
"""The sockets for asyncio: what each method does, and its time-outs."""

import asyncio
import inspect
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

import experimance_zmq
from both_loops import both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import (
    EventKind,
    Jitter,
    OnFull,
    RetryPolicy,
    SocketType,
    State,
    ZMQClosedError,
    ZMQExhaustedError,
    ZMQInvalidError,
    ZMQRefusedError,
    ZMQStateError,
    ZMQTimeoutError,
    _abi,
    _deadline,
    aio,
)
from limits import fails_by

_numbers = itertools.count()


def inproc() -> str:
    """A fresh endpoint, over which a message is there at once."""
    return f"inproc://aio-{next(_numbers)}"


def test_methods_are_those_of_the_blocking_sockets() -> None:
    renamed = {"__enter__": "__aenter__", "__exit__": "__aexit__", "__iter__": "__aiter__"}
    for name in set(aio.__all__) - {"retry"}:
        blocking, ours = getattr(experimance_zmq, name), getattr(aio, name)
        for method, function in inspect.getmembers(blocking, inspect.isfunction):
            if method.startswith("_") and method not in renamed:
                continue
            counterpart = getattr(ours, renamed.get(method, method))
            if method not in renamed and method != "__init__":
                assert list(inspect.signature(counterpart).parameters) == list(inspect.signature(function).parameters)
    assert aio.__all__ == sorted(aio.__all__)


# Every method once


@both_loops
async def test_push_and_pull(tcp: str) -> None:
    async with aio.Pusher() as pusher, aio.Puller() as puller:
        assert [pusher.state, puller.state, puller.closed] == [State.IDLE, State.IDLE, False]
        endpoint = await pusher.bind(tcp, timeout=PATIENCE)
        assert endpoint == pusher.endpoint
        await puller.connect(endpoint, timeout=PATIENCE)
        await pusher.wait_peers(1, timeout=PATIENCE)
        await pusher.send(b"one")
        await pusher.send(bytearray(b"two"), timeout=PATIENCE)
        await pusher.send_many([b"three", memoryview(b"four"), b""])
        await pusher.send_json({"five": 5})
        assert await puller.recv(timeout=PATIENCE) == b"one"
        received: list[bytes] = []
        while len(received) < 4:
            received += await puller.recv_many(4 - len(received), timeout=PATIENCE)
        assert received == [b"two", b"three", b"four", b""]
        assert await puller.recv_json(timeout=PATIENCE) == {"five": 5}
        assert puller.stats.messages_received == pusher.stats.messages_sent == 6
        assert puller.stats.bytes_received == pusher.stats.bytes_sent
        assert pusher.stats.sends_refused == 0
        puller.disconnect(endpoint)
        pusher.unbind(endpoint)
        assert await puller.close(linger=0) == 0
        assert await puller.close() == 0
        assert repr(puller) == "<aio.Puller closed>"
        assert repr(pusher).startswith("<aio.Pusher ")


@both_loops
async def test_publish_and_subscribe(tcp: str) -> None:
    async with aio.Publisher() as publisher, aio.Subscriber() as subscriber:
        subscriber.subscribe("a")
        subscriber.subscribe("b")
        subscriber.unsubscribe("b")
        await subscriber.connect(await publisher.bind(tcp), timeout=PATIENCE)
        await subscriber.wait_subscribed(timeout=PATIENCE)
        await publisher.wait_subscribers("a", 1, timeout=PATIENCE)
        await publisher.publish("b", b"nobody")
        await publisher.publish("a", b"one", timeout=PATIENCE)
        await publisher.publish_json("a", [2])
        await publisher.publish("a2", b"three")
        assert await subscriber.recv(timeout=PATIENCE) == ("a", b"one")
        assert await subscriber.recv_json(timeout=PATIENCE) == ("a", [2])
        assert await subscriber.recv_many(timeout=PATIENCE) == [("a2", b"three")]


@both_loops
async def test_requests_and_replies(tcp: str) -> None:
    async with aio.Requester() as requester, aio.Replier() as replier:

        async def serve() -> None:
            async for request in replier:
                await replier.send(request if request.startswith(b"[") else request[::-1])

        await requester.connect(await replier.bind(tcp), timeout=PATIENCE)
        serving = asyncio.create_task(serve())
        assert await requester.request(b"abc", timeout=PATIENCE) == b"cba"
        assert await requester.request_json([1, 2, 1], timeout=PATIENCE, idempotent=True) == [1, 2, 1]
        requests = [b"%d" % number for number in range(10, 30)]
        assert await asyncio.gather(*(requester.request(each, timeout=PATIENCE) for each in requests)) == [
            each[::-1] for each in requests
        ]
        await replier.close()
        await serving


@both_loops
async def test_parts() -> None:
    endpoint = inproc()
    async with aio.Socket(SocketType.PAIR) as one, aio.Socket(SocketType.PAIR) as other:
        await one.bind(endpoint)
        await other.connect(endpoint)
        receiving = asyncio.create_task(other.recv_parts(timeout=PATIENCE))
        await turns(3)
        await one.send_parts([b"a", b"", b"c"])
        assert await receiving == [b"a", b"", b"c"]
        await one.send_parts([b"d", b"e"], timeout=PATIENCE)
        with pytest.raises(ZMQStateError):
            await other.recv(timeout=PATIENCE)
        assert await other.recv_parts() == [b"d", b"e"]
        await one.send(b"single")
        assert await other.recv_parts(timeout=0) == [b"single"]


@both_loops
async def test_events(tcp: str) -> None:
    async with aio.Pusher() as pusher, aio.Puller() as puller:
        handshake = asyncio.create_task(next_of_kind(pusher, EventKind.HANDSHAKEN))
        await puller.connect(await pusher.bind(tcp), timeout=PATIENCE)
        assert (await handshake).count == 1
        assert (await puller.next_event(timeout=PATIENCE)).kind is EventKind.CONNECTING
        await pusher.close()
        assert [event async for event in pusher.events] == []


async def next_of_kind(socket: aio.BaseSocket, kind: EventKind) -> experimance_zmq.Event:
    async for event in socket.events:
        if event.kind is kind:
            return event
    raise AssertionError("the socket was closed")


@both_loops
async def test_iterating_ends_with_the_socket(tcp: str) -> None:
    async with aio.Pusher() as pusher, aio.Puller(default_timeout=0.01) as puller:
        await puller.connect(await pusher.bind(tcp), timeout=PATIENCE)
        received: list[bytes] = []

        async def receive() -> None:
            async for message in puller:
                received.append(message)

        receiving = asyncio.create_task(receive())
        for number in range(3):
            # Longer than the default time-out of the iteration.
            with pytest.raises(ZMQTimeoutError):
                await puller.wait_peers(2, timeout=0.02)
            await pusher.send(b"%d" % number)
        while len(received) < 3:
            await asyncio.sleep(0)
        await puller.close()
        await receiving
        assert received == [b"0", b"1", b"2"]


@both_loops
async def test_background_connect_never_waits() -> None:
    async with aio.Puller() as puller:
        with pytest.raises(StopIteration):
            puller.connect(inproc(), background=True).send(None)
        assert puller.state is State.CONNECTING


@both_loops
async def test_context_closes_its_sockets() -> None:
    async with aio.Context() as context:
        puller = aio.Puller(context=context)
        receiving = asyncio.create_task(puller.recv(timeout=PATIENCE))
        await turns(3)
        await context.close(linger=0)
        with pytest.raises(ZMQClosedError):
            await receiving
        assert puller.closed
        await puller.close()


@both_loops
async def test_retry() -> None:
    calls = 0

    async def fail_twice() -> str:
        nonlocal calls
        calls += 1
        if calls < 3:
            raise ZMQRefusedError
        return "success"

    policy = RetryPolicy(initial_backoff=0.001, max_attempts=3, jitter=Jitter.NONE)
    assert await aio.retry(fail_twice, policy=policy) == "success"
    calls = -10
    with pytest.raises(ZMQExhaustedError) as caught:
        await aio.retry(fail_twice, policy=policy)
    assert caught.value.attempts == 3


@both_loops
async def test_nonsense_is_refused() -> None:
    async with aio.Socket(SocketType.PULL) as puller, aio.Publisher() as publisher:
        calls: list[Awaitable[object]] = [
            puller.recv(timeout=-1),
            puller.recv(timeout=float("nan")),
            puller.recv_many(0),
            puller.recv_parts(timeout=-1),
            puller.connect("nonsense"),
            puller.bind("tcp://127.0.0.1:99999"),
            puller.close(linger=-1),
            publisher.publish("\ud800", b""),
        ]
        for call in calls:
            with pytest.raises(ZMQInvalidError):
                await call
        with pytest.raises(TypeError):
            await publisher.publish("a", "text")


# Time

TIMED: dict[str, Callable[[aio.Socket, float], Awaitable[object]]] = {
    "recv": lambda socket, timeout: socket.recv(timeout=timeout),
    "recv_many": lambda socket, timeout: socket.recv_many(timeout=timeout),
    "recv_parts": lambda socket, timeout: socket.recv_parts(timeout=timeout),
    "send": lambda socket, timeout: socket.send(b"x", timeout=timeout),
    "send_many": lambda socket, timeout: socket.send_many([b"x"], timeout=timeout),
    "send_parts": lambda socket, timeout: socket.send_parts([b"x"], timeout=timeout),
    "wait_peers": lambda socket, timeout: socket.wait_peers(timeout=timeout),
    "next_event": lambda socket, timeout: socket.next_event(timeout=timeout),
}


@pytest.mark.parametrize("timeout", [0, 0.001, 0.05])
@pytest.mark.parametrize("call", TIMED)
@both_loops
async def test_timeouts_are_never_early(call: str, timeout: float) -> None:
    async with aio.Socket(SocketType.PAIR) as socket:
        for _ in range(3):
            with fails_by(timeout, ZMQTimeoutError, early=False):
                await TIMED[call](socket, timeout)
        assert socket.stats.timeouts == (3 if timeout else 0)


@both_loops
async def test_timeouts_count_however_late_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where all the time is gone after the first try, as on a busy machine."""
    seconds = itertools.count()
    monkeypatch.setattr(_deadline, "monotonic_ns", lambda: next(seconds) * 10**9)
    async with aio.Socket(SocketType.PAIR) as socket:
        for timed in TIMED.values():
            with pytest.raises(ZMQTimeoutError):
                await timed(socket, 0.001)
        assert socket.stats.timeouts == len(TIMED)


@both_loops
async def test_publisher_waits_for_room(tcp: str) -> None:
    async with (
        aio.Publisher(on_full=OnFull.WAIT, send_hwm=1, send_buffer=4096) as publisher,
        aio.Subscriber(receive_hwm=1, receive_buffer=4096, prefetch=0) as subscriber,
    ):
        subscriber.subscribe("")
        await subscriber.connect(await publisher.bind(tcp), timeout=PATIENCE)
        await publisher.wait_subscribers("", timeout=PATIENCE)
        sent = 0
        with pytest.raises(ZMQTimeoutError):
            for _ in range(1000):
                await publisher.publish("", bytes(100_000), timeout=0.05)
                sent += 1
        publishing = asyncio.create_task(publisher.publish("", b"last", timeout=PATIENCE))
        sizes: list[Any] = [len((await subscriber.recv(timeout=PATIENCE))[1]) for _ in range(sent + 1)]
        await publishing
        assert sizes == [100_000] * sent + [4]


@both_loops
async def test_a_send_that_finds_no_room_is_not_tried_again_before_it_waits(
    tcp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    send = _abi.exz_send

    def counted(*arguments: Any) -> int:
        tried.append(arguments[-1])
        status: int = send(*arguments)
        return status

    monkeypatch.setattr(_abi, "exz_send", counted)
    async with aio.Pusher() as pusher:
        await pusher.bind(tcp)
        with pytest.raises(ZMQTimeoutError):
            await pusher.send(b"", timeout=0.05)
        assert len(tried) == 1
        assert 0 < tried[0] <= 50
        with pytest.raises(ZMQTimeoutError):
            await pusher.send(b"", timeout=0)
        assert tried[1:] == [0]
        assert pusher.stats.sends_refused == 2
        assert pusher.stats.timeouts == 1
