# SPDX-License-Identifier: Apache-2.0
"""Retries under the old names, around plain sockets and simulated failures."""

import asyncio
import contextlib
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import zmq

from event_reader import PATIENCE
from experimance_zmq import Backoff, Jitter, RetryPolicy, ZMQInvalidError
from experimance_zmq.connection_retry import async_retry_with_backoff, retry_with_backoff
from foreign_sockets import MakeForeign
from limits import ends_within
from reserved_port import ReservedPort

Retry = Callable[..., Any]


def retry_blocking(func: Callable[[], Any], *arguments: Any, **named: Any) -> Any:
    return retry_with_backoff(func, *arguments, **named)


def retry_in_loop(func: Callable[[], Any], *arguments: Any, **named: Any) -> Any:
    async def call() -> Any:
        return func()

    return asyncio.run(async_retry_with_backoff(call, *arguments, **named))


@pytest.fixture(params=[retry_blocking, retry_in_loop], ids=["sync", "asyncio"])
def retry(request: pytest.FixtureRequest) -> Retry:
    """The function under test; both take a plain function here."""
    function: Retry = request.param
    return function


class Failing:
    """Fails this often, then succeeds."""

    def __init__(self, failures: int, error: type[Exception] = ConnectionError) -> None:
        self._failures = failures
        self._error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error(f"call {self.calls}")
        return "success"


