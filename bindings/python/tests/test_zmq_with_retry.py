# SPDX-License-Identifier: Apache-2.0
"""The old classes with the old retries: services that start after those who need them."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq.connection_retry import async_retry_with_backoff, retry_with_backoff
from experimance_zmq.zmq_utils import (
    ZmqException,
    ZmqPublisher,
    ZmqPullSocket,
    ZmqPushSocket,
    ZmqSubscriber,
    ZmqTimeoutError,
)
from reserved_port import ReservedPort

QUICK: dict[str, Any] = {"max_retries": 50, "initial_backoff": 0.001, "max_backoff": 0.01}


class StartsLate:
    """An `on_retry` that starts the other side after the second failure."""

    def __init__(self, start: Any) -> None:
        self._start = start
        self.errors: list[Exception] = []

    def __call__(self, error: Exception, number: int, delay: float) -> None:
        self.errors.append(error)
        assert number == len(self.errors)
        if number == 2:
            self._start()


def start_publisher(stack: contextlib.ExitStack, endpoint: str) -> None:
    publisher = stack.enter_context(ZmqPublisher(endpoint, "late"))
    publisher.socket.wait_subscribers("late", timeout=PATIENCE)
    assert publisher.publish({"number": 1})


def start_pusher(stack: contextlib.ExitStack, endpoint: str) -> None:
    pusher = stack.enter_context(ZmqPushSocket(endpoint))
    pusher.socket.wait_peers(timeout=PATIENCE)
    assert pusher.push({"number": 1})


@pytest.fixture
def stack() -> Iterator[contextlib.ExitStack]:
    """Closes what a test has started."""
    with contextlib.ExitStack() as stack:
        yield stack


def test_late_publisher(stack: contextlib.ExitStack, reserved_port: ReservedPort) -> None:
    late = StartsLate(lambda: start_publisher(stack, reserved_port.endpoint))
    with ZmqSubscriber(reserved_port.endpoint, ["late"], use_asyncio=False) as subscriber:
        received = retry_with_backoff(subscriber.receive, exceptions=(ZmqTimeoutError,), on_retry=late, **QUICK)
    assert received == ("late", {"number": 1})
    assert len(late.errors) >= 2


async def test_late_publisher_in_asyncio(stack: contextlib.ExitStack, reserved_port: ReservedPort) -> None:
    late = StartsLate(lambda: start_publisher(stack, reserved_port.endpoint))
    with ZmqSubscriber(reserved_port.endpoint, ["late"]) as subscriber:
        received = await async_retry_with_backoff(
            subscriber.receive_async, exceptions=(ZmqTimeoutError,), on_retry=late, **QUICK
        )
    assert received == ("late", {"number": 1})
    assert len(late.errors) >= 2


def test_late_pusher(stack: contextlib.ExitStack, reserved_port: ReservedPort) -> None:
    late = StartsLate(lambda: start_pusher(stack, reserved_port.endpoint))
    with ZmqPullSocket(reserved_port.endpoint, use_asyncio=False) as puller:
        received = retry_with_backoff(puller.pull, exceptions=(ZmqTimeoutError,), on_retry=late, **QUICK)
    assert received == {"number": 1}
    assert len(late.errors) >= 2


async def test_late_pusher_in_asyncio(stack: contextlib.ExitStack, reserved_port: ReservedPort) -> None:
    late = StartsLate(lambda: start_pusher(stack, reserved_port.endpoint))
    with ZmqPullSocket(reserved_port.endpoint) as puller:
        received = await async_retry_with_backoff(
            puller.pull_async, exceptions=(ZmqTimeoutError,), on_retry=late, **QUICK
        )
    assert received == {"number": 1}
    assert len(late.errors) >= 2


class NotTakenError(Exception):
    """A push was answered with False."""


def test_late_puller(stack: contextlib.ExitStack, tcp: str) -> None:
    with ZmqPushSocket(tcp, use_asyncio=False) as pusher:

        def push() -> None:
            if not pusher.push({"number": 1}):
                raise NotTakenError

        late = StartsLate(lambda: pullers.append(stack.enter_context(ZmqPullSocket(pusher.socket.endpoint))))
        pullers: list[ZmqPullSocket] = []
        retry_with_backoff(push, exceptions=(NotTakenError,), on_retry=late, **QUICK)
        assert pullers[0].pull() == {"number": 1}


async def test_late_puller_in_asyncio(stack: contextlib.ExitStack, tcp: str) -> None:
    with ZmqPushSocket(tcp) as pusher:

        async def push() -> None:
            if not await pusher.push_async({"number": 1}):
                raise NotTakenError

        late = StartsLate(lambda: pullers.append(stack.enter_context(ZmqPullSocket(pusher.socket.endpoint))))
        pullers: list[ZmqPullSocket] = []
        await async_retry_with_backoff(push, exceptions=(NotTakenError,), on_retry=late, **QUICK)
        assert await pullers[0].pull_async() == {"number": 1}


def test_constructor_is_tried_again_until_the_address_is_free(tcp: str) -> None:
    holder = ZmqPublisher(tcp)
    endpoint = holder.socket.endpoint
    late = StartsLate(holder.close)
    with retry_with_backoff(lambda: ZmqPublisher(endpoint), exceptions=(ZmqException,), on_retry=late, **QUICK) as new:
        assert new.socket.endpoint == endpoint
    assert len(late.errors) >= 2
    assert all(type(error) is ZmqException for error in late.errors)


def test_retries_end_with_the_last_timeout(reserved_port: ReservedPort) -> None:
    with ZmqSubscriber(reserved_port.endpoint, "late") as subscriber:
        errors: list[Exception] = []
        with pytest.raises(ZmqTimeoutError):
            retry_with_backoff(
                subscriber.receive, 1, 0.001, exceptions=(ZmqTimeoutError,), on_retry=lambda e, n, d: errors.append(e)
            )
    assert len(errors) == 1


def test_closed_socket_is_not_tried_again(reserved_port: ReservedPort) -> None:
    subscriber = ZmqSubscriber(reserved_port.endpoint, "late")
    subscriber.close()
    calls: list[int] = []

    def receive() -> Any:
        calls.append(1)
        return subscriber.receive()

    with pytest.raises(ZmqException, match="closed"):
        retry_with_backoff(receive, exceptions=(ZmqTimeoutError,))
    assert len(calls) == 1
