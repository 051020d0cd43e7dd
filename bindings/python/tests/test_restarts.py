# SPDX-License-Identifier: Apache-2.0
"""Publishers in processes of their own that are killed and come back."""

from collections.abc import Callable

import pytest

from event_reader import PATIENCE, events_until, of_kind
from experimance_zmq import EventKind, Jitter, RetryPolicy, State, Subscriber
from peer_process import PeerProcess

QUICK = RetryPolicy(initial_backoff=0.02, max_backoff=0.1, jitter=Jitter.NONE)
PUBLISHERS = ["publisher", "pyzmq_publisher"]

StartPeer = Callable[..., PeerProcess]


@pytest.mark.parametrize("program", PUBLISHERS)
def test_subscriptions_come_back_with_a_killed_publisher(program: str, tcp: str, start_peer: StartPeer) -> None:
    publisher = start_peer(program, tcp, "news")
    endpoint = publisher.line()
    with Subscriber(retry=QUICK) as subscriber:
        subscriber.subscribe("news/0")
        subscriber.connect(endpoint, timeout=PATIENCE)
        publisher.tell("1 before")
        assert subscriber.recv(timeout=PATIENCE) == ("news/0", b"before")

        for round_ in range(3):
            publisher.kill()
            events = events_until(subscriber, EventKind.LOST)
            assert subscriber.state is State.RECONNECTING
            publisher = start_peer(program, endpoint, "news")
            assert publisher.line() == endpoint
            publisher.tell(f"1 after-{round_}")
            assert subscriber.recv(timeout=PATIENCE) == ("news/0", b"after-%d" % round_)
            events += events_until(subscriber, EventKind.HANDSHAKEN)
            assert len(of_kind(events, EventKind.LOST)) == 1
        assert subscriber.stats.reconnects == subscriber.stats.links_lost == 3


@pytest.mark.parametrize("program", PUBLISHERS)
def test_ten_thousand_topics_arrive_also_after_a_restart(program: str, tcp: str, start_peer: StartPeer) -> None:
    count = 10_000
    publisher = start_peer(program, tcp, "t")
    endpoint = publisher.line()
    expected = {f"t/{number}" for number in range(count)}
    with Subscriber(retry=QUICK, receive_hwm=0) as subscriber:
        for topic in expected:
            subscriber.subscribe(topic)
        subscriber.connect(endpoint, timeout=PATIENCE)
        publisher.tell(f"{count} first")
        assert receive_all(subscriber, count, b"first") == expected

        publisher.kill()
        events_until(subscriber, EventKind.LOST)
        publisher = start_peer(program, endpoint, "t")
        assert publisher.line() == endpoint
        publisher.tell(f"{count} second")
        assert receive_all(subscriber, count, b"second") == expected


def receive_all(subscriber: Subscriber, count: int, payload: bytes) -> set[str]:
    """The topics of as many messages, which all have this payload."""
    topics = set()
    for _ in range(count):
        topic, received = subscriber.recv(timeout=PATIENCE)
        assert received == payload
        topics.add(topic)
    return topics
