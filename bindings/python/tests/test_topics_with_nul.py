# SPDX-License-Identifier: Apache-2.0
"""A topic is bytes for ZeroMQ: one with a NUL in it is received, published, subscribed to and shown whole."""

import pytest

from event_reader import PATIENCE
from experimance_zmq import Event, EventKind, Publisher, Subscriber, WireForm, aio

TOPIC = "a\0b"


@pytest.mark.parametrize("wire_form", WireForm)
def test_topic_with_a_nul_goes_in_as_it_comes_out(wire_form: WireForm, tcp: str) -> None:
    with Publisher(wire_form=wire_form) as publisher, Subscriber(wire_form=wire_form) as subscriber:
        subscriber.subscribe(TOPIC)
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers(TOPIC, timeout=PATIENCE)
        publisher.publish("a\0", b"for nobody")
        publisher.publish("a", b"for nobody", timeout=PATIENCE)
        publisher.publish(TOPIC, b"at once")
        publisher.publish(TOPIC + "\0", bytearray(b"by the longer way"), timeout=PATIENCE)
        topic, payload = subscriber.recv(timeout=PATIENCE)
        assert (topic, payload) == (TOPIC, b"at once")
        assert subscriber.recv(timeout=PATIENCE) == (TOPIC + "\0", b"by the longer way")
        publisher.publish(topic, payload)
        assert subscriber.recv(timeout=PATIENCE) == (topic, payload)
        subscriber.unsubscribe(TOPIC)
        subscriber.subscribe("last")
        publisher.wait_subscribers("last", timeout=PATIENCE)
        publisher.publish(TOPIC, b"not wanted any more")
        publisher.publish("last", b"")
        assert subscriber.recv(timeout=PATIENCE) == ("last", b"")


def test_event_shows_the_whole_topic(tcp: str) -> None:
    long = "x\0" * 200
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.subscribe(TOPIC)
        subscriber.subscribe(long)
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers(TOPIC, timeout=PATIENCE)
        publisher.wait_subscribers(long, timeout=PATIENCE)
        joined: list[Event] = []
        while len(joined) < 2:
            event = publisher.next_event(timeout=PATIENCE)
            if event.kind == EventKind.SUBSCRIBER_JOINED:
                joined.append(event)
        topics = {event.topic_size: event.topic for event in joined}
        assert topics == {3: TOPIC, 400: long[:255]}


async def test_topic_with_a_nul_in_asyncio(tcp: str) -> None:
    async with aio.Publisher() as publisher, aio.Subscriber() as subscriber:
        subscriber.subscribe(TOPIC)
        await subscriber.connect(await publisher.bind(tcp), timeout=PATIENCE)
        await publisher.wait_subscribers(TOPIC, timeout=PATIENCE)
        await publisher.publish(TOPIC, b"payload")
        assert await subscriber.recv(timeout=PATIENCE) == (TOPIC, b"payload")
