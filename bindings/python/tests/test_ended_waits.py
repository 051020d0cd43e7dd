# SPDX-License-Identifier: Apache-2.0
"""The end of all waits in a context, in threads and in tasks."""

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from both_loops import both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import Context, Puller, Pusher, ZMQCanceledError, ZMQClosedError, ZMQTimeoutError, aio
from limits import ends_within

WAITS: dict[str, tuple[type[Any], Callable[[Any], Awaitable[object]]]] = {
    "recv": (aio.Puller, lambda socket: socket.recv(timeout=PATIENCE)),
    "recv_many": (aio.Puller, lambda socket: socket.recv_many(timeout=PATIENCE)),
    "recv of a subscriber": (aio.Subscriber, lambda socket: socket.recv(timeout=PATIENCE)),
    "send": (aio.Pusher, lambda socket: socket.send(b"", timeout=PATIENCE)),
    "wait_peers": (aio.Puller, lambda socket: socket.wait_peers(timeout=PATIENCE)),
    "next_event": (aio.Puller, lambda socket: socket.next_event(timeout=PATIENCE)),
    "request": (aio.Requester, lambda socket: socket.request(b"", timeout=PATIENCE)),
}


def test_threads_come_back_now_and_later(tcp: str) -> None:
    with Context() as context, Puller(context=context) as puller, Pusher(context=context) as pusher:
        errors: list[Exception] = []

        def receive() -> None:
            try:
                puller.recv(timeout=PATIENCE)
            except ZMQCanceledError as error:
                errors.append(error)

        threads = [threading.Thread(target=receive) for _ in range(3)]
        for thread in threads:
            thread.start()
        with ends_within(5):
            context.end_waits()
            for thread in threads:
                thread.join()
            assert len(errors) == 3
            with pytest.raises(ZMQCanceledError):
                puller.recv(timeout=PATIENCE)
            with pytest.raises(ZMQTimeoutError):
                puller.recv(timeout=0)
        # Nothing is closed.
        puller.bind(tcp)
        context.end_waits()
        assert not pusher.closed


@pytest.mark.parametrize("wait", WAITS)
@both_loops
async def test_tasks_come_back_now_and_later(wait: str) -> None:
    make, call = WAITS[wait]
    for steps in (0, 1, 3, 100):
        async with aio.Context() as context, make(context=context) as socket:
            tasks = [asyncio.ensure_future(call(socket)) for _ in range(2)]
            await turns(steps)
            with ends_within(5):
                context.end_waits()
                await asyncio.wait(tasks)
            assert [type(task.exception()) for task in tasks] == [ZMQCanceledError] * 2
            with ends_within(5), pytest.raises(ZMQCanceledError):
                await call(socket)


@both_loops
async def test_end_while_a_task_begins_to_wait_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with aio.Context() as context, aio.Puller(context=context) as puller:
        duplicate = os.dup

        def end_and_duplicate(number: int) -> int:
            thread = threading.Thread(target=context.end_waits)
            thread.start()
            thread.join()
            return duplicate(number)

        # The first wait does so, and lets other threads run.
        monkeypatch.setattr(os, "dup", end_and_duplicate)
        with ends_within(5), pytest.raises(ZMQCanceledError):
            await puller.recv(timeout=PATIENCE)


def test_sockets_of_others_go_on(tcp: str) -> None:
    with Context() as context, Puller() as puller, Pusher() as pusher:
        context.end_waits()
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send(b"x")
        assert puller.recv(timeout=PATIENCE) == b"x"


def test_closed_context_says_so() -> None:
    context = Context()
    context.close()
    with pytest.raises(ZMQClosedError):
        context.end_waits()
