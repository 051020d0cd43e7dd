# SPDX-License-Identifier: Apache-2.0
"""Greenlets of gevent: `experimance_zmq.pyzmq.green`, and zmq.green as it is on this library."""

import itertools
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import gevent
import pytest
import zmq
from gevent.event import Event

from on_backend import on_backend, run

PATIENCE = 20
Green = Any
"""What a test runs on is known in its own process alone."""

both = pytest.mark.parametrize("module", ["experimance_zmq.pyzmq.green", "zmq.green"])


@contextmanager
def green_context(module: str) -> Iterator[Green]:
    """A context, whose sockets are closed at the end."""
    import importlib

    context = importlib.import_module(module).Context()
    with gevent.Timeout(PATIENCE):
        yield context
    context.destroy(linger=0)


def pair(context: Green, bound: int = zmq.PULL, connected: int = zmq.PUSH, **options: int) -> tuple[Green, Green]:
    first, second = context.socket(bound), context.socket(connected)
    for each in first, second:
        for name, value in options.items():
            setattr(each, name, value)
    second.connect(f"tcp://127.0.0.1:{first.bind_to_random_port('tcp://127.0.0.1')}")
    return first, second


def in_turns(count: int) -> None:
    for _ in range(count):
        gevent.sleep(0)


@both
@on_backend
def test_a_greenlet_that_waits_lets_others_run(module: str) -> None:
    with green_context(module) as context:
        pull, push = pair(context)
        waiting = gevent.spawn(pull.recv_multipart)
        turns = Event()
        gevent.spawn(turns.set)
        turns.wait()
        assert not waiting.ready()
        push.send_multipart([b"a", b"b"])
        assert waiting.get() == [b"a", b"b"]
        waiting = gevent.spawn(pull.poll, 10_000)
        in_turns(3)
        push.send_string("c")
        assert waiting.get() == zmq.POLLIN
        assert pull.recv_string() == "c"


@both
@on_backend
def test_a_full_queue_makes_the_greenlet_wait(module: str) -> None:
    with green_context(module) as context:
        pull, push = pair(context, sndhwm=4, rcvhwm=4, sndbuf=4096, rcvbuf=4096)

        def send() -> None:
            for number in range(500):
                push.send(b"%d" % number + b"x" * 500)

        sending = gevent.spawn(send)
        in_turns(10)
        assert not sending.ready()
        assert [pull.recv().rstrip(b"x") for _ in range(500)] == [b"%d" % number for number in range(500)]
        sending.get()


@both
@on_backend
def test_requests_are_answered_in_the_same_thread(module: str) -> None:
    with green_context(module) as context:
        replier, requester = pair(context, zmq.REP, zmq.REQ)

        def answer() -> None:
            while True:
                replier.send(replier.recv().upper())

        answering = gevent.spawn(answer)
        for number in range(50):
            requester.send(b"request %d" % number)
            assert requester.recv() == b"REQUEST %d" % number
        answering.kill()


@both
@on_backend
def test_a_device_forwards_both_ways(module: str) -> None:
    import importlib

    with green_context(module) as context:
        front, client = pair(context, zmq.ROUTER, zmq.DEALER)
        back, worker = pair(context, zmq.DEALER, zmq.REP)
        device = gevent.spawn(importlib.import_module(module).device, zmq.QUEUE, front, back)
        client.send_multipart([b"", b"question"])
        assert worker.recv() == b"question"
        worker.send(b"answer")
        assert client.recv_multipart() == [b"", b"answer"]
        device.kill()


@both
@on_backend
def test_several_are_polled_at_once(module: str) -> None:
    import importlib

    with green_context(module) as context, socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        pull, push = pair(context)
        poller = importlib.import_module(module).Poller()
        poller.register(pull, zmq.POLLIN)
        poller.register(listener, zmq.POLLIN)
        assert poller.poll(5) == []
        gevent.spawn(push.send, b"x")
        assert poller.poll() == [(pull, zmq.POLLIN)]
        assert pull.recv() == b"x"
        waiting = gevent.spawn(poller.poll, 10_000)
        in_turns(3)
        with socket.create_connection(listener.getsockname()):
            assert waiting.get() == [(listener.fileno(), zmq.POLLIN)]


