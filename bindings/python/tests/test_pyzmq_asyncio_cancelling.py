# SPDX-License-Identifier: Apache-2.0
"""Receives of `experimance_zmq.pyzmq.asyncio` that are given up, at every moment: nothing is lost, nothing changes its
place.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import zmq

from pyzmq_tasks import Socket, Sockets, in_loops, soon, until

FORMS: dict[str, tuple[Callable[[Socket, str], Any], Callable[[Socket], Any]]] = {
    "recv": (lambda push, text: push.send_string(text), lambda pull: pull.recv()),
    "recv_string": (lambda push, text: push.send_string(text), lambda pull: pull.recv_string()),
    "recv_json": (lambda push, text: push.send_json(text), lambda pull: pull.recv_json()),
    "recv_multipart": (
        lambda push, text: push.send_multipart([text.encode(), b""]),
        lambda pull: pull.recv_multipart(),
    ),
    "recv_serialized": (
        lambda push, text: push.send_multipart([text.encode(), b""]),
        lambda pull: pull.recv_serialized(lambda frames: frames[0].decode()),
    ),
    "frames": (
        lambda push, text: push.send_multipart([text.encode(), b""]),
        lambda pull: pull.recv_multipart(copy=False),
    ),
}


def text_of(received: Any) -> str:
    first = received[0] if isinstance(received, list) else received
    if isinstance(first, zmq.Frame):
        return first.bytes.decode()
    return first.decode() if isinstance(first, bytes) else str(first)


@in_loops
async def test_a_message_that_has_come_is_the_next_one_s_when_its_future_is_cancelled(sockets: Sockets) -> None:
    for send, receive in FORMS.values():
        pull, push = sockets.pair()
        futures = [receive(pull) for _ in range(2)]
        for text in "ab":
            await soon(send(push, text))
        await until(futures[0].done)
        assert futures[0].cancel()
        assert futures[0].cancelled()
        assert not futures[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            futures[0].result()
        # Who is behind it has what would have come without it.
        assert text_of(await soon(futures[1])) == "a"
        assert text_of(await soon(receive(pull))) == "b"


@in_loops
async def test_a_task_that_is_cancelled_between_its_wake_up_and_its_turn_has_taken_nothing(sockets: Sockets) -> None:
    for send, receive in FORMS.values():
        pull, push = sockets.pair()
        future = receive(pull)
        tasks: list[asyncio.Task[Any]] = []
        # It is called right before the task goes on.
        future.add_done_callback(partial(_cancel, tasks))
        tasks.append(asyncio.ensure_future(_await(future)))
        # It waits.
        await asyncio.sleep(0)
        await soon(send(push, "a"))
        await soon(asyncio.wait(tasks))
        assert tasks[0].cancelled()
        assert text_of(await soon(receive(pull))) == "a"


def _cancel(tasks: list[asyncio.Task[Any]], _: object) -> None:
    tasks[0].cancel()


async def _await(future: Awaitable[Any]) -> Any:
    return await future


@in_loops
async def test_a_task_that_is_cancelled_in_a_turn_it_leaves_to_others_has_taken_nothing(sockets: Sockets) -> None:
    pull, push = sockets.pair(sndhwm=0, rcvhwm=0)
    for number in range(1000):
        await soon(push.send_string(str(number)))
    received: list[str] = []
    while len(received) < 1000:
        task = asyncio.ensure_future(_receive_all(pull, received))
        # It runs until it lets others.
        await asyncio.sleep(0)
        task.cancel()
        await soon(asyncio.wait([task]))
    assert received == [str(number) for number in range(1000)]


async def _receive_all(pull: Socket, received: list[str]) -> None:
    while True:
        received.append(await pull.recv_string())


@in_loops
async def test_a_future_that_nobody_has_kept_does_not_keep_its_message(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    pull.recv_string()
    await soon(push.send_string("a"))
    assert await soon(pull.recv_string()) == "a"
    await soon(push.send_string("b"))
    assert await soon(pull.poll(10_000)) == zmq.POLLIN
    pull.recv_string()
    pull.recv_json()
    gc.collect()
    assert await soon(pull.recv_string()) == "b"


@in_loops
async def test_what_was_only_waited_for_is_not_taken(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await soon(push.send_string("1"))
    future = pull.recv_json()
    done, _ = await asyncio.wait([future], return_when=asyncio.FIRST_COMPLETED)
    assert done == {future}
    # To be asked whether it has failed takes nothing, either.
    assert future.exception() is None
    assert future.cancel()
    assert await soon(pull.recv_string()) == "1"


@in_loops
async def test_a_result_can_be_looked_at_again(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    results: list[Any] = []
    future = pull.recv_string()
    future.add_done_callback(lambda done: results.append(done.result()))
    await soon(push.send_string("a"))
    assert await soon(future) == "a"
    assert await future == future.result() == "a"
    await until(lambda: results)
    assert results == ["a"]
    assert not future.cancel()
    first, second = pull.recv_string(), pull.recv_json()
    await soon(push.send_string("b"))
    await soon(push.send_json([1]))
    assert list(await soon(asyncio.gather(first, second))) == ["b", [1]]


@in_loops
async def test_a_shielded_receive_goes_on(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    future = pull.recv_string()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asyncio.shield(future), 0.001)
    await soon(push.send_string("a"))
    assert await soon(asyncio.shield(future)) == "a"
    assert future.result() == "a"


@in_loops
async def test_frames_are_cut_anew_when_one_in_front_is_put_back(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    waits = [pull.recv(), pull.recv(), pull.recv_multipart(), pull.recv()]
    await soon(push.send_multipart([b"a", b"b", b"c", b"d"]))
    await soon(push.send_multipart([b"e", b"f"]))
    await until(waits[3].done)
    assert waits[0].cancel()
    assert await soon(waits[1]) == b"a"
    assert pull.getsockopt(zmq.RCVMORE) == 1
    assert await soon(waits[3]) == b"e"
    assert await soon(waits[2]) == [b"b", b"c", b"d"]
    assert await soon(pull.recv_multipart()) == [b"f"]
    one, rest = pull.recv(), pull.recv_multipart()
    await soon(push.send_multipart([b"g", b"h"]))
    await until(rest.done)
    assert one.cancel()
    assert rest.cancel()
    assert await soon(pull.recv_multipart()) == [b"g", b"h"]


@in_loops
async def test_an_answer_that_was_given_back_is_still_the_answer(sockets: Sockets) -> None:
    replier, requester = sockets.pair(zmq.REP, zmq.REQ)
    await soon(requester.send_string("question"))
    request = replier.recv_string()
    await until(request.done)
    assert request.cancel()
    assert await soon(replier.recv_string()) == "question"
    await soon(replier.send_string("answer"))
    answer = requester.recv_string()
    await until(answer.done)
    assert answer.cancel()
    with pytest.raises(zmq.ZMQError) as raised:
        await requester.send_string("another")
    assert raised.value.errno == zmq.EFSM
    assert await soon(requester.poll(10_000)) == zmq.POLLIN
    assert await soon(requester.recv_string()) == "answer"


@in_loops
async def test_what_was_given_back_counts_if_nothing_newer_has_come(sockets: Sockets) -> None:
    pull, push = sockets.pair(conflate=1)
    for expected in "old", "new":
        future = pull.recv_string()
        await soon(push.send_string("old"))
        await until(future.done)
        assert future.cancel()
        if expected == "new":
            await soon(push.send_string("new"))
            # The library has it.
            await until(partial(_library_has_a_message, zmq.Socket(pull)))
        assert await soon(pull.poll(10_000)) == zmq.POLLIN
        assert await soon(pull.recv_string()) == expected
    assert await soon(pull.poll(0)) == 0


def _library_has_a_message(socket: Any) -> bool:
    import select

    from experimance_zmq import _abi

    return bool(select.select([socket._shared.state_descriptor(_abi.exz_socket_fd)], [], [], 0)[0])
