# SPDX-License-Identifier: Apache-2.0
"""Thousands of receives that are given up at any moment, while another process sends: every message comes, in order."""

import asyncio
import itertools
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import zmq

from pyzmq_tasks import Socket, Sockets, in_loops

COUNT = 3000

SENDER = """
import sys
import zmq

endpoint, count = sys.argv[1], int(sys.argv[2])
with zmq.Context() as context, context.socket(zmq.PUSH) as push:
    push.linger, push.sndhwm, push.sndbuf = 20_000, 1, 2048
    push.connect(endpoint)
    for number in range(count):
        push.send_multipart([b"%d" % number, b""] if number % 3 == 2 else [b"%d" % number])
"""

RECEIVES: list[Callable[[Socket], Awaitable[Any]]] = [
    lambda pull: pull.recv_serialized(lambda frames: int(frames[0])),
    lambda pull: pull.recv_multipart(),
    lambda pull: pull.recv_multipart(copy=False),
]
FORMS_OF_ONE: list[Callable[[Socket], Awaitable[Any]]] = [
    lambda pull: pull.recv(),
    lambda pull: pull.recv_string(),
    lambda pull: pull.recv_json(),
]


async def wait_for(future: Awaitable[Any], seconds: float) -> Any:
    return await asyncio.wait_for(future, seconds)


async def within(future: Awaitable[Any], seconds: float) -> Any:
    """As `asyncio.wait_for` since Python 3.12."""
    async with asyncio.timeout(seconds):
        return await future


async def in_task(future: Awaitable[Any], seconds: float) -> Any:
    async def receive() -> Any:
        return await future

    task = asyncio.ensure_future(receive())
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        raise TimeoutError from None


async def cancelled_as_it_comes(future: Any, seconds: float) -> Any:
    """Cancelled by what is called right before the task goes on."""
    tasks: list[asyncio.Task[Any]] = []
    future.add_done_callback(lambda _: tasks[0].cancel())

    async def receive() -> Any:
        return await future

    task = asyncio.ensure_future(receive())
    tasks.append(task)
    await asyncio.wait([task], timeout=seconds)
    task.cancel()
    try:
        return await task
    except asyncio.CancelledError:
        raise TimeoutError from None


WAYS = [wait_for, within, in_task, wait_for, within, cancelled_as_it_comes]
SPANS = [0, 1e-5, 1e-4, 5e-5, 1e-3]


@in_loops
async def test_nothing_is_lost_of_several_frames(sockets: Sockets) -> None:
    assert await _received(sockets, RECEIVES, "multipart") == list(range(COUNT))


@in_loops
async def test_nothing_is_lost_of_single_frames(sockets: Sockets) -> None:
    assert await _received(sockets, FORMS_OF_ONE, "single") == list(range(COUNT))


async def _received(sockets: Sockets, forms: list[Callable[[Socket], Awaitable[Any]]], kind: str) -> list[int]:
    # What comes comes a little at a time.
    pull, endpoint = sockets.listening(zmq.PULL, rcvhwm=1, rcvbuf=2048)
    code = SENDER if kind == "multipart" else SENDER.replace("number % 3 == 2", "False")
    sender = await asyncio.create_subprocess_exec(sys.executable, "-c", code, endpoint, str(COUNT))
    numbers: list[int] = []
    given_up = 0
    plans = itertools.cycle(itertools.product(WAYS, forms, SPANS))
    while len(numbers) < COUNT:
        way, form, seconds = next(plans)
        try:
            numbers.append(_number(await way(form(pull), seconds)))
        except TimeoutError:
            given_up += 1
    assert given_up > COUNT / 10
    assert await sender.wait() == 0
    return numbers


def _number(received: Any) -> int:
    first = received[0] if isinstance(received, list) else received
    return int(first.bytes if isinstance(first, zmq.Frame) else first)
