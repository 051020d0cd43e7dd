# SPDX-License-Identifier: Apache-2.0
"""A socket tells what it does: state, counters, events, and in words."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from event_reader import PATIENCE, events_until, of_kind, waiting_events
from experimance_zmq import (
    Event,
    EventKind,
    Jitter,
    Publisher,
    Puller,
    Pusher,
    RetryPolicy,
    State,
    Statistics,
    Status,
    Subscriber,
    ZMQStateError,
    ZMQTimeoutError,
)
from reserved_port import ReservedPort

Role = Publisher | Puller | Pusher | Subscriber


def test_state_follows_the_links(tcp: str, reserved_port: ReservedPort) -> None:
    with Puller() as puller, Pusher() as pusher:
        states = [puller.state]
        endpoint = puller.bind(tcp)
        states.append(puller.state)
        pusher.connect(reserved_port.endpoint, background=True)
        states.append(pusher.state)
        pusher.connect(endpoint, timeout=PATIENCE)
        states.append(pusher.state)
        puller.close()
        pusher.disconnect(reserved_port.endpoint)
        events_until(pusher, EventKind.LOST)
        states.append(pusher.state)
    assert states == [State.IDLE, State.LISTENING, State.CONNECTING, State.READY, State.RECONNECTING]


def test_counters_count(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        endpoint = puller.bind(tcp)
        pusher.connect(endpoint, timeout=PATIENCE)
        for size in (1, 20, 300):
            pusher.send(bytes(size))
            puller.recv(timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0)
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0.01)
        sent, received = pusher.stats, puller.stats
    assert isinstance(sent, Statistics)
    assert (sent.messages_sent, sent.bytes_sent) == (3, 321)
    assert (received.messages_received, received.bytes_received) == (3, 321)
    assert (sent.connect_attempts, sent.peers, received.peers) == (1, 1, 1)
    assert (received.timeouts, received.last_error) == (1, Status.TIMEOUT)
    assert (sent.timeouts, sent.last_error) == (0, Status.OK)
    assert sent.state == State.READY


def test_events_tell_the_story_of_a_link(tcp: str) -> None:
    before = time.monotonic()
    with Publisher() as publisher, Subscriber() as subscriber:
        endpoint = publisher.bind(tcp)
        subscriber.subscribe("topic")
        subscriber.connect(endpoint, timeout=PATIENCE)
        publisher.wait_subscribers("topic", timeout=PATIENCE)
        subscriber_events = waiting_events(subscriber)
        subscriber.close()
        publisher_events = events_until(publisher, EventKind.SUBSCRIBER_LEFT)
    after = time.monotonic()
    assert [event.kind for event in subscriber_events] == [EventKind.CONNECTING, EventKind.HANDSHAKEN]
    assert {event.endpoint for event in subscriber_events} == {endpoint}
    # What a peer sends may be seen before the library hears that its handshake is done.
    kinds = [event.kind for event in publisher_events if event.kind is not EventKind.LOST]
    assert [kinds[0], set(kinds[1:3]), kinds[3:]] == [
        EventKind.LISTENING,
        {EventKind.HANDSHAKEN, EventKind.SUBSCRIBER_JOINED},
        [EventKind.SUBSCRIBER_LEFT],
    ]
    [joined] = of_kind(publisher_events, EventKind.SUBSCRIBER_JOINED)
    assert (joined.topic, joined.topic_size, joined.count) == ("topic", 5, 1)
    assert all(before <= event.time <= after for event in subscriber_events + publisher_events)


def test_topic_of_an_event_is_cut_to_what_fits(tcp: str) -> None:
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.subscribe("ä" * 200)
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        joined = events_until(publisher, EventKind.SUBSCRIBER_JOINED)[-1]
    assert joined.topic_size == 400
    assert joined.topic == "ä" * 127


def test_events_can_be_iterated_until_the_socket_is_closed(tcp: str) -> None:
    read: list[Event] = []

    def read_all(puller: Puller) -> None:
        for event in puller.events:
            read.append(event)

    with Puller(default_timeout=0.01) as puller, Pusher() as pusher, ThreadPoolExecutor() as executor:
        reading = executor.submit(read_all, puller)
        # Longer than the default time-out, which is no end to the iteration.
        with pytest.raises(TimeoutError):
            reading.result(timeout=0.1)
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        while len(read) < 2:
            assert not reading.done()
        puller.close()
        reading.result(PATIENCE)
    assert [event.kind for event in read] == [EventKind.LISTENING, EventKind.HANDSHAKEN]


def test_waiting_in_vain_for_an_event_is_counted() -> None:
    with Puller() as puller:
        with pytest.raises(ZMQTimeoutError):
            puller.next_event(timeout=0.01)
        assert puller.stats.timeouts == 1


def test_events_nobody_reads_are_dropped_and_counted(reserved_port: ReservedPort) -> None:
    policy = RetryPolicy(max_attempts=5, initial_backoff=0.001, max_backoff=0.001, jitter=Jitter.NONE)
    with Puller(event_capacity=2, retry=policy) as puller:
        with pytest.raises(ConnectionRefusedError):
            puller.connect(reserved_port.endpoint, timeout=PATIENCE)
        stats = puller.stats
        kept = waiting_events(puller)
    # Five attempts, five failures, four delays.
    assert stats.events_dropped == 14 - 2
    assert [(event.kind, event.attempt) for event in kept] == [(EventKind.CONNECTING, 5), (EventKind.FAILED, 5)]


def test_rejected_peer_is_an_event_and_counted(tcp: str) -> None:
    with Puller() as puller, Subscriber() as subscriber:
        endpoint = puller.bind(tcp)
        with pytest.raises(ConnectionError):
            subscriber.connect(endpoint, timeout=PATIENCE)
        rejected = events_until(puller, EventKind.PEER_REJECTED)[-1]
        assert puller.stats.peers_rejected >= 1
    assert rejected.status is not Status.OK
    assert rejected.message


def test_endpoint_is_the_bound_one(tcp: str, reserved_port: ReservedPort) -> None:
    with Pusher() as pusher:
        with pytest.raises(ZMQStateError):
            _ = pusher.endpoint
        pusher.connect(reserved_port.endpoint, background=True)
        assert pusher.endpoint == reserved_port.endpoint
        bound = pusher.bind(tcp)
        assert pusher.endpoint == bound
        assert not bound.endswith((":0", ":*"))


def test_socket_says_what_it_is(tcp: str) -> None:
    with Puller() as puller:
        assert repr(puller) == "<Puller idle>"
        endpoint = puller.bind(tcp)
        assert repr(puller) == f"<Puller {endpoint} listening>"
    assert repr(puller) == "<Puller closed>"


def test_unbind_and_disconnect(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        endpoint = puller.bind(tcp)
        pusher.connect(endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQStateError):
            puller.disconnect(endpoint)
        with pytest.raises(ZMQStateError):
            pusher.unbind(endpoint)
        pusher.disconnect(endpoint)
        assert pusher.state is State.IDLE
        puller.unbind(endpoint)
        assert puller.state is State.IDLE
        with Puller() as other:
            assert other.bind(endpoint, timeout=PATIENCE) == endpoint


@pytest.mark.parametrize(
    ("connecting", "bound"),
    [(Pusher, Puller), (Puller, Pusher), (Publisher, Subscriber), (Subscriber, Publisher)],
    ids=lambda role: role.__name__,
)
def test_peer_notices_a_disconnect(connecting: type[Role], bound: type[Role], tcp: str) -> None:
    with connecting() as here, bound() as there:
        here.connect(there.bind(tcp), timeout=PATIENCE)
        there.wait_peers(timeout=PATIENCE)
        here.disconnect(there.endpoint)
        while there.next_event(timeout=5).kind is not EventKind.LOST:
            pass
        assert there.stats.peers == 0
