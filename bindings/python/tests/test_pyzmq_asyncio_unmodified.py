# SPDX-License-Identifier: Apache-2.0
"""zmq.asyncio as it is, on this library: it goes by the descriptor and the events of a socket."""

import asyncio
from typing import Any

import pytest
import zmq
import zmq.asyncio

from both_loops import LOOPS
from on_backend import on_backend

PATIENCE = 20


async def _soon(awaitable: Any) -> Any:
    return await asyncio.wait_for(awaitable, PATIENCE)


def _pair(context: zmq.asyncio.Context, bound: int, connected: int, **options: int) -> tuple[Any, Any]:
    first, second = context.socket(bound), context.socket(connected)
    for each in first, second:
        for name, value in options.items():
            setattr(each, name, value)
    second.connect(f"tcp://127.0.0.1:{first.bind_to_random_port('tcp://127.0.0.1')}")
    return first, second


@pytest.mark.parametrize("loop", LOOPS)
@on_backend
def test_messages_come_and_go(loop: str) -> None:
    async def talk() -> None:
        context = zmq.asyncio.Context()
        router, dealer = _pair(context, zmq.ROUTER, zmq.DEALER)
        for number in range(300):
            receive = router.recv_multipart()
            await _soon(dealer.send_multipart([b"%d" % number, b"question"]))
            sender, *frames = await _soon(receive)
            assert frames == [b"%d" % number, b"question"]
            await _soon(router.send_multipart([sender, b"answer"]))
            assert await _soon(dealer.recv()) == b"answer"
        context.destroy(linger=0)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(talk())


@pytest.mark.parametrize("loop", LOOPS)
@on_backend
def test_room_is_waited_for(loop: str) -> None:
    async def talk() -> None:
        context = zmq.asyncio.Context()
        pull, push = _pair(context, zmq.PULL, zmq.PUSH, sndhwm=4, rcvhwm=4, sndbuf=4096, rcvbuf=4096)

        async def send() -> None:
            for number in range(1000):
                await push.send(b"%d" % number + b"x" * 500)

        sending = asyncio.ensure_future(send())
        received = [await _soon(pull.recv()) for _ in range(1000)]
        assert [message.rstrip(b"x") for message in received] == [b"%d" % number for number in range(1000)]
        await sending
        context.destroy(linger=0)

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        runner.run(talk())


@on_backend
def test_both_faces_are_of_one_socket() -> None:
    """A program may pass a socket of zmq.asyncio's on to something that uses this package's module."""
    import experimance_zmq.pyzmq.asyncio as ours

    async def talk() -> None:
        context = zmq.asyncio.Context()
        pull, push = _pair(context, zmq.PULL, zmq.PUSH)
        face = ours.Socket(pull)
        for number in range(200):
            await _soon(push.send(b"%d" % number))
            receiver = face if number % 3 else pull
            given_up = face.recv()
            await asyncio.sleep(0)
            given_up.cancel()
            assert await _soon(receiver.recv()) == b"%d" % number
        context.destroy(linger=0)

    asyncio.run(talk())
