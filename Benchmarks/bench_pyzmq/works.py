# SPDX-License-Identifier: Apache-2.0
"""The works, as pyzmq's users write them. What is behind `zmq` the environment says, and which module is asyncio's."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from statistics import median
from time import perf_counter
from typing import Any

import zmq

from bench_python.measuring import Measuring, run_task

ANY = "tcp://127.0.0.1:*"
_PAIRS = 50


@contextmanager
def _bound(module: Any, kind: int) -> Iterator[tuple[Any, str]]:
    with module.Context() as context, context.socket(kind) as socket:
        socket.linger = 0
        socket.bind(ANY)
        yield socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)


def asyncio_of_zmq() -> Any:
    return import_module(os.environ["EXZ_BENCH_ASYNCIO"])


def recv(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PULL) as (socket, endpoint):
        measuring.peer("feed", endpoint)

        def work(count: int) -> None:
            receive = socket.recv
            for _ in range(count):
                receive()

        measuring(work)


def send(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PUSH) as (socket, endpoint):
        measuring.peer("drain", endpoint)
        data = b"x" * measuring.size

        def work(count: int) -> None:
            send = socket.send
            for _ in range(count):
                send(data)

        measuring(work)


def recv_parts(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PULL) as (socket, endpoint):
        measuring.peer("feed-parts", endpoint)

        def work(count: int) -> None:
            receive = socket.recv_multipart
            for _ in range(count):
                receive()

        measuring(work)


def send_parts(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PUSH) as (socket, endpoint):
        measuring.peer("drain", endpoint)
        parts = [b"x" * measuring.size] * 2

        def work(count: int) -> None:
            send = socket.send_multipart
            for _ in range(count):
                send(parts)

        measuring(work)


def recv_frame(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PULL) as (socket, endpoint):
        measuring.peer("feed", endpoint)

        def work(count: int) -> None:
            for _ in range(count):
                assert len(socket.recv(copy=False).buffer) == measuring.size

        measuring(work)


def send_frame(measuring: Measuring) -> None:
    with _bound(zmq, zmq.PUSH) as (socket, endpoint):
        measuring.peer("drain", endpoint)
        data = bytearray(measuring.size)

        def work(count: int) -> None:
            for _ in range(count):
                socket.send(data, copy=False)

        measuring(work)


def close(measuring: Measuring) -> None:
    """Both ends of a link over which a message has gone, in the same process."""
    times = []
    with zmq.Context() as context:
        for _ in range(_PAIRS):
            pusher, puller = context.socket(zmq.PUSH), context.socket(zmq.PULL)
            pusher.bind(ANY)
            puller.connect(pusher.getsockopt_string(zmq.LAST_ENDPOINT))
            pusher.send(b"x")
            puller.recv()
            start = perf_counter()
            pusher.close()
            puller.close()
            times.append(perf_counter() - start)
    measuring.wall_us = measuring.cpu_us = median(times) * 1e6


@run_task
async def aio_recv(measuring: Measuring) -> None:
    with _bound(asyncio_of_zmq(), zmq.PULL) as (socket, endpoint):
        measuring.peer("feed", endpoint)

        async def work(count: int) -> None:
            for _ in range(count):
                await socket.recv()

        await measuring.of_task(work)


@run_task
async def aio_send(measuring: Measuring) -> None:
    with _bound(asyncio_of_zmq(), zmq.PUSH) as (socket, endpoint):
        measuring.peer("drain", endpoint)
        data = b"x" * measuring.size

        async def work(count: int) -> None:
            for _ in range(count):
                await socket.send(data)

        await measuring.of_task(work)


@run_task
async def aio_wait_for(measuring: Measuring) -> None:
    with _bound(asyncio_of_zmq(), zmq.PULL) as (socket, endpoint):
        measuring.peer("feed", endpoint)

        async def work(count: int) -> None:
            for _ in range(count):
                await asyncio.wait_for(socket.recv_string(), 1)

        await measuring.of_task(work)
