# SPDX-License-Identifier: Apache-2.0
"""What an operation on a socket promises holds for messages received ahead of being asked for, too."""

import asyncio
import itertools
import select
from collections.abc import Callable
from typing import Any

import pytest
import zmq

from both_loops import both_loops, turns
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
    ZMQStateError,
    ZMQTimeoutError,
    aio,
    poll,
)

_numbers = itertools.count()

# Within the process what is sent has arrived when the send returns.


def inproc() -> str:
    return f"inproc://reached-{next(_numbers)}"


def publisher_for(topic: str, subscriber: Subscriber | Socket, form: WireForm) -> Publisher:
    publisher = Publisher(wire_form=form, send_hwm=0)
    subscriber.connect(publisher.bind(inproc()), timeout=PATIENCE)
    publisher.wait_subscribers(topic, timeout=PATIENCE)
    return publisher


RECEIVES: dict[str, Callable[[Any], Any]] = {
    "recv": lambda socket: socket.recv(timeout=PATIENCE),
    "recv_many": lambda socket: socket.recv_many(1, timeout=PATIENCE)[0],
    "recv_parts": lambda socket: tuple(socket.recv_parts(timeout=PATIENCE)),
    "iterating": lambda socket: next(iter(socket)),
}


# conflate: the newest message of each queue. Within the process that is for the connecting side to say.


@pytest.mark.parametrize("receive", RECEIVES)
def test_conflate_gives_the_newest_of_each_publisher(receive: str) -> None:
    with Subscriber(conflate=True, wire_form=WireForm.SPACE) as screen:
        screen.subscribe("")
        with (
            publisher_for("cam", screen, WireForm.SPACE) as a,
            publisher_for("cam", screen, WireForm.SPACE) as b,
        ):
            for number in range(10):
                a.publish("a", b"%d" % number)
                b.publish("b", b"%d" % number)
                if number == 5:
                    RECEIVES[receive](screen)
            frames = {RECEIVES[receive](screen)[1] for _ in "ab"}
    assert frames == {b"9"}


def test_conflate_gives_the_newest_of_each_pusher() -> None:
    with Puller(conflate=True) as puller, Pusher() as a, Pusher() as b:
        for pusher in (a, b):
            puller.connect(pusher.bind(inproc()), timeout=PATIENCE)
        for number in range(10):
            a.send(b"%d" % number)
            b.send(b"%d" % number)
            if number == 5:
                puller.recv()
        assert [puller.recv(), puller.recv()] == [b"9", b"9"]
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0)


def test_recv_many_of_conflated_queues_gives_all_of_them() -> None:
    with Puller(conflate=True) as puller, Pusher() as a, Pusher() as b:
        for pusher in (a, b):
            puller.connect(pusher.bind(inproc()), timeout=PATIENCE)
            pusher.send(b"old")
            pusher.send(b"new")
        assert puller.recv_many() == [b"new", b"new"]


@both_loops
async def test_conflate_gives_the_newest_after_a_task_that_was_cancelled() -> None:
    async with aio.Puller(conflate=True) as puller:
        with Pusher() as pusher:
            await puller.connect(pusher.bind(inproc()), timeout=PATIENCE)
            for rounds in range(8):
                waiting = asyncio.create_task(puller.recv(timeout=PATIENCE))
                await turns(2)
                pusher.send(b"old")
                # The message comes while the task is cancelled, at one step or the other.
                await turns(rounds)
                if waiting.done():
                    assert await waiting == b"old"
                    continue
                waiting.cancel()
                await asyncio.wait([waiting])
                pusher.send(b"new")
                assert await puller.recv(timeout=PATIENCE) == b"new"


