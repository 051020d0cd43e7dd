# SPDX-License-Identifier: Apache-2.0
"""Messages received ahead: their order, what becomes of them, threads that share them."""

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    Context,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQStateError,
    ZMQTimeoutError,
    aio,
    set_log_level,
)
from pushed import puller_of

_numbers = itertools.count()

RECEIVES: dict[str, Callable[[Puller], list[bytes]]] = {
    "recv": lambda puller: [puller.recv()],
    "recv with a time-out": lambda puller: [puller.recv(timeout=0)],
    "recv_many": lambda puller: puller.recv_many(7),
    "iterating": lambda puller: [next(iter(puller))],
}


@pytest.mark.parametrize("prefetch", [0, 1, 10, 512, 65_536])
@pytest.mark.parametrize("receive", RECEIVES)
def test_order_is_kept(receive: str, prefetch: int, pusher: Pusher) -> None:
    # Sizes that are equal, that differ, and that need a larger buffer.
    sent = [b"%d" % n for n in range(2000)] + [bytes(n % 97) for n in range(2000)] + [bytes(300_000)] * 3 + [b""]
    with puller_of(pusher, prefetch, sent) as puller:
        received: list[bytes] = []
        while len(received) < len(sent):
            received += RECEIVES[receive](puller)
        assert received == sent
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0)


def test_methods_take_turns_in_order(pusher: Pusher) -> None:
    with puller_of(pusher, 64, [b"%d" % n for n in range(3000)]) as puller:
        received: list[bytes] = []
        for number in range(100):
            for receive in itertools.islice(itertools.cycle(RECEIVES.values()), number % 4, number % 4 + 3):
                received += receive(puller)
        assert received == [b"%d" % n for n in range(len(received))]


