# SPDX-License-Identifier: Apache-2.0
"""A message that can not be handed over now, for want of memory, is received later, and none before it or twice."""

from collections import deque
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import Poll, Publisher, Puller, Pusher, Socket, SocketType, Subscriber, WireForm, poll
from no_memory import one_block_short, received_short_of_memory

PARTS = {
    "two short": [b"1", b"2"],
    "one": [b"1"],
    "many": [b"%d" % number for number in range(9)],
    "a long one": [b"1", b"x" * 10_000],
    "large": [b"1", b"x" * 100_000],
    "two large": [b"y" * 100_000, b"x" * 100_000],
}


@pytest.mark.parametrize("timeout_ms", [0, 1000], ids=["at once", "waiting"])
@pytest.mark.parametrize("size", PARTS)
def test_parts_without_memory_are_received_next(size: str, timeout_ms: int, tcp: str) -> None:
    with Pusher() as pusher, Puller() as puller:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        for last in (b"first", b"second"):
            pusher.send_parts([*PARTS[size], last], timeout=PATIENCE)
        assert poll({puller: Poll.IN}, timeout=PATIENCE)
        receive = puller._core.receive_parts
        answer, failures = received_short_of_memory(lambda: receive(timeout_ms))
        assert failures > 0
        assert answer == [*PARTS[size], b"first"]
        assert puller.stats.messages_received == 1
        assert puller.recv_parts(timeout=PATIENCE) == [*PARTS[size], b"second"]


@pytest.mark.parametrize("size", ["two short", "many", "one", "a long one"])
def test_batches_without_memory_are_received_later(size: str, tcp: str) -> None:
    count = 200
    sent = [[*PARTS[size][:-1], b"%d" % number] for number in range(count)]
    with Pusher() as pusher, Puller() as puller:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        for parts in sent:
            pusher.send_parts(parts, timeout=PATIENCE)
        coming: list[Any] = []
        several: deque[list[bytes]] = deque()
        single: deque[bytes] = deque()
        received: list[list[bytes]] = []
        failures, number = 0, 0
        while len(received) < count:
            assert coming or poll({puller: Poll.IN}, timeout=PATIENCE)
            number = number % 20 + 1
            try:
                with one_block_short(number):
                    puller._core.receive_ahead(coming, several, single, 7, True)
            except MemoryError:
                failures += 1
            received += several
            received += [[frame] for frame in single]
            several.clear()
            single.clear()
        assert failures > 0
        assert coming == []
        assert received == sent


@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
def test_published_batches_without_memory_are_received_later(form: WireForm, tcp: str) -> None:
    sent = [(f"topic{number}", b"%d" % number) for number in range(100)]
    with Publisher(wire_form=form) as publisher, Subscriber(wire_form=form) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        publisher.publish_many(sent, timeout=PATIENCE)
        coming: list[Any] = []
        several: deque[list[bytes]] = deque()
        pairs: deque[tuple[str, bytes]] = deque()
        received: list[tuple[str, bytes]] = []
        failures, number = 0, 0
        while len(received) < len(sent):
            assert coming or poll({subscriber: Poll.IN}, timeout=PATIENCE)
            number = number % 20 + 1
            try:
                with one_block_short(number):
                    subscriber._core.receive_published(coming, several, pairs, 7, False)
            except MemoryError:
                failures += 1
            received += pairs
            pairs.clear()
        assert failures > 0
        assert received == sent


def test_a_published_message_without_memory_is_received_next_in_either_way(tcp: str) -> None:
    with Publisher(wire_form=WireForm.SPACE) as publisher, Socket(SocketType.SUB, wire_form=WireForm.SPACE) as sub:
        sub.subscribe("")
        sub.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        publisher.publish("topic", b"payload")
        assert poll({sub: Poll.IN}, timeout=PATIENCE)
        with pytest.raises(MemoryError), one_block_short(1):
            sub._core.receive_parts(0)
        assert sub.recv(timeout=PATIENCE) == b"topic payload"
        stats = sub.stats
        assert (stats.messages_received, stats.bytes_received) == (1, len(b"topic payload"))


def test_what_waits_for_its_place_in_a_queue_is_counted_and_told_at_the_end(pusher: Pusher) -> None:
    with Puller() as puller:
        puller.connect(pusher.endpoint)
        for _ in range(3):
            pusher.send_parts([b"1", b"2"], timeout=PATIENCE)
        assert puller.recv_parts(timeout=PATIENCE) == [b"1", b"2"]
        ahead = puller._ahead
        while ahead.several:
            ahead._coming.append(ahead.several.popleft())
        assert not ahead.is_empty
        assert puller.stats.messages_received == 1
        assert puller.close() == 2