@both_loops
async def test_tasks_that_wait_for_conflated_messages_all_get_one() -> None:
    async with aio.Puller(conflate=True) as puller:
        with Pusher() as a, Pusher() as b:
            for pusher in (a, b):
                await puller.connect(pusher.bind(inproc()), timeout=PATIENCE)
            tasks = [asyncio.create_task(puller.recv(timeout=PATIENCE)) for _ in range(4)]
            await turns(2)
            for count in (2, 4):
                a.send(b"x")
                b.send(b"x")
                while sum(task.done() for task in tasks) < count:
                    await asyncio.sleep(0)
            assert [await task for task in tasks] == [b"x"] * 4


# unsubscribe


def rest_of(socket: Any) -> list[Any]:
    received = []
    while True:
        try:
            received.append(socket.recv(timeout=0))
        except ZMQTimeoutError:
            return received


@pytest.mark.parametrize("form", WireForm)
def test_no_message_comes_after_its_subscription_has_ended(form: WireForm) -> None:
    with Subscriber(wire_form=form) as subscriber:
        for topic in ("a", "ab", "b"):
            subscriber.subscribe(topic)
        with publisher_for("b", subscriber, form) as publisher:
            for topic in ("a", "ac", "ab", "abc", "b"):
                publisher.publish(topic, b"")
            assert subscriber.recv() == ("a", b"")
            subscriber.unsubscribe("a")
            assert [topic for topic, _ in rest_of(subscriber)] == ["ab", "abc", "b"]


def test_a_subscription_that_was_made_twice_has_to_end_twice() -> None:
    with Subscriber() as subscriber:
        subscriber.subscribe("a")
        subscriber.subscribe("a")
        with publisher_for("a", subscriber, WireForm.MULTIPART) as publisher:
            for _ in range(4):
                publisher.publish("a", b"")
            subscriber.recv()
            subscriber.unsubscribe("a")
            subscriber.unsubscribe("other")
            subscriber.recv()
            subscriber.unsubscribe("a")
            assert rest_of(subscriber) == []
            assert subscriber.stats.messages_received == 2
            assert subscriber.stats.bytes_received == 2


def test_no_frame_comes_after_its_subscription_has_ended() -> None:
    with Socket(SocketType.SUB, prefetch=10, wire_form=WireForm.SPACE) as subscriber:
        subscriber.subscribe("a")
        subscriber.subscribe("b")
        with publisher_for("b", subscriber, WireForm.SPACE) as publisher:
            for topic in "abab":
                publisher.publish(topic, b"")
            assert subscriber.recv() == b"a "
            subscriber.unsubscribe("a")
            assert rest_of(subscriber) == [b"b ", b"b "]


@both_loops
async def test_no_message_comes_after_its_subscription_has_ended_in_a_loop() -> None:
    async with aio.Subscriber() as subscriber:
        subscriber.subscribe("a")
        subscriber.subscribe("b")
        with Publisher() as publisher:
            await subscriber.connect(publisher.bind(inproc()), timeout=PATIENCE)
            publisher.wait_subscribers("b", timeout=PATIENCE)
            for topic in "aab":
                publisher.publish(topic, b"")
            assert await subscriber.recv(timeout=PATIENCE) == ("a", b"")
            subscriber.unsubscribe("a")
            assert await subscriber.recv(timeout=PATIENCE) == ("b", b"")
            with pytest.raises(ZMQTimeoutError):
                await subscriber.recv(timeout=0)


# disconnect


def test_no_message_comes_after_the_only_link_was_ended() -> None:
    with Puller() as puller, Pusher() as pusher:
        endpoint = pusher.bind(inproc())
        puller.connect(endpoint, timeout=PATIENCE)
        for number in range(3):
            pusher.send(b"%d" % number)
        assert puller.recv() == b"0"
        puller.disconnect(endpoint)
        assert rest_of(puller) == []
        assert puller.stats.messages_received == 1


