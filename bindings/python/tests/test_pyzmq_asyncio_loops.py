# SPDX-License-Identifier: Apache-2.0
"""Sockets of `experimance_zmq.pyzmq.asyncio` and event loops: one at a time, and what becomes of the last one."""

import asyncio
import threading
from typing import Any

import pytest
import uvloop
import zmq

from on_backend import on_backend

PATIENCE = 20


def _linked() -> tuple[Any, Any]:
    import experimance_zmq.pyzmq.asyncio as zmq_asyncio

    context = zmq_asyncio.Context.instance()
    assert context is not zmq.Context.instance()
    pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
    push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
    return pull, push


@on_backend
def test_another_loop_takes_over() -> None:
    pull, push = _linked()

    async def talk() -> None:
        receive = pull.recv()
        await asyncio.wait_for(push.send(b"x"), PATIENCE)
        assert await asyncio.wait_for(receive, PATIENCE) == b"x"
        # What is left behind is for nobody.
        leaving = pull.recv(), pull.poll(), pull.recv_json()
        await asyncio.sleep(0)
        assert not any(future.done() for future in leaving)

    for make in (asyncio.new_event_loop, uvloop.new_event_loop, asyncio.new_event_loop):
        loop = make()
        loop.run_until_complete(talk())
        loop.close()
    asyncio.run(talk())


@on_backend
def test_a_loop_that_runs_is_not_robbed_of_a_socket() -> None:
    pull, _ = _linked()
    waits = threading.Event()
    ends = threading.Event()
    outcome: list[bool] = []

    async def wait() -> None:
        receive = pull.recv()
        waits.set()
        await asyncio.to_thread(ends.wait, PATIENCE)
        outcome.append(receive.done())

    thread = threading.Thread(target=asyncio.run, args=(wait(),))
    thread.start()
    assert waits.wait(PATIENCE)

    async def take() -> None:
        with pytest.raises(RuntimeError, match="one event loop at a time"):
            pull.recv()

    asyncio.run(take())
    ends.set()
    thread.join()
    assert outcome == [False]


@on_backend
def test_a_close_on_another_thread_ends_waits() -> None:
    pull, push = _linked()

    async def wait() -> None:
        waits = [pull.recv(), pull.poll(), pull.recv_string()]
        await asyncio.sleep(0)
        await asyncio.to_thread(pull.close)
        await asyncio.wait_for(asyncio.wait(waits), PATIENCE)
        assert all(future.cancelled() for future in waits)

    asyncio.run(wait())
    assert pull.closed
    push.close()


@on_backend
def test_futures_are_made_before_the_loop_runs_as_older_programs_do() -> None:
    pull, push = _linked()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    receive = pull.recv_string()
    loop.run_until_complete(asyncio.wait_for(push.send_string("x"), PATIENCE))
    assert loop.run_until_complete(asyncio.wait_for(receive, PATIENCE)) == "x"
    loop.close()
    asyncio.set_event_loop(None)


@on_backend
def test_options_may_follow_the_first_receive_until_there_is_a_link() -> None:
    import experimance_zmq.pyzmq.asyncio as zmq_asyncio

    async def talk() -> None:
        context = zmq_asyncio.Context()
        pull, push = context.socket(zmq.PULL), context.socket(zmq.PUSH)
        receive, send = pull.recv(), push.send(b"x")
        await asyncio.sleep(0)
        pull.rcvhwm = push.sndhwm = 7
        push.connect(f"tcp://127.0.0.1:{pull.bind_to_random_port('tcp://127.0.0.1')}")
        await asyncio.wait_for(send, PATIENCE)
        assert await asyncio.wait_for(receive, PATIENCE) == b"x"
        context.destroy(linger=0)

    asyncio.run(talk())


@on_backend
def test_loops_that_send_in_turn_get_futures_of_their_own() -> None:
    pull, push = _linked()
    has_sent, ends = threading.Event(), threading.Event()

    async def send_and_stay() -> None:
        await asyncio.wait_for(push.send(b"1"), PATIENCE)
        has_sent.set()
        await asyncio.to_thread(ends.wait, PATIENCE)

    thread = threading.Thread(target=asyncio.run, args=(send_and_stay(),))
    thread.start()
    assert has_sent.wait(PATIENCE)

    async def send() -> None:
        await asyncio.wait_for(push.send(b"2"), PATIENCE)
        await asyncio.gather(push.send(b"3"))
        assert push.send(b"4").get_loop() is asyncio.get_running_loop()

    try:
        asyncio.run(send())
    finally:
        ends.set()
        thread.join()
    assert [zmq.Socket.shadow(pull).recv() for _ in range(4)] == [b"1", b"2", b"3", b"4"]


@on_backend
def test_a_poll_of_what_another_loop_waits_for_is_an_error_and_no_wait() -> None:
    pull, _ = _linked()
    waits, ends = threading.Event(), threading.Event()
    outcome: list[bool] = []

    async def wait() -> None:
        waiting = pull.poll()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waits.set()
        await asyncio.to_thread(ends.wait, PATIENCE)
        outcome.append(waiting.done())

    thread = threading.Thread(target=asyncio.run, args=(wait(),))
    thread.start()
    assert waits.wait(PATIENCE)

    async def take() -> None:
        with pytest.raises(RuntimeError, match="one event loop at a time"):
            await asyncio.wait_for(pull.poll(), PATIENCE)

    try:
        asyncio.run(take())
    finally:
        ends.set()
        thread.join()
    assert outcome == [False]
