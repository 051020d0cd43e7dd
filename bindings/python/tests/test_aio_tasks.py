# SPDX-License-Identifier: Apache-2.0
"""Tasks that share a socket for asyncio: who gets which message, and who has a turn."""

import asyncio
import contextlib
import itertools
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from both_loops import LOOPS, both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import (
    SocketType,
    ZMQTimeoutError,
    aio,
)
from limits import ends_within

_numbers = itertools.count()


def inproc() -> str:
    """A fresh endpoint, over which a message is there at once."""
    return f"inproc://tasks-{next(_numbers)}"


class Stopping:
    """An argument that ends an iteration, if any, as it is converted."""

    def __index__(self) -> int:
        raise StopIteration

    def __float__(self) -> float:
        raise StopIteration


WITH_AN_ARGUMENT: dict[str, Callable[[Any], Awaitable[object]]] = {
    "wait_peers": lambda socket: socket.wait_peers(Stopping(), timeout=PATIENCE),
    "wait_subscribers": lambda socket: socket.wait_subscribers("", Stopping(), timeout=PATIENCE),
    "close": lambda socket: socket.close(linger=Stopping()),
}


@pytest.mark.parametrize("call", WITH_AN_ARGUMENT)
@both_loops
async def test_no_error_of_an_argument_keeps_a_call(call: str) -> None:
    async with aio.Publisher() as publisher, asyncio.timeout(PATIENCE):
        # What Python makes of it in a coroutine.
        with pytest.raises(RuntimeError, match="StopIteration"):
            await WITH_AN_ARGUMENT[call](publisher)


@both_loops
async def test_long_batches_let_others_run(tcp: str) -> None:
    async with aio.Pusher(send_hwm=0) as pusher, aio.Puller(receive_hwm=0) as puller:
        await pusher.connect(await puller.bind(tcp), timeout=PATIENCE)
        others = 0

        async def count() -> None:
            nonlocal others
            while True:
                others += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await pusher.send_many([b"short"] * 10_000, timeout=PATIENCE)
        counting.cancel()
        assert others >= 10
        received = 0
        while received < 10_000:
            received += len(await puller.recv_many(10_000, timeout=PATIENCE))


@pytest.mark.parametrize("prefetch", [0, 512])
@both_loops
async def test_tasks_share_the_messages(prefetch: int) -> None:
    endpoint, count = inproc(), 2000
    async with aio.Pusher(send_hwm=0) as pusher, aio.Puller(receive_hwm=0, prefetch=prefetch) as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        received: list[list[int]] = [[] for _ in range(5)]

        async def receive(mine: list[int]) -> None:
            while sum(map(len, received)) < count:
                mine.append(int(await puller.recv(timeout=PATIENCE)))
                # What the message is good for takes a while.
                await asyncio.sleep(0)

        tasks = [asyncio.create_task(receive(mine)) for mine in received]
        for number in range(count):
            await pusher.send(b"%d" % number)
            if number % 7 == 0:
                await asyncio.sleep(0)
        while sum(map(len, received)) < count:
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert sorted(itertools.chain(*received)) == list(range(count))
        assert all(mine == sorted(mine) for mine in received)
        assert all(received), "a task starved"


@both_loops
async def test_message_received_by_one_task_wakes_those_who_wait() -> None:
    """A batch that one task has fetched is for all."""
    endpoint = inproc()
    async with aio.Pusher() as pusher, aio.Puller() as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        waiting = asyncio.create_task(puller.recv(timeout=PATIENCE))
        await turns(3)
        for message in (b"1", b"2", b"3"):
            # Does not wait, so the loop has not seen them when they are received.
            await pusher.send(message)
        received = [await puller.recv(timeout=0)]
        with ends_within(PATIENCE / 2):
            received.append(await waiting)
        received.append(await puller.recv(timeout=0))
        assert sorted(received) == [b"1", b"2", b"3"]


TAKES: dict[str, tuple[SocketType, Callable[[aio.Socket], Awaitable[object]]]] = {
    "recv": (SocketType.PULL, lambda socket: socket.recv()),
    "recv at once": (SocketType.PULL, lambda socket: socket.recv(timeout=0)),
    "recv_many": (SocketType.PULL, lambda socket: socket.recv_many(3)),
    "recv_parts": (SocketType.PULL, lambda socket: socket.recv_parts()),
    "iterating": (SocketType.PULL, lambda socket: anext(socket)),
    "send": (SocketType.PAIR, lambda socket: socket.send(b"x")),
    "send_parts": (SocketType.PAIR, lambda socket: socket.send_parts([b"x", b"y"])),
    "publish": (SocketType.PUB, lambda socket: socket.publish("topic", b"x")),
}


