# SPDX-License-Identifier: Apache-2.0
"""Waits of tasks that are ended from outside: the socket stays usable, and nothing stays behind."""

import asyncio
import gc
import socket as plain
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from both_loops import both_loops, busy_threads, readers, turns
from event_reader import PATIENCE
from experimance_zmq import Jitter, RetryPolicy, SocketType, ZMQCanceledError, ZMQClosedError, aio
from limits import descriptors, ends_within

ENDLESS = RetryPolicy(max_attempts=0, initial_backoff=PATIENCE, jitter=Jitter.NONE)

Call = Callable[[Any, str], Awaitable[object]]
Waits = dict[str, tuple[Callable[[], aio.BaseSocket], Call]]


async def collect(socket: aio.Puller | aio.Subscriber) -> list[object]:
    return [message async for message in socket]


async def collect_events(socket: aio.BaseSocket) -> list[object]:
    return [event async for event in socket.events]


RECEIVES: Waits = {
    "recv": (aio.Puller, lambda socket, _: socket.recv(timeout=PATIENCE)),
    "recv of a subscriber": (aio.Subscriber, lambda socket, _: socket.recv(timeout=PATIENCE)),
    "recv_many": (aio.Puller, lambda socket, _: socket.recv_many(timeout=PATIENCE)),
    "recv_json": (aio.Puller, lambda socket, _: socket.recv_json(timeout=PATIENCE)),
    "recv_parts": (lambda: aio.Socket(SocketType.PULL), lambda socket, _: socket.recv_parts(timeout=PATIENCE)),
}
WAITS: Waits = {
    **RECEIVES,
    "send": (aio.Pusher, lambda socket, _: socket.send(b"", timeout=PATIENCE)),
    "send_many": (aio.Pusher, lambda socket, _: socket.send_many([b""], timeout=PATIENCE)),
    "send_parts": (lambda: aio.Socket(SocketType.PUSH), lambda socket, _: socket.send_parts([b""], timeout=PATIENCE)),
    "connect": (lambda: aio.Puller(retry=ENDLESS), lambda socket, silent: socket.connect(silent, timeout=PATIENCE)),
    "bind": (lambda: aio.Puller(retry=ENDLESS), lambda socket, silent: socket.bind(silent, timeout=PATIENCE)),
    "wait_peers": (aio.Puller, lambda socket, _: socket.wait_peers(timeout=PATIENCE)),
    "wait_subscribers": (aio.Publisher, lambda socket, _: socket.wait_subscribers("", timeout=PATIENCE)),
    "wait_subscribed": (aio.Subscriber, lambda socket, _: socket.wait_subscribed(timeout=PATIENCE)),
    "next_event": (aio.Puller, lambda socket, _: socket.next_event(timeout=PATIENCE)),
    "request": (aio.Requester, lambda socket, _: socket.request(b"", timeout=PATIENCE)),
}
ITERATIONS: Waits = {
    "messages": (aio.Puller, lambda socket, _: collect(socket)),
    "published messages": (aio.Subscriber, lambda socket, _: collect(socket)),
    "events": (aio.Puller, lambda socket, _: collect_events(socket)),
}


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """An endpoint that accepts and says nothing."""
    with plain.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


async def start(call: Call, socket: aio.BaseSocket, silent: str) -> asyncio.Task[object]:
    async def wait() -> object:
        return await call(socket, silent)

    return asyncio.create_task(wait())


@pytest.mark.parametrize("wait", WAITS | ITERATIONS)
@both_loops
async def test_cancelled_task_leaves_nothing_and_the_socket_stays_usable(wait: str, silent: str) -> None:
    make, call = (WAITS | ITERATIONS)[wait]
    socket = make()
    # Before the task has begun, in its first steps, and when it waits.
    for steps in (0, 1, 2, 3, 10, 1000):
        task = await start(call, socket, silent)
        await turns(steps)
        task.cancel()
        with ends_within(2), pytest.raises(asyncio.CancelledError):
            await task
        assert readers() == 0
        while busy_threads() > 0:
            await asyncio.sleep(0)
    assert await socket.bind("tcp://127.0.0.1:*")
    await socket.close()


@pytest.mark.parametrize("wait", WAITS)
@both_loops
async def test_cancel_of_the_socket_ends_all_waits(wait: str, silent: str) -> None:
    make, call = WAITS[wait]
    socket = make()
    tasks = [await start(call, socket, silent) for _ in range(3)]
    with ends_within(5):
        # Only a wait that has begun is ended; when it has can not be seen from here.
        while not all(task.done() for task in tasks):
            socket.cancel()
            await asyncio.sleep(0)
    errors = [task.exception() for task in tasks]
    assert [type(error) for error in errors] == [ZMQCanceledError] * 3
    assert len(set(map(id, errors))) == 3
    assert await socket.bind("tcp://127.0.0.1:*")
    await socket.close()


