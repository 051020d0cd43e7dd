# SPDX-License-Identifier: Apache-2.0
"""door.py blocking|asyncio: the two Python doors of the matrix. Answers lines of standard input as door.c does."""

import asyncio
import inspect
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import experimance_zmq
from experimance_zmq import Proxy, Puller, Pusher, RetryPolicy, ZMQSocketError, aio

TOPIC = "topic"
CLASSES = {
    "pub": "Publisher",
    "sub": "Subscriber",
    "push": "Pusher",
    "pull": "Puller",
    "req": "Requester",
    "proxy": "Pusher",
}
POLICY = RetryPolicy(max_attempts=0, initial_backoff=0.01, max_backoff=0.05)


class Door:
    """The one socket, of either family: what its methods give may have to be awaited."""

    def __init__(self, family: Any) -> None:
        self.family = family
        self.socket: Any = None
        # Where that is the back of a proxy: the proxy, its front, and what is sent through it comes from.
        self.proxy: Proxy | None = None
        self.front: Puller | None = None
        self.feeder: Pusher | None = None

    def open(self, kind: str) -> None:
        self.end_proxy()
        self.socket = getattr(self.family, CLASSES[kind])(retry=POLICY)
        if kind == "proxy":
            self.front, self.feeder = Puller(), Pusher()
            self.feeder.connect(self.front.bind("tcp://127.0.0.1:*"), timeout=10)
            self.proxy = Proxy(self.front, self.socket)

    def end_proxy(self) -> None:
        for each in (self.proxy, self.front, self.feeder):
            if each is not None:
                each.close()
        self.proxy = self.front = self.feeder = None

    def proxied(self) -> Proxy:
        assert self.proxy
        return self.proxy

    def call(self, verb: str, argument: str, timeout: float) -> Any:
        """Makes a call; what came of it, or what gives that when it is awaited."""
        calls: dict[str, Callable[[], Any]] = {
            "open": lambda: self.open(argument),
            "bind": lambda: self.socket.bind(argument, timeout=timeout),
            "connect": lambda: self.socket.connect(argument, timeout=timeout),
            "connect_later": lambda: self.socket.connect(argument, background=True),
            "disconnect": lambda: self.socket.disconnect(argument),
            "subscribe": lambda: self.socket.subscribe(argument),
            "send": lambda: (self.feeder or self.socket).send(argument.encode(), timeout=timeout),
            "recv": lambda: self.socket.recv(timeout=timeout),
            "publish": lambda: self.socket.publish(TOPIC, argument.encode(), timeout=timeout),
            "wait_subscribers": lambda: self.socket.wait_subscribers(argument, 1, timeout=timeout),
            "wait_subscribed": lambda: self.socket.wait_subscribed(timeout=timeout),
            "wait_peers": lambda: self.socket.wait_peers(1, timeout=timeout),
            "request": lambda: self.socket.request(argument.encode(), timeout=timeout),
            "close": lambda: self.socket.close(linger=timeout),
            "pause": lambda: self.proxied().pause(timeout=timeout),
            "resume": lambda: self.proxied().resume(),
            "end": lambda: self.proxied().close(timeout=timeout),
        }
        return calls[verb]()


def as_bytes(result: Any) -> bytes:
    """What a call gave; of what was published, the payload."""
    if isinstance(result, tuple):
        result = result[-1]
    return result.encode() if isinstance(result, str) else result if isinstance(result, bytes) else b""


@contextmanager
def answering() -> Iterator[list[Any]]:
    """Times what is done in its block, and writes the answer: of what the block puts into the list, or its failure."""
    results: list[Any] = [None]
    status = "EXZ_OK"
    began = time.monotonic()
    try:
        yield results
    except ZMQSocketError as error:
        status = f"EXZ_ERR_{error.status.name}"
    took = (time.monotonic() - began) * 1000
    print(json.dumps({"status": status, "ms": round(took, 3), "bytes": as_bytes(results[0]).hex()}), flush=True)


def fields(line: str) -> tuple[str, str, float]:
    verb, argument, milliseconds = line.rstrip("\n").split("\t")
    return verb, argument, int(milliseconds) / 1000


def run() -> None:
    door = Door(experimance_zmq)
    for line in sys.stdin:
        with answering() as results:
            results[0] = door.call(*fields(line))
    door.end_proxy()


async def run_async() -> None:
    door = Door(aio)
    while line := await asyncio.to_thread(sys.stdin.readline):
        call = fields(line)
        with answering() as results:
            result = door.call(*call)
            results[0] = await result if isinstance(result, Awaitable) else result
    door.end_proxy()
    if inspect.isawaitable(ended := door.socket.close(linger=0)):
        await ended


if __name__ == "__main__":
    if sys.argv[1:] == ["asyncio"]:
        asyncio.run(run_async())
    else:
        run()
