# SPDX-License-Identifier: Apache-2.0
"""The same works, written with pyzmq as its users write them."""

import asyncio
import json as standard_json
from typing import Any

import numpy
import zmq
import zmq.asyncio

from .measuring import Measuring, run_task

ANY = "tcp://127.0.0.1:*"


def _bound(context: "zmq.Context[zmq.Socket[bytes]]", kind: int) -> tuple["zmq.Socket[bytes]", str]:
    socket = context.socket(kind)
    socket.linger = 0
    socket.bind(ANY)
    return socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)


def recv(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PULL)
        with socket:
            measuring.peer("feed", endpoint)

            def work(count: int) -> None:
                receive = socket.recv
                for _ in range(count):
                    receive()

            measuring(work)


#: pyzmq has no other way to receive several.
recv_loop = recv_many = recv


def send(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PUSH)
        with socket:
            measuring.peer("drain", endpoint)
            data = b"x" * measuring.size

            def work(count: int) -> None:
                send = socket.send
                for _ in range(count):
                    send(data)

            measuring(work)


def recv_parts(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PULL)
        with socket:
            measuring.peer("feed-parts", endpoint)

            def work(count: int) -> None:
                receive = socket.recv_multipart
                for _ in range(count):
                    receive()

            measuring(work)


recv_parts_one_by_one = recv_parts


def send_parts(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PUSH)
        with socket:
            measuring.peer("drain", endpoint)
            data = b"x" * measuring.size

            def work(count: int) -> None:
                send = socket.send_multipart
                for _ in range(count):
                    send([data, data])

            measuring(work)


def recv_array(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PULL)
        with socket:
            measuring.peer("feed", endpoint)

            def work(count: int) -> None:
                for _ in range(count):
                    numpy.frombuffer(socket.recv(copy=False).buffer, dtype="uint8")

            measuring(work)


def send_array(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.PUSH)
        with socket:
            measuring.peer("drain", endpoint)
            array: Any = numpy.ones(measuring.size, dtype="uint8")

            def work(count: int) -> None:
                for _ in range(count):
                    socket.send(array, copy=False)

            measuring(work)


#: Nor to send several.
send_many = send


def json(measuring: Measuring) -> None:
    with zmq.Context() as context:
        puller, source = _bound(context, zmq.PULL)
        pusher, sink = _bound(context, zmq.PUSH)
        with puller, pusher:
            measuring.peer("feed-json", source)
            measuring.peer("drain", sink)

            def work(count: int) -> None:
                for _ in range(count):
                    if not puller.poll(1000):
                        raise TimeoutError
                    value = standard_json.loads(puller.recv_string())
                    pusher.send_string(standard_json.dumps(value))

            measuring(work)


def round_trip(measuring: Measuring) -> None:
    with zmq.Context() as context:
        socket, endpoint = _bound(context, zmq.REQ)
        with socket:
            measuring.peer("echo", endpoint)
            data = b"x" * measuring.size

            def ask() -> None:
                socket.send(data)
                socket.recv()

            measuring.round_trips(ask)


def _bound_async(context: zmq.asyncio.Context, kind: int) -> tuple[zmq.asyncio.Socket, str]:
    socket = context.socket(kind)
    socket.linger = 0
    socket.bind(ANY)
    return socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)


@run_task
async def aio_recv(measuring: Measuring) -> None:
    with zmq.asyncio.Context() as context:
        socket, endpoint = _bound_async(context, zmq.PULL)
        with socket:
            measuring.peer("feed", endpoint)

            async def work(count: int) -> None:
                for _ in range(count):
                    await socket.recv()

            await measuring.of_task(work)


aio_loop = aio_recv


@run_task
async def aio_send(measuring: Measuring) -> None:
    with zmq.asyncio.Context() as context:
        socket, endpoint = _bound_async(context, zmq.PUSH)
        with socket:
            measuring.peer("drain", endpoint)
            data = b"x" * measuring.size

            async def work(count: int) -> None:
                for _ in range(count):
                    await socket.send(data)

            await measuring.of_task(work)


@run_task
async def aio_recv_parts(measuring: Measuring) -> None:
    with zmq.asyncio.Context() as context:
        socket, endpoint = _bound_async(context, zmq.PULL)
        with socket:
            measuring.peer("feed-parts", endpoint)

            async def work(count: int) -> None:
                for _ in range(count):
                    await socket.recv_multipart()

            await measuring.of_task(work)


@run_task
async def aio_send_parts(measuring: Measuring) -> None:
    with zmq.asyncio.Context() as context:
        socket, endpoint = _bound_async(context, zmq.PUSH)
        with socket:
            measuring.peer("drain", endpoint)
            data = b"x" * measuring.size

            async def work(count: int) -> None:
                for _ in range(count):
                    await socket.send_multipart([data, data])

            await measuring.of_task(work)


@run_task
async def aio_json(measuring: Measuring) -> None:
    with zmq.asyncio.Context() as context:
        puller, source = _bound_async(context, zmq.PULL)
        pusher, sink = _bound_async(context, zmq.PUSH)
        with puller, pusher:
            measuring.peer("feed-json", source)
            measuring.peer("drain", sink)

            async def work(count: int) -> None:
                for _ in range(count):
                    text = await asyncio.wait_for(puller.recv_string(), 1)
                    value = standard_json.loads(text)
                    await pusher.send_string(standard_json.dumps(value))

            await measuring.of_task(work)