@pytest.mark.parametrize("prefetch", [0, 512])
@pytest.mark.parametrize("take", TAKES)
@both_loops
async def test_other_tasks_have_their_turn(take: str, prefetch: int) -> None:
    """A loop of calls that need not wait."""
    endpoint, count = inproc(), 2000
    socket_type, call = TAKES[take]
    other = {SocketType.PULL: SocketType.PUSH, SocketType.PAIR: SocketType.PAIR, SocketType.PUB: SocketType.SUB}
    async with (
        aio.Socket(socket_type, prefetch=prefetch, receive_hwm=0, send_hwm=0, linger=0) as socket,
        aio.Socket(other[socket_type], send_hwm=0, receive_hwm=0, linger=0) as peer,
    ):
        await socket.bind(endpoint)
        await peer.connect(endpoint)
        if socket_type is SocketType.PULL:
            await peer.send_many([b"x"] * 3 * count)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        ticking = asyncio.create_task(tick())
        await turns(1)
        for _ in range(count):
            await call(socket)
        in_between = ticks - 1
        ticking.cancel()
        await asyncio.wait([ticking])
        # Once for each batch of messages, or some hundreds of sends.
        assert in_between >= 3


TRIES: dict[str, Callable[[aio.Socket], Awaitable[object]]] = {
    "recv": lambda socket: socket.recv(timeout=0),
    "recv_many": lambda socket: socket.recv_many(timeout=0),
    "recv_parts": lambda socket: socket.recv_parts(timeout=0),
    "send": lambda socket: socket.send(b"", timeout=0),
    "next_event": lambda socket: socket.next_event(timeout=0),
}


@pytest.mark.parametrize("attempt", TRIES)
@both_loops
async def test_other_tasks_have_their_turn_between_tries(attempt: str) -> None:
    async with aio.Socket(SocketType.PAIR) as socket:
        has_turn = asyncio.Event()
        asyncio.get_running_loop().call_soon(has_turn.set)
        for _ in range(2000):
            with contextlib.suppress(ZMQTimeoutError):
                await TRIES[attempt](socket)
        assert has_turn.is_set()


SECOND_WAITS: dict[str, Callable[[aio.Socket], Awaitable[object]]] = {
    "recv": lambda socket: socket.recv(timeout=PATIENCE),
    "recv_many": lambda socket: socket.recv_many(timeout=PATIENCE),
    "recv_parts": lambda socket: socket.recv_parts(timeout=PATIENCE),
    "iterating": lambda socket: anext(socket),
}


@pytest.mark.parametrize("wait", SECOND_WAITS)
@pytest.mark.parametrize("loop", LOOPS)
def test_two_loops_do_not_wait_at_once(loop: str, wait: str) -> None:
    endpoint = inproc()
    pusher, puller = aio.Pusher(), aio.Socket(SocketType.PULL)

    async def link() -> None:
        await pusher.bind(endpoint)
        await puller.connect(endpoint)

    async def wait_here() -> object:
        return await SECOND_WAITS[wait](puller)

    def run(call: Callable[[], Coroutine[Any, Any, object]]) -> object:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            return runner.run(call())

    run(link)
    with ThreadPoolExecutor() as executor:
        waiting = executor.submit(run, lambda: puller.recv(timeout=PATIENCE))
        while puller._readiness is None or not puller._readiness._waiters:
            assert not waiting.done()
        with pytest.raises(RuntimeError, match="another event loop that is running waits for a message"):
            run(wait_here)
        run(lambda: pusher.send(b"for the first"))
        assert waiting.result() == b"for the first"
    run(lambda: pusher.send(b"for the second"))
    assert run(wait_here) in (b"for the second", [b"for the second"])
    run(pusher.close)
    run(puller.close)


@pytest.mark.parametrize("first", LOOPS)
@pytest.mark.parametrize("second", LOOPS)
def test_one_loop_after_the_other(first: str, second: str) -> None:
    endpoint = inproc()
    pusher, puller = aio.Pusher(), aio.Puller()

    async def link() -> None:
        await pusher.bind(endpoint)
        await puller.connect(endpoint)

    async def exchange(number: int) -> bytes:
        receiving = asyncio.create_task(puller.recv(timeout=PATIENCE))
        await turns(3)
        await pusher.send(b"%d" % number)
        received = await receiving
        with pytest.raises(ZMQTimeoutError):
            await puller.recv(timeout=0.001)
        return received

    with asyncio.Runner(loop_factory=LOOPS[first]) as one, asyncio.Runner(loop_factory=LOOPS[second]) as other:
        one.run(link())
        for number in range(4):
            assert (one, other)[number % 2].run(exchange(number)) == b"%d" % number
    for number in range(2):
        with asyncio.Runner(loop_factory=LOOPS[first]) as again:
            assert again.run(exchange(number)) == b"%d" % number

    async def close() -> None:
        await pusher.close()
        await puller.close()

    asyncio.run(close())
