# SPDX-License-Identifier: Apache-2.0
"""The first attempts fail, then one succeeds; or all fail. Attempts and delays are what the policy says."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from event_reader import PATIENCE, events_until, of_kind, waiting_events
from experimance_zmq import (
    EventKind,
    Jitter,
    Publisher,
    Puller,
    Pusher,
    RetryPolicy,
    Status,
    Subscriber,
    ZMQAddressInUseError,
    ZMQRefusedError,
)
from limits import ends_within, fails_by
from reserved_port import ReservedPort


def steady(**fields: float) -> RetryPolicy:
    """A policy without chance."""
    return RetryPolicy(jitter=Jitter.NONE, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("failures", [1, 2, 3])
def test_connect_succeeds_after_failures(failures: int, tcp: str, reserved_port: ReservedPort) -> None:
    policy = steady(max_attempts=0, initial_backoff=0.05, multiplier=2.0)
    with Puller(retry=policy) as puller, Pusher() as pusher, ThreadPoolExecutor() as executor:
        connecting = executor.submit(puller.connect, reserved_port.endpoint, timeout=PATIENCE)
        events = events_until(puller, EventKind.RETRY_IN, failures)
        pusher.bind(reserved_port.endpoint)
        connecting.result()
        events += waiting_events(puller)

        pusher.send(b"arrives")
        assert puller.recv(timeout=PATIENCE) == b"arrives"

    attempts = of_kind(events, EventKind.CONNECTING)
    failed = of_kind(events, EventKind.FAILED)
    delays = of_kind(events, EventKind.RETRY_IN)
    assert [event.attempt for event in attempts] == list(range(1, len(attempts) + 1))
    assert len(attempts) == len(failed) + 1 == len(delays) + 1 > failures
    assert {event.status for event in failed} == {Status.REFUSED}
    # A probe that finds the peer which came a moment ago makes the last retry one without delay.
    assert [event.delay for event in delays[:failures]] == [0.05 * 2**n for n in range(failures)]
    assert len(of_kind(events, EventKind.HANDSHAKEN)) == 1


def test_delays_are_not_shorter_than_announced(reserved_port: ReservedPort) -> None:
    with Puller(retry=steady(max_attempts=4, initial_backoff=0.02)) as puller:
        with pytest.raises(ZMQRefusedError):
            puller.connect(reserved_port.endpoint, timeout=PATIENCE)
        events = waiting_events(puller)
    attempts = of_kind(events, EventKind.CONNECTING)
    delays = of_kind(events, EventKind.RETRY_IN)
    for announced, attempt in zip(delays, attempts[1:], strict=True):
        assert attempt.attempt == announced.attempt
        assert attempt.time - announced.time >= announced.delay - 1e-6


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_all_attempts_fail(attempts: int, reserved_port: ReservedPort) -> None:
    policy = steady(max_attempts=attempts, initial_backoff=0.01, max_backoff=0.04, multiplier=3.0)
    with Subscriber(retry=policy) as subscriber:
        with fails_by(PATIENCE, ZMQRefusedError) as caught:
            subscriber.connect(reserved_port.endpoint, timeout=PATIENCE)
        events = waiting_events(subscriber)
        assert subscriber.stats.connect_attempts == attempts
    error = caught.value
    assert error.attempts == attempts
    assert error.endpoint == reserved_port.endpoint
    assert error.errno is not None
    assert error.errno > 0
    assert reserved_port.endpoint in error.message
    assert len(of_kind(events, EventKind.CONNECTING)) == attempts
    assert len(of_kind(events, EventKind.FAILED)) == attempts
    delays = [0.01, 0.03, 0.04, 0.04][: attempts - 1]
    assert [event.delay for event in of_kind(events, EventKind.RETRY_IN)] == delays
    assert error.elapsed >= sum(delays)


def test_jittered_delays_stay_in_their_range(reserved_port: ReservedPort) -> None:
    policy = RetryPolicy(max_attempts=4, initial_backoff=0.02, jitter=Jitter.EQUAL)
    with Subscriber(retry=policy) as subscriber:
        with pytest.raises(ZMQRefusedError):
            subscriber.connect(reserved_port.endpoint, timeout=PATIENCE)
        delays = [event.delay for event in of_kind(waiting_events(subscriber), EventKind.RETRY_IN)]
    assert len(delays) == 3
    for number, delay in enumerate(delays):
        whole = 0.02 * 2**number
        assert whole / 2 <= delay <= whole


def test_seed_makes_delays_reproducible(reserved_port: ReservedPort) -> None:
    def delays(seed: int) -> list[float]:
        policy = RetryPolicy(max_attempts=4, initial_backoff=0.02, jitter=Jitter.FULL, seed=seed)
        with Subscriber(retry=policy) as subscriber:
            with pytest.raises(ZMQRefusedError):
                subscriber.connect(reserved_port.endpoint, timeout=PATIENCE)
            return [event.delay for event in of_kind(waiting_events(subscriber), EventKind.RETRY_IN)]

    assert delays(7) == delays(7) != delays(8)


def test_deadline_ends_attempts_without_limit(reserved_port: ReservedPort) -> None:
    policy = steady(max_attempts=0, initial_backoff=0.02, max_backoff=0.02)
    with (
        Subscriber(retry=policy) as subscriber,
        fails_by(0.3, ZMQRefusedError, early=False) as caught,
    ):
        subscriber.connect(reserved_port.endpoint, timeout=0.3)
    assert caught.value.attempts > 1


def test_failed_connect_leaves_no_link(reserved_port: ReservedPort) -> None:
    policy = steady(max_attempts=1)
    with Puller(retry=policy) as puller, Pusher() as pusher:
        with pytest.raises(ZMQRefusedError):
            puller.connect(reserved_port.endpoint)
        pusher.bind(reserved_port.endpoint)
        with pytest.raises(TimeoutError):
            pusher.wait_peers(timeout=0.1)
        puller.connect(reserved_port.endpoint, timeout=PATIENCE)


def test_bind_is_tried_again_until_the_port_is_free(tcp: str) -> None:
    with Publisher() as holder, Publisher(retry=steady(initial_backoff=0.02)) as publisher:
        endpoint = holder.bind(tcp)
        with ThreadPoolExecutor() as executor:
            binding = executor.submit(publisher.bind, endpoint, timeout=PATIENCE)
            events = events_until(publisher, EventKind.RETRY_IN, 2)
            holder.close()
            assert binding.result() == endpoint
    assert {event.status for event in of_kind(events, EventKind.FAILED)} == {Status.ADDRESS_IN_USE}
    assert [event.delay for event in of_kind(events, EventKind.RETRY_IN)] == [0.02, 0.04]


def test_bind_gives_up_after_its_attempts(tcp: str) -> None:
    with Publisher() as holder, Publisher(retry=steady(max_attempts=3, initial_backoff=0.01)) as publisher:
        endpoint = holder.bind(tcp)
        with ends_within(PATIENCE), pytest.raises(ZMQAddressInUseError) as caught:
            publisher.bind(endpoint, timeout=PATIENCE)
        delays = [event.delay for event in of_kind(waiting_events(publisher), EventKind.RETRY_IN)]
    assert caught.value.attempts == 3
    assert caught.value.endpoint == endpoint
    assert delays == [0.01, 0.02]