@on_backend
def test_any_number_of_greenlets_wait_for_one_socket() -> None:
    with green_context("experimance_zmq.pyzmq.green") as context:
        pull, push = pair(context)
        waiting = [gevent.spawn(pull.recv) for _ in range(50)]
        in_turns(3)
        for number in range(50):
            push.send(b"%d" % number)
        gevent.joinall(waiting, raise_error=True)
        assert sorted(int(each.get()) for each in waiting) == list(range(50))


@on_backend
def test_time_outs_and_closes_end_waits() -> None:
    with green_context("experimance_zmq.pyzmq.green") as context:
        pull, _ = pair(context)
        pull.rcvtimeo = 10
        with pytest.raises(zmq.Again):
            pull.recv_string()
        lonely = context.socket(zmq.PUSH)
        lonely.sndtimeo = 10
        with pytest.raises(zmq.Again):
            lonely.send(b"to nobody")
        pull.rcvtimeo = lonely.sndtimeo = -1
        with pytest.raises(gevent.Timeout), gevent.Timeout(0.01):
            pull.recv()
        waits = [gevent.spawn(_errno_of, call) for call in (pull.recv, pull.recv_multipart, lambda: lonely.send(b"x"))]
        in_turns(3)
        pull.close()
        lonely.close()
        assert [each.get() for each in waits] == [zmq.ENOTSOCK] * 3


def _errno_of(call: Callable[[], object]) -> int | None:
    try:
        call()
    except zmq.ZMQError as error:
        return error.errno
    return None


@on_backend
def test_the_end_of_a_context_on_another_thread_ends_waits() -> None:
    with green_context("experimance_zmq.pyzmq.green") as context:
        pull, _ = pair(context)
        waiting = gevent.spawn(_errno_of, pull.recv)
        in_turns(3)
        ending = gevent.get_hub().threadpool.spawn(context.term)
        assert waiting.get() == zmq.ETERM
        for each in list(context._sockets):
            each.close()
        ending.get()


@on_backend
def test_greenlets_that_are_killed_lose_nothing() -> None:
    count = 300
    with green_context("experimance_zmq.pyzmq.green") as context:
        pull, push = pair(context, sndhwm=0, rcvhwm=0)

        received: list[int] = []

        def send() -> None:
            for number in range(count):
                while len(received) < number:
                    gevent.sleep(0)
                push.send_multipart([b"%d" % number, b""])

        sending = gevent.spawn(send)
        given_up = 0
        for way in itertools.cycle(range(3)):
            if len(received) == count:
                break
            if way == 0:
                received.append(int(pull.recv_multipart()[0]))
                continue
            message = _killed_after(pull, way) if way == 1 else _in_time(pull)
            if message is None:
                given_up += 1
            else:
                received.append(int(message[0]))
        sending.get()
        assert received == list(range(count))
        assert given_up > 30


def _killed_after(pull: Green, turns: int) -> list[bytes] | None:
    waiting = gevent.spawn(pull.recv_multipart)
    in_turns(turns)
    waiting.kill()
    return None if isinstance(waiting.value, gevent.GreenletExit) else waiting.value


def _in_time(pull: Green) -> list[bytes] | None:
    try:
        with gevent.Timeout(0.00005):
            message: list[bytes] = pull.recv_multipart()
            return message
    except gevent.Timeout:
        return None


def test_it_works_under_gevent_s_patches() -> None:
    done = run(
        "from gevent import monkey; monkey.patch_all()\n"
        "import experimance_zmq.pyzmq.green as zmq, gevent, threading\n"
        "context = zmq.Context.instance()\n"
        "pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)\n"
        "push.connect(f\"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}\")\n"
        "thread = threading.Thread(target=lambda: print(pull.recv_string()))\n"
        "thread.start(); gevent.sleep(0); push.send_string('through'); thread.join(20)\n"
        "poller = zmq.Poller(); poller.register(pull, zmq.POLLIN); assert poller.poll(1) == []\n"
        "context.destroy(linger=0)\n"
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "through\n"


@on_backend
def test_descriptors_do_not_stay_behind() -> None:
    numbers = []
    for _ in range(20):
        with green_context("experimance_zmq.pyzmq.green") as context:
            pull, push = pair(context)
            gevent.spawn(push.send, b"x")
            assert pull.recv() == b"x"
            assert push.poll(10_000, zmq.POLLOUT)
        in_turns(2)
        numbers.append(os.open("/dev/null", os.O_RDONLY))
        os.close(numbers[-1])
    # The lowest free number is given out.
    assert numbers[-1] <= numbers[3] + 8
