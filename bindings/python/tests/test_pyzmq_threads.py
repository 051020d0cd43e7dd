# SPDX-License-Identifier: Apache-2.0
"""Threads and processes that use one socket of pyzmq's: none of them is kept waiting by another, or told too late."""

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
import zmq

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, inproc_pair, new_context, of
from reserved_port import ReservedPort

_SECONDS = PATIENCE_MS / 1000


def shared(socket: Any) -> Any:
    """What all faces of a socket have in common."""
    return socket._shared


@on_backend
def test_a_receive_that_shows_memory_waits_for_all_of_its_time() -> None:
    from experimance_zmq.pyzmq import _exchange

    exchange: Any = _exchange
    exchange._WAIT_MS = 1
    receiver, sender = inproc_pair(zmq.PULL, zmq.PUSH)
    found: list[bytes] = []
    receives = threading.Thread(target=lambda: found.append(receiver.recv(copy=False).bytes))
    receives.start()
    wait = shared(receiver).wait
    waits_again = threading.Event()

    def told_wait(*arguments: Any) -> Any:
        waits_again.set()
        return wait(*arguments)

    shared(receiver).wait = told_wait
    assert waits_again.wait(_SECONDS)
    sender.send(b"late")
    receives.join()
    assert found == [b"late"]


@on_backend
def test_a_thread_that_polls_sees_what_another_one_leaves() -> None:
    from experimance_zmq import _abi

    receiver, sender = inproc_pair(zmq.PULL, zmq.PUSH)
    call = _abi.exz_poll
    has_looked, goes_on = threading.Event(), threading.Event()

    def looks_once(items: Any, count: int, timeout_ms: int) -> Any:
        if timeout_ms:
            has_looked.set()
            goes_on.wait()
        return call(items, count, min(timeout_ms, 0))

    module: Any = _abi
    module.exz_poll = looks_once
    found: list[int] = []
    polls = threading.Thread(target=lambda: found.append(receiver.poll(PATIENCE_MS)))
    polls.start()
    assert has_looked.wait(_SECONDS)
    for number in range(5):
        sender.send(b"%d" % number)
    assert receiver.recv() == b"0"
    # What a thread sees that waits in the library.
    assert not shared(receiver).ahead
    goes_on.set()
    polls.join()
    assert found == [zmq.POLLIN]


@on_backend
def test_all_threads_that_ask_for_the_descriptor_get_the_same() -> None:
    from experimance_zmq.pyzmq import _edges

    meet = threading.Barrier(2)
    make = _edges.EdgeDescriptor
    all_made: list[Any] = []

    def slow(states: list[int]) -> Any:
        made = make(states)
        all_made.append(made)
        meet.wait(_SECONDS)
        return made

    module: Any = _edges
    module.EdgeDescriptor = slow
    socket = of(zmq.PULL)
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(socket.FD)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [socket.FD] * 2
    os.fstat(found[0])
    socket.close()
    assert [(made._epoll.closed, made._bell) for made in all_made] == [(True, -1)] * 2


@on_backend
def test_a_child_closes_what_a_thread_of_its_parent_was_using() -> None:
    socket = of(zmq.PUSH)
    socket.IMMEDIATE = 0
    with ReservedPort() as port:
        socket.connect(port.endpoint)
        socket.send(b"")
        locks = [shared(socket)._lock, shared(socket).backlog._lock]
        held, forked = threading.Event(), threading.Event()

        def hold() -> None:
            with locks[0], locks[1]:
                held.set()
                forked.wait()

        holds = threading.Thread(target=hold)
        holds.start()
        assert held.wait(_SECONDS)
        child = os.fork()
        if not child:
            socket.close()
            os._exit(0)
        forked.set()
        holds.join()
        ended = threading.Thread(target=os.waitpid, args=(child, 0), daemon=True)
        ended.start()
        ended.join(_SECONDS)
        assert not ended.is_alive()
        socket.close(0)


@on_backend
def test_the_end_of_a_context_is_told_to_all_though_one_fails() -> None:
    context = new_context()
    first, second = of(zmq.PULL, context), of(zmq.PULL, context)
    context_of: Any = context
    ended: list[zmq.ZMQError] = []

    def waits() -> None:
        with pytest.raises(zmq.ContextTerminated) as raised:
            second.recv()
        ended.append(raised.value)

    receives = threading.Thread(target=waits)
    receives.start()

    def fails() -> None:
        raise RuntimeError("it can not be told")

    told: list[int] = []
    for socket in (first, second):
        shared(socket).context_ended = _both(lambda: told.append(1), fails)
    with pytest.raises(RuntimeError):
        context_of._shared.end_waits()
    receives.join()
    assert len(ended) == 1
    assert len(told) == 2


def _both(one: Callable[[], object], other: Callable[[], object]) -> Callable[[], None]:
    def call() -> None:
        one()
        other()

    return call
