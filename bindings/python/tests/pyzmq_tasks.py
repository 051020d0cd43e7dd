# SPDX-License-Identifier: Apache-2.0
"""Coroutines as tests of `experimance_zmq.pyzmq.asyncio`: each in a process of its own whose pyzmq is on this library,
under the loop of asyncio and under that of uvloop.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import pytest
import zmq

from both_loops import LOOPS, readers
from on_backend import on_backend

PATIENCE = 20.0
T = TypeVar("T")
Socket = Any
"""What a test runs on is known in its own process alone."""


class Sockets(AsyncExitStack):
    """Makes sockets, and closes them."""

    def __init__(self) -> None:
        super().__init__()
        import experimance_zmq.pyzmq.asyncio as zmq_asyncio

        self.module: Any = zmq_asyncio
        self.context = zmq_asyncio.Context()
        self.callback(self.context.term)

    def of(self, kind: int, **options: Any) -> Socket:
        """A socket; options are those of pyzmq."""
        socket = self.context.socket(kind)
        self.callback(socket.close, linger=0)
        for name, value in options.items():
            setattr(socket, name, value)
        return socket

    def listening(self, kind: int, **options: Any) -> tuple[Socket, str]:
        """One that is bound, and where."""
        socket = self.of(kind, **options)
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        return socket, f"tcp://127.0.0.1:{port}"

    def pair(self, bound: int = zmq.PULL, connected: int = zmq.PUSH, **options: Any) -> tuple[Socket, Socket]:
        """Two that are linked."""
        first, endpoint = self.listening(bound, **options)
        second = self.of(connected, **options)
        second.connect(endpoint)
        return first, second


AsyncTest = Callable[[Sockets], Coroutine[Any, Any, None]]


def in_loops(test: AsyncTest) -> Callable[..., None]:
    """Makes a test of a coroutine function. When it ends, nothing of it may be left in the loop."""

    def run(loop: str) -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(_run(test))

    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(run, name, getattr(test, name))
    parametrized: Callable[..., None] = pytest.mark.parametrize("loop", LOOPS)(on_backend(run))
    return parametrized


async def _run(test: AsyncTest) -> None:
    async with asyncio.timeout(PATIENCE), Sockets() as sockets:
        await test(sockets)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert readers() == 0


async def until(condition: Callable[[], object]) -> None:
    """Lets others run until something is so."""
    while not condition():
        await asyncio.sleep(0)


async def soon(awaitable: Awaitable[T]) -> T:
    """What comes, or an error that says that nothing does."""
    return await asyncio.wait_for(awaitable, PATIENCE / 2)
