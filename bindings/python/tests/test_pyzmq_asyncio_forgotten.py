# SPDX-License-Identifier: Apache-2.0
"""Receives of `experimance_zmq.pyzmq.asyncio` that nobody has any more: a collection ends them, amid anything."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import zmq

from pyzmq_tasks import Socket, Sockets, in_loops, soon, until


def _amid_the_next(pull: Socket, end: Callable[[], object]) -> None:
    """Has something happen when the next message is here and nobody's yet, as a collection may."""
    from experimance_zmq.pyzmq._tasks import Tasks

    receivers = pull._shared.waits[Tasks].receivers
    cut = receivers._cut

    def cut_once(is_whole: bool) -> Any:
        piece = cut(is_whole)
        if piece is not None:
            receivers._cut = cut
            end()
        return piece

    receivers._cut = cut_once


@in_loops
async def test_a_receive_that_ends_amid_another_loses_nothing(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    forgotten = [pull.recv()]
    await soon(push.send(b"1"))
    await until(forgotten[0].done)
    waiting = pull.recv()
    _amid_the_next(pull, forgotten.clear)
    await soon(push.send(b"2"))
    received = [await soon(waiting), await soon(pull.recv())]
    assert received == [b"1", b"2"], received


@in_loops
async def test_a_coroutine_that_ends_amid_a_receive_loses_nothing(sockets: Sockets) -> None:
    pull, push = sockets.pair()

    async def receive() -> Any:
        return await pull.recv()

    collected = receive()
    receipt = collected.send(None)
    await soon(push.send(b"1"))
    await until(receipt.done)
    del receipt
    waiting = pull.recv()
    _amid_the_next(pull, collected.close)
    await soon(push.send(b"2"))
    received = [await soon(waiting), await soon(pull.recv())]
    assert received == [b"1", b"2"], received


@in_loops
async def test_a_coroutine_that_ends_amid_the_message_of_another_waits_no_more(sockets: Sockets) -> None:
    pull, push = sockets.pair()

    async def receive() -> Any:
        return await pull.recv()

    first, collected = pull.recv(), receive()
    collected.send(None)
    second = pull.recv()
    _amid_the_next(pull, collected.close)
    await soon(push.send(b"1"))
    await soon(push.send(b"2"))
    received = [await soon(first), await soon(second)]
    assert received == [b"1", b"2"], received


@in_loops
async def test_a_poll_hears_of_what_a_collection_gives_back(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await soon(push.send(b"1"))
    kept: list[Any] = [pull.recv()]
    await until(kept[0].done)
    # In a cycle.
    kept.append(kept)
    kept = []
    gc.collect()
    assert await soon(pull.poll(0)) == zmq.POLLIN
    assert await soon(pull.recv()) == b"1"


@in_loops
async def test_what_a_collection_on_another_thread_gives_back_comes(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    forgotten = [pull.recv()]
    await soon(push.send(b"1"))
    await until(forgotten[0].done)
    waiting = pull.recv()
    await soon(asyncio.to_thread(forgotten.clear))
    assert await soon(waiting) == b"1"