@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
def test_statistics_count_what_was_asked_for(form: WireForm, tcp: str) -> None:
    with Publisher(wire_form=form) as publisher, Subscriber(wire_form=form) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("", timeout=PATIENCE)
        for number in range(100):
            publisher.publish("töpic", b"%d" % number)
        sent = publisher.stats
        for count in range(1, 101):
            subscriber.recv(timeout=PATIENCE)
            assert subscriber.stats.messages_received == count
        assert subscriber.stats.bytes_received == sent.bytes_sent


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log warned of beside lost links."""
    assert {record.name for record in caplog.records} <= {"experimance_zmq"}
    lines = [record.message for record in caplog.records if record.levelname == "WARNING"]
    return [line for line in lines if " lost: " not in line]


DROPPED = "PULL {} is closed with {} received ahead that nobody has asked for; dropped"


@pytest.mark.parametrize(
    ("prefetch", "messages"),
    [
        (1, ""),
        (2, "1 message"),
        (4, "3 messages"),
    ],
)
def test_end_of_a_with_statement_logs_how_many_are_dropped(
    prefetch: int, messages: str, pusher: Pusher, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [DROPPED.format(pusher.endpoint, messages)] if messages else []
    with puller_of(pusher, prefetch, [b"x"] * 100) as puller:
        puller.recv()
    assert warnings_of(caplog) == lines
    puller.close()
    assert warnings_of(caplog) == lines


async def test_end_of_a_with_statement_logs_how_many_are_dropped_in_asyncio(
    pusher: Pusher, caplog: pytest.LogCaptureFixture
) -> None:
    async with aio.Puller(receive_hwm=0, prefetch=4) as puller:
        await puller.connect(pusher.endpoint)
        pusher.send_many([b"x"] * 100)
        await puller.recv()
    assert warnings_of(caplog) == [DROPPED.format(pusher.endpoint, "3 messages")]


def test_what_is_dropped_is_not_logged_where_warnings_are_not_wanted(
    pusher: Pusher, caplog: pytest.LogCaptureFixture
) -> None:
    set_log_level(logging.ERROR)
    try:
        with puller_of(pusher, 4, [b"x"] * 100) as puller:
            puller.recv()
    finally:
        set_log_level(logging.WARNING)
        set_log_level(None)
    assert warnings_of(caplog) == []


@pytest.mark.parametrize(("prefetch", "ahead"), [(0, 0), (1, 0), (4, 3), (512, 99)])
def test_close_tells_how_many_are_dropped(prefetch: int, ahead: int, pusher: Pusher) -> None:
    puller = puller_of(pusher, prefetch, [b"x"] * 100)
    assert puller.recv() == b"x"
    assert puller.stats.messages_received == puller.stats.bytes_received == 1
    assert puller.close() == ahead
    assert puller.close() == 0


async def test_close_tells_how_many_are_dropped_in_asyncio(pusher: Pusher) -> None:
    puller = aio.Puller(receive_hwm=0, prefetch=10)
    await puller.connect(pusher.endpoint)
    pusher.send_many([b"x"] * 100)
    assert await puller.recv() == b"x"
    assert puller.stats.messages_received == 1
    assert await puller.close() == 9


def test_closed_context_leaves_what_was_received_ahead() -> None:
    sent = [b"%d" % n for n in range(10)]
    with Context() as context, Pusher(context=context) as pusher, Puller(context=context) as puller:
        pusher.bind("inproc://left")
        puller.connect("inproc://left")
        pusher.send_many(sent)
        first = puller.recv()
        context.close()
        assert [first, *puller] == sent
        with pytest.raises(ZMQClosedError):
            puller.recv(timeout=0)


def test_closed_context_leaves_it_to_the_socket_to_tell_what_is_dropped() -> None:
    with Context() as context, Pusher(context=context) as pusher, Puller(context=context) as puller:
        pusher.bind("inproc://left")
        puller.connect("inproc://left")
        pusher.send_many([b""] * 10)
        puller.recv()
        context.close()
        assert puller.close() == 9
        with pytest.raises(ZMQClosedError):
            puller.recv(timeout=0)


async def test_closed_context_leaves_what_was_received_ahead_in_asyncio() -> None:
    sent = [b"%d" % n for n in range(10)]
    async with aio.Context() as context, aio.Pusher(context=context) as pusher, aio.Puller(context=context) as puller:
        await pusher.bind("inproc://left")
        await puller.connect("inproc://left")
        await pusher.send_many(sent)
        first = await puller.recv()
        await context.close()
        assert [first, *[message async for message in puller]] == sent
        with pytest.raises(ZMQClosedError):
            await puller.recv(timeout=0)


def test_nothing_is_received_ahead_without_prefetch(pusher: Pusher) -> None:
    with puller_of(pusher, 0, [b"1", b"2", b"3"]) as puller:
        assert puller.recv() == b"1"
        assert puller.close() == 0


def test_message_of_parts_stops_a_batch(tcp: str) -> None:
    with Socket(SocketType.PUSH) as parts, Socket(SocketType.PULL, prefetch=512) as puller:
        parts.connect(puller.bind(tcp), timeout=PATIENCE)
        parts.send(b"1")
        parts.send_parts([b"2", b"3"])
        parts.send(b"4")
        assert puller.recv(timeout=PATIENCE) == b"1"
        with pytest.raises(ZMQStateError):
            puller.recv(timeout=PATIENCE)
        assert puller.recv_parts(timeout=PATIENCE) == [b"2", b"3"]
        assert puller.recv_parts(timeout=PATIENCE) == [b"4"]


# What a SUB without the class Subscriber receives: recv, and recv_parts, in the two wire forms.
FRAMES: dict[WireForm, list[bytes | list[bytes] | None]] = {
    WireForm.SPACE: [b"a 1", [b"a", b"two words"], b"b ", [b"", b"4"]],
    WireForm.MULTIPART: [None, [b"a", b"1"], [b"a", b"two words"], [b"b", b""], [b"", b"4"]],
}


def publish_frames(publisher: Publisher) -> None:
    publisher.wait_subscribers("", timeout=PATIENCE)
    for topic, payload in (("a", b"1"), ("a", b"two words"), ("b", b""), ("", b"4")):
        publisher.publish(topic, payload)


@pytest.mark.parametrize("prefetch", [0, 10])
@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
def test_parts_of_published_messages(form: WireForm, prefetch: int) -> None:
    with (
        Publisher(wire_form=form) as publisher,
        Socket(SocketType.SUB, wire_form=form, prefetch=prefetch) as subscriber,
    ):
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(f"inproc://prefetch-{next(_numbers)}"), timeout=PATIENCE)
        publish_frames(publisher)
        for expected in FRAMES[form]:
            if isinstance(expected, list):
                assert subscriber.recv_parts(timeout=PATIENCE) == expected
            elif expected is None:
                with pytest.raises(ZMQStateError, match="recv_parts"):
                    subscriber.recv(timeout=PATIENCE)
            else:
                assert subscriber.recv(timeout=PATIENCE) == expected


@pytest.mark.parametrize("prefetch", [0, 10])
@pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)
async def test_parts_of_published_messages_in_asyncio(form: WireForm, prefetch: int) -> None:
    with Publisher(wire_form=form) as publisher:
        async with aio.Socket(SocketType.SUB, wire_form=form, prefetch=prefetch) as subscriber:
            subscriber.subscribe("")
            await subscriber.connect(publisher.bind(f"inproc://prefetch-{next(_numbers)}"), timeout=PATIENCE)
            publish_frames(publisher)
            for expected in FRAMES[form]:
                if isinstance(expected, list):
                    assert await subscriber.recv_parts(timeout=PATIENCE) == expected
                elif expected is None:
                    with pytest.raises(ZMQStateError, match="recv_parts"):
                        await subscriber.recv(timeout=PATIENCE)
                else:
                    assert await subscriber.recv(timeout=PATIENCE) == expected


@pytest.mark.parametrize("prefetch", [-1, 65_537])
@pytest.mark.parametrize("kind", [Puller, Subscriber, aio.Puller, aio.Subscriber])
def test_nonsense_is_refused(kind: Any, prefetch: int) -> None:
    with pytest.raises(ZMQInvalidError, match=f"prefetch is {prefetch}, it must be 0 to 65536"):
        kind(prefetch=prefetch)


class AlarmRangError(Exception):
    """What a signal handler raises."""


class RaisingQueue(deque[bytes]):
    """Raises once, in the midst of being extended or after it was."""

    raised = False

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most

    def extend(self, items: Iterable[bytes]) -> None:
        if self.raised:
            super().extend(items)
            return
        self.raised = True
        super().extend(itertools.islice(items, self.most))
        raise AlarmRangError


@pytest.mark.parametrize("step", ["received", "kept", "kept in part"])
def test_interrupted_batch_is_not_lost(step: str, pusher: Pusher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal handler raises right after one of the steps of receiving a batch."""
    sent = [b"%d" % n for n in range(100)]
    with puller_of(pusher, 512, sent) as puller:
        ahead = puller._ahead
        raised: list[str] = []
        receive = puller._core.receive_ahead

        def raising(*arguments: object) -> object:
            result = receive(*arguments)
            if not raised:
                raised.append(step)
                raise AlarmRangError
            return result

        if step == "received":
            monkeypatch.setattr(puller._core, "receive_ahead", raising)
        else:
            queue = RaisingQueue(len(sent) if step == "kept" else 30)
            monkeypatch.setattr(ahead, "queue", queue)
            monkeypatch.setattr(puller, "_queue", queue)
        with pytest.raises(AlarmRangError):
            puller.recv()
        assert [puller.recv(timeout=0) for _ in sent] == sent
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0)


