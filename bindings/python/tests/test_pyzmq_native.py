# SPDX-License-Identifier: Apache-2.0
"""What the library does itself for pyzmq's sockets: what it takes, what it leaves alone, and that nothing is lost."""

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
from functools import partial
from typing import Any, cast

import pytest
import zmq

from experimance_zmq._log import held_back
from no_memory import one_block_short
from on_backend import on_backend, run
from pyzmq_sockets import PATIENCE_MS, Socket, inproc_pair, new_context, pair

ROUNDS = 1000
LARGE = 64 << 10


def shadow(socket: Socket) -> Socket:
    """Another face of it."""
    return cast(Socket, zmq.Socket.shadow(socket.underlying))


def untyped_pair() -> tuple[Any, Any]:
    """For what pyzmq's types do not allow."""
    return pair()


@on_backend
def test_arguments_may_be_named_and_left_out() -> None:
    first, second = untyped_pair()
    first.send(b"1")
    first.send(b"2", 0, True, False)
    first.send(b"3", flags=0, copy=True, track=False)
    first.send(data=b"4", track=False, copy=False)
    assert second.recv() == b"1"
    assert second.recv(0, True, False) == b"2"
    assert second.recv(track=False, copy=True, flags=0) == b"3"
    assert second.recv(copy=False).bytes == b"4"
    assert second.get(option=zmq.RCVMORE) == second.get(zmq.RCVMORE) == 0
    first.send(b"5", **{"".join(["fl", "ags"]): zmq.DONTWAIT})
    assert second.recv() == b"5"


@on_backend
def test_arguments_that_make_no_sense_are_type_errors() -> None:
    first, second = untyped_pair()
    base: Any = zmq.backend.Socket
    calls: list[Any] = [
        lambda: base.send(first),
        lambda: base.send(first, b"", 0, True, False, 1),
        lambda: base.send(first, b"", data=b""),
        lambda: base.send(first, b"", wrong=1),
        lambda: first.send("text"),
        lambda: first.send(b"", "0"),
        lambda: base.recv(second, 0, True, False, 1),
        lambda: base.recv(second, 0, flags=0),
        lambda: second.recv(wrong=1),
        lambda: second.recv(zmq.DONTWAIT, "no truth" and Truthless()),
        lambda: base.get(second),
        lambda: base.get(second, 1, 2),
        lambda: base._attach(second, object()),
        lambda: base.recv(object()),
    ]
    for call in calls:
        with pytest.raises(TypeError):
            call()
    first.send(b"next")
    assert second.recv() == b"next"


class Truthless:
    def __bool__(self) -> bool:
        raise TypeError


@on_backend
def test_a_face_of_nothing_and_fields_that_were_changed_are_errors() -> None:
    first, second = pair()
    base: Any = zmq.backend.Socket
    bare: Any = base.__mro__[1]()
    calls: list[Any] = [lambda: bare.recv(), lambda: bare.send(b""), lambda: bare.get(zmq.TYPE)]
    for call in calls:
        with pytest.raises(AttributeError):
            call()
    shared: Any = cast(Any, second)._shared
    for name in ("ahead", "incoming", "_next_ahead", "_next_incoming", "_coming", "outgoing"):
        before = getattr(shared, name)
        for value in (None, 5, [None], "text", ...):
            # Whatever comes of it, the process goes on.
            with contextlib.suppress(AttributeError, TypeError):
                delattr(shared, name) if value is ... else setattr(shared, name, value)
            first.send_multipart([b"1", b"2"])
            for use in (partial(second.recv, zmq.DONTWAIT), partial(second.send, b"", zmq.SNDMORE), second.poll):
                with contextlib.suppress(AttributeError, TypeError, zmq.ZMQError):
                    use()
        setattr(shared, name, before)


