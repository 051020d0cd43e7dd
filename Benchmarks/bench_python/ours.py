# SPDX-License-Identifier: Apache-2.0
"""The works, written with this package."""

from typing import Any, cast

import numpy

from experimance_zmq import Puller, Pusher, Requester, aio

from .measuring import BATCH, Measuring, run_task

ANY = "tcp://127.0.0.1:*"


def recv(measuring: Measuring) -> None:
    with Puller() as puller:
        measuring.peer("feed", puller.bind(ANY))

        def work(count: int) -> None:
            receive = puller.recv
            for _ in range(count):
                receive()

        measuring(work)


def recv_loop(measuring: Measuring) -> None:
    with Puller() as puller:
        measuring.peer("feed", puller.bind(ANY))

        def work(count: int) -> None:
            for _, _message in zip(range(count), puller, strict=False):
                pass

        measuring(work)


def recv_many(measuring: Measuring) -> None:
    with Puller() as puller:
        measuring.peer("feed", puller.bind(ANY))

        def work(count: int) -> None:
            while count > 0:
                count -= len(puller.recv_many(count))

        measuring(work)


def send(measuring: Measuring) -> None:
    with Pusher(linger=0) as pusher:
        measuring.peer("drain", pusher.bind(ANY))
        data = b"x" * measuring.size
        pusher.wait_peers(timeout=10)

        def work(count: int) -> None:
            send = pusher.send
            for _ in range(count):
                send(data)

        measuring(work)


def recv_parts(measuring: Measuring) -> None:
    with Puller() as puller:
        measuring.peer("feed-parts", puller.bind(ANY))

        def work(count: int) -> None:
            receive = puller.recv_parts
            for _ in range(count):
                receive()

        measuring(work)


def recv_parts_one_by_one(measuring: Measuring) -> None:
    with Puller(prefetch=0) as puller:
        measuring.peer("feed-parts", puller.bind(ANY))

        def work(count: int) -> None:
            receive = puller.recv_parts
            for _ in range(count):
                receive()

        measuring(work)


def send_parts(measuring: Measuring) -> None:
    with Pusher(linger=0) as pusher:
        measuring.peer("drain", pusher.bind(ANY))
        data = b"x" * measuring.size
        pusher.wait_peers(timeout=10)

        def work(count: int) -> None:
            send = pusher.send_parts
            for _ in range(count):
                send([data, data])

        measuring(work)


def recv_array(measuring: Measuring) -> None:
    with Puller() as puller:
        measuring.peer("feed", puller.bind(ANY))

        def work(count: int) -> None:
            for _ in range(count):
                # Its types do not know other buffers before Python 3.12.
                numpy.frombuffer(cast("Any", puller.recv(copy=False)), dtype="uint8")

        measuring(work)


def send_array(measuring: Measuring) -> None:
    with Pusher(linger=0) as pusher:
        measuring.peer("drain", pusher.bind(ANY))
        array = numpy.ones(measuring.size, dtype="uint8")
        pusher.wait_peers(timeout=10)

        def work(count: int) -> None:
            for _ in range(count):
                pusher.send(array, copy=False)

        measuring(work)


def send_many(measuring: Measuring) -> None:
    with Pusher(linger=0) as pusher:
        measuring.peer("drain", pusher.bind(ANY))
        batch = [b"x" * measuring.size] * BATCH
        pusher.wait_peers(timeout=10)

        def work(count: int) -> None:
            for _ in range(count // BATCH):
                pusher.send_many(batch)

        measuring(work)


def json(measuring: Measuring) -> None:
    with Puller() as puller, Pusher(linger=0) as pusher:
        measuring.peer("feed-json", puller.bind(ANY))
        measuring.peer("drain", pusher.bind(ANY))
        pusher.wait_peers(timeout=10)

        def work(count: int) -> None:
            for _ in range(count):
                pusher.send_json(puller.recv_json(timeout=1))

        measuring(work)


def round_trip(measuring: Measuring) -> None:
    with Requester(linger=0) as requester:
        measuring.peer("echo", requester.bind(ANY))
        requester.wait_peers(timeout=10)
        data = b"x" * measuring.size
        measuring.round_trips(lambda: requester.request(data))


@run_task
async def aio_recv(measuring: Measuring) -> None:
    async with aio.Puller() as puller:
        measuring.peer("feed", await puller.bind(ANY))

        async def work(count: int) -> None:
            for _ in range(count):
                await puller.recv()

        await measuring.of_task(work)


@run_task
async def aio_loop(measuring: Measuring) -> None:
    async with aio.Puller() as puller:
        measuring.peer("feed", await puller.bind(ANY))

        async def work(count: int) -> None:
            async for _ in puller:
                count -= 1
                if not count:
                    break

        await measuring.of_task(work)


@run_task
async def aio_send(measuring: Measuring) -> None:
    async with aio.Pusher(linger=0) as pusher:
        measuring.peer("drain", await pusher.bind(ANY))
        data = b"x" * measuring.size
        await pusher.wait_peers(timeout=10)

        async def work(count: int) -> None:
            for _ in range(count):
                await pusher.send(data)

        await measuring.of_task(work)


@run_task
async def aio_recv_parts(measuring: Measuring) -> None:
    async with aio.Puller() as puller:
        measuring.peer("feed-parts", await puller.bind(ANY))

        async def work(count: int) -> None:
            for _ in range(count):
                await puller.recv_parts()

        await measuring.of_task(work)


@run_task
async def aio_send_parts(measuring: Measuring) -> None:
    async with aio.Pusher(linger=0) as pusher:
        measuring.peer("drain", await pusher.bind(ANY))
        data = b"x" * measuring.size
        await pusher.wait_peers(timeout=10)

        async def work(count: int) -> None:
            for _ in range(count):
                await pusher.send_parts([data, data])

        await measuring.of_task(work)


@run_task
async def aio_json(measuring: Measuring) -> None:
    async with aio.Puller() as puller, aio.Pusher(linger=0) as pusher:
        measuring.peer("feed-json", await puller.bind(ANY))
        measuring.peer("drain", await pusher.bind(ANY))
        await pusher.wait_peers(timeout=10)

        async def work(count: int) -> None:
            for _ in range(count):
                await pusher.send_json(await puller.recv_json(timeout=1))

        await measuring.of_task(work)