# Threads


@pytest.mark.parametrize("prefetch", [0, 4, 512])
def test_threads_share_a_socket(prefetch: int, pusher: Pusher) -> None:
    count, threads = 20_000, 4
    everything_taken = threading.Event()
    with puller_of(pusher, prefetch, []) as puller, ThreadPoolExecutor(threads) as executor:
        received: list[list[int]] = [[] for _ in range(threads)]

        def receive(mine: list[int]) -> None:
            while not everything_taken.is_set():
                try:
                    mine.append(int(puller.recv(timeout=0.05)))
                except ZMQTimeoutError:
                    continue

        receiving = [executor.submit(receive, mine) for mine in received]
        for number in range(count):
            pusher.send(b"%d" % number)
        while sum(map(len, received)) < count:
            assert not any(future.done() for future in receiving)
        everything_taken.set()
        for future in receiving:
            future.result()
        assert sorted(itertools.chain(*received)) == list(range(count))
        assert all(mine == sorted(mine) for mine in received)
        assert puller.stats.messages_received == count


def test_waiting_thread_is_not_kept_from_its_message(pusher: Pusher) -> None:
    """What another thread receives ahead never includes the message a waiting one needs."""
    with puller_of(pusher, 512, []) as puller, ThreadPoolExecutor(3) as executor:
        for _ in range(200):
            waiting = [executor.submit(puller.recv, timeout=PATIENCE) for _ in range(3)]
            pusher.send_many([b"1", b"2", b"3"])
            # None of them asks a second time.
            assert sorted(each.result(PATIENCE / 2) for each in waiting) == [b"1", b"2", b"3"]


# Sending many


def test_partial_send_tells_how_many_were_sent() -> None:
    with Pusher(send_hwm=10, linger=0) as pusher, Puller(receive_hwm=10) as puller:
        pusher.bind(endpoint := f"inproc://partial-{next(_numbers)}")
        puller.connect(endpoint)
        with pytest.raises(ZMQTimeoutError) as caught:
            pusher.send_many([b"%d" % n for n in range(1000)], timeout=0.02)
        sent = caught.value.sent
        assert 10 <= sent < 1000
        assert pusher.stats.messages_sent == sent
        assert [int(puller.recv()) for _ in range(sent)] == list(range(sent))
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0.01)


async def test_partial_send_tells_how_many_were_sent_in_asyncio() -> None:
    async with aio.Pusher(send_hwm=10, linger=0) as pusher, aio.Puller(receive_hwm=10) as puller:
        await pusher.bind(endpoint := f"inproc://partial-{next(_numbers)}")
        await puller.connect(endpoint)
        with pytest.raises(ZMQTimeoutError) as caught:
            await pusher.send_many([b"%d" % n for n in range(1000)], timeout=0.02)
        sent = caught.value.sent
        assert 10 <= sent < 1000
        assert [int(await puller.recv()) for _ in range(sent)] == list(range(sent))
