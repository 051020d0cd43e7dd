# SPDX-License-Identifier: Apache-2.0
"""Services that start after those who need them."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from event_reader import PATIENCE, events_until
from experimance_zmq import EventKind, Jitter, Publisher, Puller, Pusher, RetryPolicy, State, Subscriber
from reserved_port import ReservedPort

QUICK = RetryPolicy(initial_backoff=0.02, max_backoff=0.05, jitter=Jitter.NONE)


def test_publisher_binds_after_the_subscriber_has_connected(reserved_port: ReservedPort) -> None:
    with Subscriber(retry=QUICK) as subscriber, Publisher() as publisher:
        subscriber.subscribe("news")
        subscriber.connect(reserved_port.endpoint, background=True)
        events_until(subscriber, EventKind.FAILED)
        before = subscriber.state

        publisher.bind(reserved_port.endpoint)
        publisher.wait_subscribers("news", timeout=PATIENCE)
        publisher.publish("news", b"late")
        assert subscriber.recv(timeout=PATIENCE) == ("news", b"late")
        assert [before, subscriber.state] == [State.CONNECTING, State.READY]


def test_background_connect_outlives_the_attempts_of_the_policy(reserved_port: ReservedPort) -> None:
    policy = RetryPolicy(max_attempts=2, initial_backoff=0.01, max_backoff=0.01, jitter=Jitter.NONE)
    with Puller(retry=policy) as puller, Pusher() as pusher:
        puller.connect(reserved_port.endpoint, background=True)
        events_until(puller, EventKind.FAILED, count=5)
        pusher.bind(reserved_port.endpoint)
        pusher.send(b"still there", timeout=PATIENCE)
        assert puller.recv(timeout=PATIENCE) == b"still there"


def test_subscriber_binds_after_the_publisher_has_connected(reserved_port: ReservedPort) -> None:
    with Publisher(retry=QUICK) as publisher, Subscriber() as subscriber:
        publisher.connect(reserved_port.endpoint, background=True)
        events_until(publisher, EventKind.FAILED)
        subscriber.subscribe("news")
        subscriber.bind(reserved_port.endpoint)
        publisher.wait_subscribers("news", timeout=PATIENCE)
        publisher.publish("news", b"other way round")
        assert subscriber.recv(timeout=PATIENCE) == ("news", b"other way round")


def test_puller_binds_after_the_pusher_has_sent(reserved_port: ReservedPort) -> None:
    with Pusher(retry=QUICK) as pusher, Puller() as puller, ThreadPoolExecutor() as executor:
        pusher.connect(reserved_port.endpoint, background=True)
        events_until(pusher, EventKind.FAILED)
        sending = executor.submit(pusher.send, b"waits for a peer", timeout=PATIENCE)
        events_until(pusher, EventKind.FAILED)
        assert not sending.done()
        puller.bind(reserved_port.endpoint)
        assert puller.recv(timeout=PATIENCE) == b"waits for a peer"
        sending.result()


def test_pusher_binds_after_the_puller_waits(reserved_port: ReservedPort) -> None:
    with Puller(retry=QUICK) as puller, Pusher() as pusher, ThreadPoolExecutor() as executor:
        puller.connect(reserved_port.endpoint, background=True)
        receiving = executor.submit(puller.recv, timeout=PATIENCE)
        events_until(puller, EventKind.FAILED)
        pusher.bind(reserved_port.endpoint)
        pusher.send(b"at last", timeout=PATIENCE)
        assert receiving.result() == b"at last"


def test_puller_connects_after_the_pusher_waits(tcp: str) -> None:
    with Pusher() as pusher, Puller() as puller, ThreadPoolExecutor() as executor:
        endpoint = pusher.bind(tcp)
        sending = executor.submit(pusher.send, b"for whoever comes", timeout=PATIENCE)
        puller.connect(endpoint, timeout=PATIENCE)
        sending.result()
        assert puller.recv(timeout=PATIENCE) == b"for whoever comes"


def test_verified_connect_waits_for_a_late_service(reserved_port: ReservedPort) -> None:
    with Subscriber(retry=QUICK) as subscriber, Publisher() as publisher, ThreadPoolExecutor() as executor:
        policy_end = executor.submit(publisher_binds_after, subscriber, publisher, reserved_port.endpoint)
        subscriber.connect(reserved_port.endpoint, timeout=PATIENCE)
        policy_end.result()
        assert subscriber.state is State.READY


def publisher_binds_after(subscriber: Subscriber, publisher: Publisher, endpoint: str) -> None:
    events_until(subscriber, EventKind.FAILED)
    publisher.bind(endpoint)


def test_background_connect_returns_at_once_and_is_not_ready(reserved_port: ReservedPort) -> None:
    with Subscriber(retry=QUICK) as subscriber:
        subscriber.connect(reserved_port.endpoint, background=True, timeout=0)
        with pytest.raises(TimeoutError):
            subscriber.wait_peers(timeout=0.05)