def numbered(count: int) -> list[list[bytes]]:
    """Messages of all kinds."""
    shapes = [[10, 20], [5], [0, 0, 0], [], [3000, 1], [1, 3000], [LARGE], [LARGE, 1], [1, LARGE], [2] * 9]
    return [[b"%d" % number, *map(bytes, shapes[number * number // 7 % len(shapes)])] for number in range(count)]


@on_backend
def test_order_is_kept_whoever_receives_frame_by_frame() -> None:
    push, pull = pair(zmq.PUSH, zmq.PULL)
    other = shadow(pull)
    sent = numbered(800)
    sender = threading.Thread(target=lambda: [push.send_multipart(parts) for parts in sent])
    sender.start()
    for number, parts in enumerate(sent):
        received: list[bytes] = []
        while not received or (pull, other)[number % 2].getsockopt(zmq.RCVMORE):
            receive = (pull, other)[len(received) % 2].recv
            frame: Any = receive(copy=(number + len(received)) % 5 != 0)
            received.append(frame if isinstance(frame, bytes) else frame.bytes)
        assert received == parts
    sender.join()


@on_backend
def test_a_message_that_one_face_has_begun_another_one_ends() -> None:
    first, second = pair(zmq.PUSH, zmq.PULL)
    other = shadow(first)
    first.send(b"1", zmq.SNDMORE)
    other.send(b"2", zmq.SNDMORE)
    first.send(bytearray(b"3"), zmq.SNDMORE)
    other.send(b"4")
    assert second.recv_multipart() == [b"1", b"2", b"3", b"4"]


@on_backend
def test_an_answer_waits_for_the_whole_request() -> None:
    reply, request = pair(zmq.REP, zmq.REQ)
    for frames in ([b"1"], [b"1", b"2"]):
        request.send_multipart(frames)
        for frame in frames:
            with pytest.raises(zmq.ZMQError) as caught:
                reply.send(b"early")
            assert caught.value.errno == zmq.EFSM
            assert reply.recv() == frame
        reply.send_multipart([b"3", b"4"])
        assert request.recv_multipart() == [b"3", b"4"]
        with pytest.raises(zmq.ZMQError):
            reply.send(b"again")


def kept_by(call: Any) -> int:
    """How many blocks of memory Python has more than before."""
    call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(ROUNDS):
        call()
    gc.collect()
    return sys.getallocatedblocks() - before


@on_backend
def test_objects_are_neither_kept_nor_given_back() -> None:
    first, second = pair(zmq.PUSH, zmq.PULL)
    data, parts = bytes(100), [bytes(100), bytes(200)]
    subjects = (data, *parts, None, True, False, 0, 1, first, second, cast(Any, second)._shared)
    before = [sys.getrefcount(subject) for subject in subjects]

    def use() -> None:
        first.send(data)
        first.send(data, flags=0, copy=True, track=False)
        first.send_multipart(parts)
        first.send_multipart([*parts, data])
        assert [second.recv(), second.recv(copy=True)] == [data, data]
        assert second.recv_multipart() == parts
        assert second.recv_multipart() == [*parts, data]
        with pytest.raises(zmq.Again):
            second.recv(zmq.DONTWAIT)
        shadow(second).getsockopt(zmq.RCVMORE)

    assert kept_by(use) < ROUNDS / 2
    for early, subject in zip(before, subjects, strict=True):
        assert abs(sys.getrefcount(subject) - early) < ROUNDS / 2


@on_backend
def test_messages_without_memory_are_received_later() -> None:
    push, pull = pair(zmq.PUSH, zmq.PULL)
    sent = [[b"%d" % number] * (number % 3 + 1) for number in range(300)]
    for parts in sent:
        push.send_multipart(parts)
    received: list[list[bytes]] = []
    failures = number = 0
    while len(received) < len(sent):
        if not pull.getsockopt(zmq.RCVMORE):
            received.append([])
        assert pull.poll(PATIENCE_MS)
        while True:
            number = number % 20 + 1
            receive = zmq.backend.Socket.recv
            try:
                with one_block_short(number):
                    frame = receive(pull)
                break
            except MemoryError:
                failures += 1
        received[-1].append(frame)
        if pull.getsockopt(zmq.RCVMORE):
            received[-1] += [pull.recv() for _ in range(len(sent[len(received) - 1]) - 1)]
    assert received == sent
    assert failures > 0


class AlarmRangError(Exception):
    """What a signal handler raises."""


@pytest.mark.parametrize("timeout_ms", [-1, 10_000])
@on_backend
def test_a_message_is_not_lost_that_comes_with_a_signal(timeout_ms: int) -> None:
    push, pull = pair(zmq.PUSH, zmq.PULL)
    pull.setsockopt(zmq.RCVTIMEO, timeout_ms)

    def ring(*_: object) -> None:
        # It comes while the thread waits, which is to go on with an error.
        push.send_multipart([b"1", b"2"])
        raise AlarmRangError

    signal.signal(signal.SIGALRM, ring)
    for _ in range(20):
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        with pytest.raises(AlarmRangError):
            pull.recv()
        assert pull.recv_multipart() == [b"1", b"2"]


def await_waiting(socket: Socket) -> None:
    """Until a thread waits in the library for a message of it."""
    while not cast(Any, socket)._shared.waiting_threads:
        os.sched_yield()


@pytest.mark.parametrize("count", [1, 2])
@on_backend
def test_a_message_is_not_lost_that_comes_when_a_handler_has_raised(count: int) -> None:
    push, pull = inproc_pair(zmq.PUSH, zmq.PULL)
    frames = [b"%d" % number for number in range(count)]

    def send() -> None:
        await_waiting(pull)
        push.send_multipart(frames)

    # As one does that has run in a place where nothing can be raised.
    held_back.append(AlarmRangError())
    sender = threading.Thread(target=send)
    sender.start()
    with pytest.raises(AlarmRangError):
        pull.recv()
    sender.join()
    assert pull.recv_multipart() == frames


@on_backend
def test_a_thread_that_waits_is_not_kept_from_its_message() -> None:
    """Another one that receives takes its own, and none that the first one waits for."""
    push, pull = inproc_pair(zmq.PUSH, zmq.PULL)
    received: queue.Queue[bytes] = queue.Queue()
    rounds = 300

    def receive() -> None:
        for _ in range(rounds):
            received.put(pull.recv())

    waiting = threading.Thread(target=receive)
    waiting.start()
    for _ in range(rounds):
        await_waiting(pull)
        push.send(b"1")
        push.send(b"2")
        mine = pull.recv()
        assert sorted([mine, received.get(timeout=PATIENCE_MS / 1000)]) == [b"1", b"2"]
    waiting.join()


@on_backend
def test_a_time_that_is_over_says_so() -> None:
    _, pull = pair(zmq.PUSH, zmq.PULL)
    for timeout_ms in (0, 1, 20):
        pull.setsockopt(zmq.RCVTIMEO, timeout_ms)
        with pytest.raises(zmq.Again):
            pull.recv()
        with pytest.raises(zmq.Again):
            pull.recv_multipart()


def test_a_child_of_a_fork_has_nothing_of_what_has_come() -> None:
    done = run("""
import os, zmq
push, pull = zmq.Context.instance().socket(zmq.PUSH), zmq.Context.instance().socket(zmq.PULL)
pull.bind("inproc://fork")
push.connect("inproc://fork")
for number in range(9):
    push.send(b"%d" % number)
assert pull.recv() == b"0"
child = os.fork()
if child == 0:
    for call in (pull.recv, lambda: push.send(b"")):
        try:
            call()
        except zmq.ZMQError as error:
            assert error.errno == zmq.ENOTSOCK, error
        else:
            os._exit(1)
    os._exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert [pull.recv() for _ in range(8)] == [b"%d" % number for number in range(1, 9)]
""")
    assert done.returncode == 0, done.stderr


@on_backend
def test_a_context_that_ends_ends_waits_that_the_library_makes() -> None:
    context = new_context()
    pull = context.socket(zmq.PULL)
    pull.bind("inproc://ends")
    raised: list[BaseException] = []

    def wait() -> None:
        try:
            pull.recv()
        except zmq.ZMQError as error:
            raised.append(error)
        pull.close()

    thread = threading.Thread(target=wait)
    thread.start()
    await_waiting(pull)
    context.term()
    thread.join()
    assert [type(error) for error in raised] == [zmq.ContextTerminated]