@pytest.mark.parametrize("steps", [0, 1, 1000])
@pytest.mark.parametrize("wait", WAITS)
@both_loops
async def test_close_ends_all_waits(wait: str, steps: int, silent: str) -> None:
    make, call = WAITS[wait]
    socket = make()
    tasks = [await start(call, socket, silent) for _ in range(3)]
    await turns(steps)
    with ends_within(2):
        await socket.close()
        await asyncio.wait(tasks)
    assert [type(task.exception()) for task in tasks] == [ZMQClosedError] * 3


@pytest.mark.parametrize("wait", ITERATIONS)
@both_loops
async def test_close_ends_iterations(wait: str, silent: str) -> None:
    make, call = ITERATIONS[wait]
    socket = make()
    tasks = [await start(call, socket, silent) for _ in range(3)]
    await turns(10)
    with ends_within(2):
        await socket.close()
        assert await asyncio.gather(*tasks) == [[], [], []]


@pytest.mark.parametrize("end", ["cancel", "close"])
@both_loops
async def test_another_thread_ends_a_wait(end: str) -> None:
    socket = aio.Puller()
    task = asyncio.create_task(socket.recv(timeout=PATIENCE))
    await turns(3)
    with ends_within(2):
        thread = threading.Thread(target=socket.cancel if end == "cancel" else lambda: asyncio.run(socket.close()))
        thread.start()
        with pytest.raises(ZMQCanceledError if end == "cancel" else ZMQClosedError):
            await task
        thread.join()
    await socket.close()


@both_loops
async def test_cancelled_close_closes(tcp: str) -> None:
    """The wait for what is queued goes on, and so does what comes after it."""
    async with aio.Puller(receive_hwm=1, receive_buffer=4096) as slow:
        pusher = aio.Pusher(linger=0.2, send_buffer=4096)
        await pusher.connect(await slow.bind(tcp), timeout=PATIENCE)
        with pytest.raises(TimeoutError):
            while True:
                await pusher.send(bytes(65536), timeout=0.01)
        closing = asyncio.create_task(pusher.close())
        await turns(3)
        with ends_within(0.2):
            closing.cancel()
            with pytest.raises(asyncio.CancelledError):
                await closing
        assert pusher.closed


@both_loops
async def test_cancelled_close_gives_the_descriptor_back() -> None:
    puller = aio.Puller()
    with pytest.raises(TimeoutError):
        await puller.recv(timeout=0.001)
    readiness = puller._readiness
    assert readiness is not None
    closing = asyncio.create_task(puller.close())
    await turns(1)
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert readiness._descriptor == -1


# Nothing stays behind


@pytest.mark.zmq_leak_check(False)
@both_loops
async def test_forgotten_socket_warns_and_leaves_nothing(tcp: str) -> None:
    for receives in (False, True):
        puller, pusher = aio.Puller(), aio.Pusher()
        endpoint = await puller.bind(tcp)
        await pusher.connect(endpoint, timeout=PATIENCE)
        if receives:
            receiving = asyncio.create_task(puller.recv(timeout=PATIENCE))
            await turns(3)
            await pusher.send(b"x")
            # The reader is still there now.
            await receiving
            del receiving
        else:
            with pytest.raises(TimeoutError):
                await puller.recv(timeout=0.001)
        await pusher.close()
        with pytest.warns(ResourceWarning, match=f"unclosed <aio.Puller {endpoint} "):
            del puller
            gc.collect()
        assert readers() == 0
        async with aio.Puller() as other:
            assert await other.bind(endpoint, timeout=PATIENCE) == endpoint


@both_loops
async def test_descriptors_do_not_grow(silent: str) -> None:
    async def use() -> None:
        for make, call in RECEIVES.values():
            async with asyncio.timeout(PATIENCE):
                socket = make()
                task = await start(call, socket, silent)
                await turns(3)
                task.cancel()
                await asyncio.wait([task])
                await socket.close()

    await use()
    before = descriptors()
    for _ in range(20):
        await use()
    # The library gives some back on a thread of its own, soon.
    while descriptors() > before:
        await asyncio.sleep(0)


@both_loops
async def test_thread_without_work_keeps_no_socket(silent: str) -> None:
    """Neither after success nor after a failure."""
    for _ in range(5):
        pullers = [aio.Puller(retry=RetryPolicy(max_attempts=1)) for _ in range(4)]
        await asyncio.gather(*(puller.bind("tcp://127.0.0.1:*") for puller in pullers))
        await asyncio.gather(*(puller.bind(silent, timeout=PATIENCE) for puller in pullers), return_exceptions=True)
        references = [weakref.ref(puller) for puller in pullers]
        await asyncio.gather(*(puller.close() for puller in pullers))
        del pullers
        while any(reference() for reference in references):
            gc.collect()
            await asyncio.sleep(0)
