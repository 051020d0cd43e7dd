# SPDX-License-Identifier: Apache-2.0
"""Clients of each pattern, of both kinds, and the servers that they reach through a fault proxy.

What a client does is written once: `do` waits for it on the calling thread, whether it blocks or is a coroutine.
"""

import asyncio
import inspect
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import experimance_zmq
from event_reader import PATIENCE
from experimance_zmq import Event, EventKind, Publisher, Puller, Replier, RetryPolicy, aio

POLICY = RetryPolicy(max_attempts=3, initial_backoff=0.01, max_backoff=0.05)


class Client(ABC):
    """A client, and the server it is for."""

    socket: Any
    server: Any

    def __init__(self, stack: ExitStack, module: Any) -> None:
        self._runner = stack.enter_context(asyncio.Runner())
        self._stack = stack
        self.open(module)
        stack.callback(lambda: self.do(self.socket.close(linger=0)))
        self.target: str = self.server.bind("tcp://127.0.0.1:*")

    def do(self, call: Any) -> Any:
        """The result of a call."""

        async def wait(awaitable: Awaitable[Any]) -> Any:
            return await awaitable

        return self._runner.run(wait(call)) if inspect.isawaitable(call) else call

    def connect(self, endpoint: str, timeout: float = PATIENCE) -> None:
        """Connects."""
        self.do(self.socket.connect(endpoint, timeout=timeout))

    def event(self, kind: EventKind) -> Event:
        """The next event of a kind."""
        while True:
            event: Event = self.do(self.socket.next_event(timeout=PATIENCE))
            if event.kind is kind:
                return event

    @abstractmethod
    def get_ready(self) -> None:
        """Waits until what is said can be heard."""

    def talk(self, payload: bytes) -> bytes:
        """Has a payload go from one to the other by a link that is good; as it has arrived."""
        self.get_ready()
        self.say(payload)
        return self.hear(PATIENCE)

    def talk_until_heard(self, payload: bytes) -> bytes:
        """The same by a link that may be about to end: what is on its way then is lost, and said once more."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.get_ready()
            self.say(payload)
            try:
                return self.hear(0.5)
            except TimeoutError:
                pass
        raise TimeoutError(f"{payload!r} was not heard")

    @abstractmethod
    def open(self, module: Any) -> None:
        """Opens the sockets."""

    @abstractmethod
    def say(self, payload: bytes) -> None:
        """Gives one side a payload for the other."""

    @abstractmethod
    def hear(self, timeout: float) -> bytes:
        """What the other side gets."""


class PushingClient(Client):
    def open(self, module: Any) -> None:
        self.server = self._stack.enter_context(Puller())
        self.socket = module.Pusher(retry=POLICY, send_hwm=0)

    def get_ready(self) -> None:
        self.do(self.socket.wait_peers(timeout=PATIENCE))

    def say(self, payload: bytes) -> None:
        self.do(self.socket.send(payload, timeout=PATIENCE))

    def hear(self, timeout: float) -> bytes:
        return bytes(self.server.recv(timeout=timeout))


class SubscribingClient(Client):
    def open(self, module: Any) -> None:
        self.server = self._stack.enter_context(Publisher())
        self.socket = module.Subscriber(retry=POLICY)
        self.socket.subscribe("topic")

    def get_ready(self) -> None:
        self.server.wait_subscribers("topic", timeout=PATIENCE)

    def say(self, payload: bytes) -> None:
        self.server.publish("topic", payload)

    def hear(self, timeout: float) -> bytes:
        topic, received = self.do(self.socket.recv(timeout=timeout))
        assert topic == "topic"
        return bytes(received)


class RequestingClient(Client):
    def open(self, module: Any) -> None:
        self.server = self._stack.enter_context(Replier())
        thread = threading.Thread(target=self._serve)
        thread.start()
        self._stack.callback(thread.join)
        self._stack.callback(self.server.close)
        self.socket = module.Requester(retry=POLICY)

    def get_ready(self) -> None:
        self.do(self.socket.wait_peers(timeout=PATIENCE))

    def _serve(self) -> None:
        for question in self.server:
            self.server.send(question)

    def say(self, payload: bytes) -> None:
        self._question = payload

    def hear(self, timeout: float) -> bytes:
        return bytes(self.do(self.socket.request(self._question, timeout=timeout, idempotent=True)))


CLIENTS: dict[str, tuple[type[Client], Any]] = {
    "Pusher": (PushingClient, experimance_zmq),
    "Subscriber": (SubscribingClient, experimance_zmq),
    "Requester": (RequestingClient, experimance_zmq),
    "aio.Pusher": (PushingClient, aio),
    "aio.Subscriber": (SubscribingClient, aio),
    "aio.Requester": (RequestingClient, aio),
}


@contextmanager
def client(name: str) -> Iterator[Client]:
    """A client with its server, which is bound."""
    kind, module = CLIENTS[name]
    with ExitStack() as stack:
        yield kind(stack, module)
