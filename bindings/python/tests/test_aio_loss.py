# SPDX-License-Identifier: Apache-2.0
"""Tasks that are cancelled lose no message, and keep none from others."""

import asyncio
import itertools
import random

import pytest

from both_loops import both_loops, turns
from event_reader import PATIENCE
from experimance_zmq import SocketType, aio
from limits import ends_within

_numbers = itertools.count()


@pytest.mark.parametrize("prefetch", [0, 512])
@both_loops
async def test_cancelled_receives_keep_messages_in_their_order(prefetch: int) -> None:
    dice = random.Random(prefetch)
    endpoint, count = f"inproc://order-{next(_numbers)}", 1000
    async with aio.Pusher(send_hwm=0) as pusher, aio.Puller(receive_hwm=0, prefetch=prefetch) as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        sent = 0
        received: list[int] = []
        while len(received) < count:
            task = asyncio.create_task(receive(puller, dice))
            await turns(dice.randrange(4))
            for _ in range(min(dice.randrange(4), count - sent)):
                await pusher.send(b"%d" % sent)
                sent += 1
            await turns(dice.randrange(4))
            if sent < count:
                task.cancel()
            # A task that has its message when it is cancelled must return it, or leave it there.
            result = (await asyncio.gather(task, return_exceptions=True))[0]
            if not isinstance(result, BaseException):
                received += result
        assert received == list(range(count))
        assert puller.stats.messages_received == count


async def receive(puller: aio.Puller, dice: random.Random) -> list[int]:
    match dice.randrange(4):
        case 0:
            return [int(await puller.recv())]
        case 1:
            return [int(await puller.recv(timeout=PATIENCE))]
        case 2:
            return list(map(int, await puller.recv_many(dice.randrange(1, 4))))
        case _:
            return [int(await anext(puller))]


@pytest.mark.parametrize("prefetch", [0, 512])
@both_loops
async def test_cancelled_task_passes_its_message_on(prefetch: int) -> None:
    """Of tasks that wait, those that were woken are cancelled before they run."""
    endpoint = f"inproc://pass-{next(_numbers)}"
    async with aio.Pusher() as pusher, aio.Puller(prefetch=prefetch) as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        for steps in range(5):
            tasks = [asyncio.create_task(puller.recv(timeout=PATIENCE)) for _ in range(4)]
            await turns(3)
            await pusher.send(b"1")
            await pusher.send(b"2")
            await turns(steps)
            cancelled = sum(task.cancel() for task in tasks[:2])
            with ends_within(PATIENCE / 4):
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                results: list[bytes] = []
                while len(results) < 2:
                    done, _ = await asyncio.wait(tasks, timeout=0)
                    results = [task.result() for task in done if not task.cancelled()]
                    await asyncio.sleep(0)
            assert sorted(results) == [b"1", b"2"]
            assert sum(task.cancelled() for task in tasks) == cancelled
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


@both_loops
async def test_task_cancelled_in_its_turn_passes_its_message_on() -> None:
    """It has fetched the message for another one that waits, and is cancelled before it takes it."""
    endpoint = f"inproc://turn-{next(_numbers)}"
    async with aio.Pusher() as pusher, aio.Puller() as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        waiting = asyncio.create_task(puller.recv(timeout=PATIENCE))
        await turns(3)
        await pusher.send(b"for whoever stays")
        polling = puller.recv(timeout=0)
        polling.send(None)
        with pytest.raises(asyncio.CancelledError):
            polling.throw(asyncio.CancelledError())
        with ends_within(PATIENCE / 4):
            assert await waiting == b"for whoever stays"


@pytest.mark.parametrize("steps", range(6))
@both_loops
async def test_cancelled_receive_of_parts_that_are_here_loses_none(steps: int) -> None:
    """Nothing is awaited with the message in hand."""
    endpoint = f"inproc://parts-{next(_numbers)}"
    async with aio.Socket(SocketType.PUSH) as pusher, aio.Socket(SocketType.PULL) as puller:
        await puller.bind(endpoint)
        await pusher.connect(endpoint)
        await pusher.send_parts([b"two", b"parts"])
        task = asyncio.create_task(puller.recv_parts(timeout=PATIENCE))
        await turns(steps)
        parts = await puller.recv_parts(timeout=PATIENCE) if task.cancel() else task.result()
        assert parts == [b"two", b"parts"]
        await asyncio.wait([task])


@pytest.mark.parametrize("steps", range(4))
@both_loops
async def test_cancelled_wait_for_an_event_that_is_here_loses_none(steps: int) -> None:
    async with aio.Puller() as puller:
        endpoint = await puller.bind(f"inproc://event-{next(_numbers)}")
        task = asyncio.create_task(puller.next_event(timeout=PATIENCE))
        await turns(steps)
        event = await puller.next_event(timeout=PATIENCE) if task.cancel() else task.result()
        assert event.endpoint == endpoint
        await asyncio.wait([task])


@both_loops
async def test_cancelled_send_is_not_sent(tcp: str) -> None:
    async with aio.Pusher() as pusher, aio.Puller() as puller:
        endpoint = await pusher.bind(tcp)
        for steps in (0, 1, 3, 1000):
            sending = asyncio.create_task(pusher.send(b"cancelled", timeout=PATIENCE))
            await turns(steps)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
        await puller.connect(endpoint, timeout=PATIENCE)
        await pusher.send(b"sent", timeout=PATIENCE)
        assert await puller.recv(timeout=PATIENCE) == b"sent"
        assert pusher.stats.messages_sent == 1


@both_loops
async def test_cancelled_wait_for_an_event_keeps_it(tcp: str) -> None:
    async with aio.Puller() as puller:
        waiting = asyncio.create_task(puller.next_event(timeout=PATIENCE))
        await turns(100)
        waiting.cancel()
        await puller.bind(tcp)
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await puller.next_event(timeout=PATIENCE)).endpoint == puller.endpoint