def test_messages_of_other_links_stay() -> None:
    with Puller() as puller, Pusher() as one, Pusher() as other:
        first, second = one.bind(inproc()), other.bind(inproc())
        for pusher, endpoint in ((one, first), (other, second)):
            puller.connect(endpoint, timeout=PATIENCE)
            pusher.send(b"1")
            pusher.send(b"2")
        puller.recv()
        puller.disconnect(first)
        assert len(rest_of(puller)) == 3


# receive_hwm


def sent_until_full(pusher: Pusher) -> int:
    for count in itertools.count():
        try:
            pusher.send(b"", timeout=0)
        except ZMQTimeoutError:
            return count
    raise AssertionError


@pytest.mark.parametrize("how", ["option", "number"])
def test_no_more_is_received_ahead_than_may_be_queued(how: str) -> None:
    with Puller(**({"receive_hwm": 1} if how == "option" else {})) as puller:  # type: ignore[arg-type]
        if how == "number":
            puller.set_option(zmq.RCVHWM, 1)
        with Pusher(send_hwm=4) as pusher:
            pusher.connect(puller.bind(inproc()), timeout=PATIENCE)
            held = sent_until_full(pusher)
            puller.recv()
            # None but the one that was asked for has left the queue.
            assert sent_until_full(pusher) <= 1
            assert len(rest_of(puller)) <= held


# fileno, poll, ZMQ_EVENTS


def is_readable(descriptor: int, timeout: float) -> bool:
    return bool(select.select([descriptor], [], [], timeout)[0])


def test_a_descriptor_is_readable_until_the_last_message() -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(inproc()), timeout=PATIENCE)
        descriptor = puller.fileno()
        for number in range(3):
            pusher.send(b"%d" % number)
        for number in range(3):
            assert is_readable(descriptor, PATIENCE)
            assert puller.recv(timeout=0) == b"%d" % number
        assert not is_readable(descriptor, 0)


def test_every_way_to_ask_sees_what_is_ahead() -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(inproc()), timeout=PATIENCE)
        pusher.send(b"1")
        pusher.send(b"2")
        puller.recv()
        assert poll({puller: Poll.IN}, timeout=0) == {puller: Poll.IN}
        assert puller.get_option(zmq.EVENTS) & zmq.POLLIN
        # It comes before what the descriptor tells of.
        puller.fileno()
        assert puller.recv(timeout=0) == b"2"
        assert not puller.get_option(zmq.EVENTS) & zmq.POLLIN


# The turns of REQ and REP


@both_loops
async def test_an_answer_nobody_waited_for_is_not_taken_for_the_next_one() -> None:
    async with aio.Socket(SocketType.REQ, prefetch=10) as asking:
        with Socket(SocketType.REP, prefetch=10) as answering:
            await asking.connect(answering.bind(inproc()), timeout=PATIENCE)
            for rounds in range(8):
                await asking.send(b"first")
                waiting = asyncio.create_task(asking.recv(timeout=PATIENCE))
                answering.recv()
                await turns(2)
                answering.send(b"first")
                await turns(rounds)
                waiting.cancel()
                await asyncio.wait([waiting])
                await asking.send(b"second", timeout=PATIENCE)
                assert answering.recv() == b"second"
                answering.send(b"second")
                assert await asking.recv(timeout=PATIENCE) == b"second"


@both_loops
async def test_a_request_nobody_has_seen_can_not_be_answered() -> None:
    async with aio.Replier() as answering:
        endpoint = await answering.bind(inproc())
        with Socket(SocketType.REQ) as asking:
            asking.connect(endpoint, timeout=PATIENCE)
            for rounds in range(8):
                waiting = asyncio.create_task(answering.recv(timeout=PATIENCE))
                await turns(2)
                asking.send(b"question")
                await turns(rounds)
                if not waiting.done():
                    waiting.cancel()
                    await asyncio.wait([waiting])
                    with pytest.raises(ZMQStateError):
                        await answering.send(b"to nothing")
                    assert await answering.recv(timeout=PATIENCE) == b"question"
                await answering.send(b"answer")
                assert asking.recv() == b"answer"