class Retries:
    """Notes what `on_retry` is told."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, int, float]] = []

    def __call__(self, error: Exception, number: int, delay: float) -> None:
        self.notes.append((str(error), number, delay))

    @property
    def delays(self) -> list[float]:
        return [delay for _, _, delay in self.notes]


@pytest.mark.parametrize("failures", [0, 1, 3])
def test_succeeds_after_failures(failures: int, retry: Retry) -> None:
    function, retries = Failing(failures), Retries()
    assert retry(function, initial_backoff=0.001, jitter=False, on_retry=retries) == "success"
    assert function.calls == failures + 1
    assert retries.notes == [(f"call {n + 1}", n + 1, 0.001 * 2**n) for n in range(failures)]


def test_last_exception_is_raised_when_no_retry_is_left(retry: Retry) -> None:
    function, retries = Failing(100), Retries()
    with pytest.raises(ConnectionError, match="call 4"):
        retry(function, max_retries=3, initial_backoff=0.001, on_retry=retries)
    assert function.calls == 4
    assert [number for _, number, _ in retries.notes] == [1, 2, 3]


def test_five_retries_are_the_default(retry: Retry) -> None:
    function = Failing(100)
    with pytest.raises(ConnectionError):
        retry(function, initial_backoff=0.001)
    assert function.calls == 6


def test_no_retries_is_one_call(retry: Retry) -> None:
    function, retries = Failing(1), Retries()
    with pytest.raises(ConnectionError):
        retry(function, 0, on_retry=retries)
    assert (function.calls, retries.notes) == (1, [])


def test_only_the_chosen_exceptions_are_tried_again(retry: Retry) -> None:
    function = Failing(2, KeyError)
    with pytest.raises(KeyError):
        retry(function, initial_backoff=0.001, exceptions=(OSError, ValueError))
    assert function.calls == 1
    assert retry(function, initial_backoff=0.001, exceptions=(OSError, LookupError)) == "success"


def test_delays_are_those_of_the_policy(retry: Retry) -> None:
    retries = Retries()
    with pytest.raises(ConnectionError):
        retry(Failing(100), 5, 0.002, 0.03, 3.0, False, (Exception,), retries)
    policy = RetryPolicy(initial_backoff=0.002, max_backoff=0.03, multiplier=3.0, jitter=Jitter.NONE)
    with Backoff(policy) as backoff:
        assert retries.delays == list(backoff) == [0.002, 0.006, 0.018, 0.03, 0.03]


def test_cap_below_the_first_delay(retry: Retry) -> None:
    retries = Retries()
    assert retry(Failing(2), initial_backoff=1.0, max_backoff=0.001, jitter=False, on_retry=retries) == "success"
    assert retries.delays == [0.001, 0.001]


def test_jitter_spreads_the_delays(retry: Retry) -> None:
    retries = Retries()
    with pytest.raises(ConnectionError):
        retry(Failing(100), 20, 0.01, 0.01, on_retry=retries)
    assert len(set(retries.delays)) > 1
    assert all(0.005 <= delay <= 0.01 for delay in retries.delays)


def test_delays_are_waited_for(retry: Retry) -> None:
    retries = Retries()
    clock = Clock()
    with pytest.raises(ConnectionError):
        retry(lambda: clock.note(ConnectionError()), 3, 0.02, on_retry=retries)
    # The clocks of the waits have steps, so let them be off by one.
    assert all(waited >= delay - 0.001 for waited, delay in zip(clock.between, retries.delays, strict=True))


class Clock:
    """Notes when it is called."""

    def __init__(self) -> None:
        self._times: list[int] = []

    def note(self, error: Exception) -> None:
        self._times.append(time.monotonic_ns())
        raise error

    @property
    def between(self) -> list[float]:
        return [(after - before) / 1e9 for before, after in itertools.pairwise(self._times)]


@pytest.mark.parametrize(
    "arguments",
    [
        {"max_retries": -1},
        {"max_retries": -2},
        {"max_retries": 2**31},
        {"initial_backoff": -0.1},
        {"initial_backoff": float("nan")},
        {"max_backoff": float("inf")},
        {"backoff_factor": 0.5},
        {"backoff_factor": float("nan")},
    ],
    ids=str,
)
def test_nonsense_is_refused_before_the_first_call(arguments: dict[str, Any], retry: Retry) -> None:
    function = Failing(0)
    with pytest.raises(ZMQInvalidError, match=next(iter(arguments))):
        retry(function, **arguments)
    assert function.calls == 0


@pytest.mark.parametrize("name", ["max_retries", "initial_backoff", "max_backoff", "backoff_factor"])
def test_arguments_of_a_wrong_type_are_named(name: str, retry: Retry) -> None:
    with pytest.raises(TypeError, match=name):
        retry(Failing(0), **{name: "2"})


def test_what_on_retry_raises_ends_the_retries(retry: Retry) -> None:
    def refuse(error: Exception, number: int, delay: float) -> None:
        raise LookupError("enough")

    function = Failing(1)
    with pytest.raises(LookupError, match="enough"):
        retry(function, on_retry=refuse)
    assert function.calls == 1


async def test_on_retry_may_be_a_coroutine_function() -> None:
    function, retries = Failing(2), Retries()

    async def call() -> str:
        return function()

    async def note(error: Exception, number: int, delay: float) -> None:
        await asyncio.sleep(0)
        retries(error, number, delay)

    assert await async_retry_with_backoff(call, initial_backoff=0.001, jitter=False, on_retry=note) == "success"
    assert retries.notes == [("call 1", 1, 0.001), ("call 2", 2, 0.002)]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, asyncio.CancelledError])
def test_interruptions_are_not_tried_again(interruption: type[BaseException], retry: Retry) -> None:
    calls = []

    def interrupt() -> None:
        calls.append(1)
        raise interruption

    with pytest.raises(interruption):
        retry(interrupt)
    assert len(calls) == 1


async def test_cancellation_ends_the_delay() -> None:
    delaying = asyncio.Event()
    function = Failing(100)

    async def call() -> str:
        return function()

    task = asyncio.create_task(
        async_retry_with_backoff(call, initial_backoff=PATIENCE, on_retry=lambda *_: delaying.set())
    )
    await delaying.wait()
    task.cancel()
    with ends_within(1), pytest.raises(asyncio.CancelledError):
        await task
    assert function.calls == 1


# Plain sockets


@contextlib.contextmanager
def listener(endpoint: str) -> Iterator[socket.socket]:
    host, port = endpoint.removeprefix("tcp://").split(":")
    with socket.create_server((host, int(port))) as server:
        yield server


def test_plain_tcp_connection_to_a_late_listener(retry: Retry, reserved_port: ReservedPort) -> None:
    host, port = reserved_port.endpoint.removeprefix("tcp://").split(":")
    refused: list[Exception] = []
    with contextlib.ExitStack() as stack:

        def start_after_two(error: Exception, number: int, delay: float) -> None:
            refused.append(error)
            if number == 2:
                stack.enter_context(listener(reserved_port.endpoint))

        connection = retry(
            lambda: socket.create_connection((host, int(port))),
            initial_backoff=0.001,
            exceptions=(ConnectionError,),
            on_retry=start_after_two,
        )
        connection.close()
    assert [type(error) for error in refused] == [ConnectionRefusedError] * 2


def test_late_publisher_of_pyzmq(retry: Retry, pyzmq: MakeForeign, reserved_port: ReservedPort) -> None:
    """A plain SUB is retried until a plain PUB, which starts after two failures, is heard."""
    subscriber = pyzmq(zmq.SUB)
    subscriber.setsockopt(zmq.RCVTIMEO, 20)
    subscriber.setsockopt(zmq.RECONNECT_IVL, 1)
    subscriber.subscribe("late")
    subscriber.connect(reserved_port.endpoint)
    publisher = pyzmq(zmq.XPUB)
    numbers: list[int] = []

    def start_and_publish(error: Exception, number: int, delay: float) -> None:
        numbers.append(number)
        if number == 2:
            publisher.bind(reserved_port.endpoint)
            # The subscription has arrived, so nothing can be missed.
            assert publisher.recv() == b"\x01late"
            publisher.send(b"late hello")

    received = retry(
        subscriber.recv,
        max_retries=1000,
        initial_backoff=0.001,
        backoff_factor=1.0,
        exceptions=(zmq.Again,),
        on_retry=start_and_publish,
    )
    assert received == b"late hello"
    assert numbers[:2] == [1, 2]
