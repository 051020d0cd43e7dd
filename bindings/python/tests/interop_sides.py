# SPDX-License-Identifier: Apache-2.0
"""Both sides of a link between this library and pyzmq, whether they block or not, with the same methods."""

import asyncio
from collections.abc import Callable
from typing import Any

import zmq
import zmq.asyncio

import experimance_zmq
from event_reader import PATIENCE
from experimance_zmq import SocketType, aio


class Side:
    """A socket of either library. What blocks does so on a thread."""

    def __init__(self, socket: Any, is_async: bool) -> None:
        self.socket = socket
        self.is_async = is_async

    async def do(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        """Calls a method of the socket, and waits for it."""
        if self.is_async:
            return await function(*arguments, **named)
        return await asyncio.to_thread(function, *arguments, **named)


class Ours(Side):
    """A socket of this library."""

    @classmethod
    def of_role(cls, role: str, is_async: bool, **options: Any) -> "Ours":
        """One of the classes for a pattern."""
        return cls(getattr(aio if is_async else experimance_zmq, role)(**options), is_async)

    @classmethod
    def of_type(cls, kind: SocketType, is_async: bool, **options: Any) -> "Ours":
        """The class for all types."""
        return cls((aio if is_async else experimance_zmq).Socket(kind, **options), is_async)

    async def send(self, *parts: bytes) -> None:
        """Sends a message."""
        if len(parts) == 1:
            await self.do(self.socket.send, parts[0], timeout=PATIENCE)
        else:
            await self.do(self.socket.send_parts, parts, timeout=PATIENCE)

    async def receive(self) -> Any:
        """Receives a message: one part, a topic and a payload, or several parts, as the class does."""
        takes_parts = isinstance(self.socket, (experimance_zmq.Socket, aio.Socket))
        receive = self.socket.recv_parts if takes_parts else self.socket.recv
        return await self.do(receive, timeout=PATIENCE)

    async def close(self) -> None:
        """Closes the socket."""
        await self.do(self.socket.close, linger=0)


class Theirs(Side):
    """A socket of pyzmq."""

    def __init__(self, kind: int, is_async: bool, **options: bytes) -> None:
        self.context = zmq.asyncio.Context() if is_async else zmq.Context()
        super().__init__(self.context.socket(kind), is_async)
        self.socket.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        self.socket.setsockopt(zmq.SNDTIMEO, int(PATIENCE * 1000))
        for name, value in options.items():
            self.socket.setsockopt(getattr(zmq, name), value)

    async def send(self, *parts: bytes) -> None:
        """Sends a message."""
        await self.do(self.socket.send_multipart, parts)

    async def receive(self) -> list[bytes]:
        """Receives a message."""
        parts: list[bytes] = await self.do(self.socket.recv_multipart)
        return parts

    def close(self) -> None:
        """Closes the socket and its context."""
        self.context.destroy(linger=0)


async def link(ours: Ours, theirs: Theirs, endpoint: str, we_bind: bool) -> None:
    """Links both; one of them binds."""
    if we_bind:
        theirs.socket.connect(await ours.do(ours.socket.bind, endpoint))
    else:
        theirs.socket.bind(endpoint)
        real = theirs.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        await ours.do(ours.socket.connect, real, timeout=PATIENCE)
