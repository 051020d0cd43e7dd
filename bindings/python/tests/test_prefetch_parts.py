# SPDX-License-Identifier: Apache-2.0
"""Messages of several parts that are received ahead, and those of one between them."""

import asyncio
import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import (
    Poll,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQProtocolError,
    ZMQStateError,
    ZMQTimeoutError,
    aio,
    poll,
)

LARGE = 64 << 10
_numbers = itertools.count()

# Within the process what is sent has arrived when the send returns.


def inproc() -> str:
    return f"inproc://ahead-{next(_numbers)}"


def mixed(count: int) -> list[list[bytes]]:
    """Messages of all kinds, in runs of all lengths."""
    shapes = [[10, 20], [10, 20], [5], [0, 0, 0], [], [3000, 1], [1, 3000], [LARGE], [LARGE, 1], [1, LARGE], [2] * 9]
    return [
        [b"%d" % number, *map(bytes, shapes[number * number // 7 % len(shapes)])] if number % 5 else [b"%d" % number]
        for number in range(count)
    ]


def puller_of_parts(pusher: Pusher, prefetch: int, sent: list[list[bytes]]) -> Puller:
    puller = Puller(receive_hwm=0, prefetch=prefetch)
    puller.connect(pusher.endpoint)
    for parts in sent:
        pusher.send_parts(parts)
    return puller


@pytest.mark.parametrize("prefetch", [0, 1, 10, 512])
def test_order_is_kept(prefetch: int, pusher: Pusher) -> None:
    sent = mixed(600)
    with puller_of_parts(pusher, prefetch, sent) as puller:
        assert [puller.recv_parts() for _ in sent] == sent
        with pytest.raises(ZMQTimeoutError):
            puller.recv_parts(timeout=0)
        assert puller.stats.messages_received == len(sent)
        assert puller.stats.bytes_received == sum(len(part) for parts in sent for part in parts)


@pytest.mark.parametrize("prefetch", [0, 10, 512])
def test_order_is_kept_whoever_receives(prefetch: int, pusher: Pusher) -> None:
    """recv refuses what has several parts, and recv_parts takes it."""
    sent = mixed(600)
    with puller_of_parts(pusher, prefetch, sent) as puller:
        received = []
        for number, parts in enumerate(sent):
            if number % 3 == 0 or len(parts) > 1:
                if len(parts) > 1:
                    with pytest.raises(ZMQStateError, match="recv_parts"):
                        puller.recv()
                received.append(puller.recv_parts(timeout=PATIENCE))
            else:
                received.append([puller.recv_many(1, timeout=PATIENCE)[0] if number % 2 else puller.recv()])
        assert received == sent


@both_loops
async def test_order_is_kept_in_asyncio() -> None:
    sent = mixed(600)
    async with aio.Puller(receive_hwm=0) as puller:
        with Pusher() as pusher:
            await puller.connect(pusher.bind(inproc()))
            for parts in sent:
                pusher.send_parts(parts)
            received = []
            for parts in sent:
                if len(parts) > 1:
                    with pytest.raises(ZMQStateError, match="recv_parts"):
                        await puller.recv()
                received.append(await puller.recv_parts(timeout=PATIENCE))
            assert received == sent


@both_loops
async def test_tasks_share_what_is_received_ahead() -> None:
    count, tasks = 2000, 4
    async with aio.Puller(receive_hwm=0) as puller, aio.Pusher() as pusher:
        await puller.connect(await pusher.bind(inproc()))
        received: list[int] = []

        async def receive() -> None:
            while True:
                parts = await puller.recv_parts(timeout=PATIENCE)
                if parts == [b"end", b""]:
                    return
                received.append(int(parts[0]))

        async def send() -> None:
            for number in range(count):
                await pusher.send_parts([b"%d" % number, b"x"] if number % 11 else [b"%d" % number], timeout=PATIENCE)
            for _ in range(tasks):
                await pusher.send_parts([b"end", b""], timeout=PATIENCE)

        await asyncio.gather(send(), *(receive() for _ in range(tasks)))
        assert sorted(received) == list(range(count))


def two_ahead(puller: Puller | Socket, pusher: Pusher) -> None:
    """Of three messages of two parts one is received, and the others are here."""
    for number in range(3):
        pusher.send_parts([b"%d" % number, b"x"])
    assert puller.recv_parts(timeout=PATIENCE) == [b"0", b"x"]


def test_every_way_to_ask_sees_what_is_ahead(pusher: Pusher) -> None:
    with puller_of_parts(pusher, 10, []) as puller:
        two_ahead(puller, pusher)
        assert poll({puller: Poll.IN}, timeout=0) == {puller: Poll.IN}
        assert puller.get_option(zmq.EVENTS) & zmq.POLLIN
        assert (puller.stats.messages_received, puller.stats.bytes_received) == (1, 2)
        for refused in (puller.recv, puller.recv_many, lambda: puller.recv(copy=False)):
            with pytest.raises(ZMQStateError, match="recv_parts"):
                refused()
        puller.fileno()
        assert puller.recv_parts(timeout=0) == [b"1", b"x"]
        assert [bytes(part) for part in puller.recv_parts(timeout=0, copy=False).parts] == [b"2", b"x"]
        assert not puller.get_option(zmq.EVENTS) & zmq.POLLIN


def test_close_tells_how_many_are_dropped(pusher: Pusher) -> None:
    puller = puller_of_parts(pusher, 10, [])
    two_ahead(puller, pusher)
    assert puller.close() == 2


def test_no_message_comes_after_the_only_link_was_ended(pusher: Pusher) -> None:
    with puller_of_parts(pusher, 10, []) as puller:
        two_ahead(puller, pusher)
        puller.disconnect(pusher.endpoint)
        with pytest.raises(ZMQTimeoutError):
            puller.recv_parts(timeout=0)
        assert (puller.stats.messages_received, puller.stats.bytes_received) == (1, 2)


def test_no_message_comes_after_its_subscription_has_ended() -> None:
    with Socket(SocketType.SUB, prefetch=10) as subscriber, Publisher() as publisher:
        subscriber.subscribe("a")
        subscriber.subscribe("b")
        subscriber.connect(publisher.bind(inproc()), timeout=PATIENCE)
        publisher.wait_subscribers("b", timeout=PATIENCE)
        for topic in ("a", "a", "b", "ab", "b"):
            publisher.publish(topic, b"")
        assert subscriber.recv_parts(timeout=PATIENCE) == [b"a", b""]
        subscriber.unsubscribe("a")
        assert [subscriber.recv_parts(timeout=PATIENCE) for _ in "bb"] == [[b"b", b""]] * 2
        with pytest.raises(ZMQTimeoutError):
            subscriber.recv_parts(timeout=0)


def test_iterating_passes_over_what_is_ahead(pusher: Pusher) -> None:
    with puller_of_parts(pusher, 10, []) as puller:
        two_ahead(puller, pusher)
        pusher.send(b"one")
        assert next(iter(puller)) == b"one"
        assert puller.skipped == 2


@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
def test_a_subscriber_receives_the_rest_of_a_batch_with_its_parts(form: WireForm) -> None:
    with Subscriber(wire_form=form) as subscriber, Publisher(wire_form=form) as publisher:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(inproc()), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        large = bytes(LARGE)
        sent = [("a", b"1"), ("ä", b""), ("", large), ("\udcff", b"2 3"), ("a", large), ("a", large), ("b", b"4")]
        for topic, payload in sent * 2:
            publisher.publish(topic, payload)
        assert [subscriber.recv() for _ in sent] == sent
        received = [subscriber.recv_parts() for _ in sent]
        assert received == [[topic.encode("utf-8", "surrogateescape"), payload] for topic, payload in sent]


def test_a_subscriber_uses_up_what_is_no_topic_and_payload() -> None:
    with Subscriber() as subscriber, Publisher() as publisher:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(inproc()), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        for count in (2, 1, 2, 3, 2):
            publisher.send_parts([b"%d" % part for part in range(count)])
            publisher.send_parts([bytes(LARGE)] * count)
        counts = []
        for _ in range(10):
            try:
                subscriber.recv(timeout=PATIENCE)
                counts.append(2)
            except ZMQProtocolError as error:
                counts.append(int(str(error).split("of ")[1].split()[0]))
        assert counts == [2, 2, 1, 1, 2, 2, 3, 3, 2, 2]
        assert subscriber.stats.messages_received == 10


@pytest.mark.parametrize("prefetch", [0, 4, 512])
def test_threads_share_a_socket(prefetch: int, pusher: Pusher) -> None:
    count, threads = 10_000, 4
    everything_taken = threading.Event()
    with puller_of_parts(pusher, prefetch, []) as puller, ThreadPoolExecutor(threads) as executor:
        received: list[list[int]] = [[] for _ in range(threads)]

        def receive(mine: list[int]) -> None:
            while not everything_taken.is_set():
                try:
                    mine.append(int(puller.recv_parts(timeout=0.05)[0]))
                except ZMQTimeoutError:
                    continue

        receiving = [executor.submit(receive, mine) for mine in received]
        for number in range(count):
            pusher.send_parts([b"%d" % number, b"x"] if number % 7 else [b"%d" % number], timeout=PATIENCE)
        while sum(map(len, received)) < count:
            assert not any(future.done() for future in receiving)
        everything_taken.set()
        for future in receiving:
            future.result()
        assert sorted(itertools.chain(*received)) == list(range(count))
        assert all(mine == sorted(mine) for mine in received)


def test_waiting_thread_is_not_kept_from_its_message(pusher: Pusher) -> None:
    """What another thread receives ahead never includes the message a waiting one needs."""
    with puller_of_parts(pusher, 512, []) as puller, ThreadPoolExecutor(3) as executor:
        for _ in range(100):
            waiting = [executor.submit(puller.recv_parts, timeout=PATIENCE) for _ in range(3)]
            for number in (b"1", b"2", b"3"):
                pusher.send_parts([number, b"x"])
            # None of them asks a second time.
            assert sorted(each.result(PATIENCE / 2)[0] for each in waiting) == [b"1", b"2", b"3"]


@pytest.mark.parametrize("prefetch", [0, 100])
def test_a_router_knows_who_it_has_its_messages_from(prefetch: int, tcp: str) -> None:
    with (
        Socket(SocketType.ROUTER, prefetch=prefetch) as router,
        Socket(SocketType.DEALER, prefetch=prefetch) as one,
        Socket(SocketType.DEALER, prefetch=prefetch) as other,
    ):
        router.bind(tcp)
        for dealer in (one, other):
            dealer.connect(router.endpoint, timeout=PATIENCE)
            for number in range(50):
                dealer.send_parts([b"%d" % number] * (number % 3 + 1), timeout=PATIENCE)
        for _ in range(100):
            router.send_parts(router.recv_parts(timeout=PATIENCE), timeout=PATIENCE)
        for dealer in (one, other):
            received = [dealer.recv_parts(timeout=PATIENCE) for _ in range(50)]
            assert received == [[b"%d" % number] * (number % 3 + 1) for number in range(50)]
