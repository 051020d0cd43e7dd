# SPDX-License-Identifier: Apache-2.0
"""Waits for room to send of `experimance_zmq.pyzmq.asyncio`: who hears of it, and what is left of them."""

import asyncio
import os
import tempfile
import threading
from typing import Any

import pytest
import zmq

from pyzmq_tasks import Socket, Sockets, in_loops, soon, until


def _senders(socket: Socket) -> Any:
    from experimance_zmq.pyzmq._tasks import Tasks

    return socket._shared.waits[Tasks].senders


@in_loops
async def test_descriptors_of_sends_that_have_waited_do_not_stay_behind(sockets: Sockets) -> None:
    count = []
    for number in range(12):
        push = sockets.of(zmq.PUSH)
        push.bind(f"inproc://{number}")
        send, poll = push.send(b"x"), push.poll(None, zmq.POLLOUT)
        await until(lambda: _senders(push)._polls)  # noqa: B023
        push.close(linger=0)
        await soon(asyncio.wait([send, poll]))
        count.append(len([name for name in os.listdir("/proc/self/fd") if _is_bell(name)]))
    # The library's go when its own thread has closed the socket.
    assert count[-1] < count[0] + 8


def _is_bell(name: str) -> bool:
    try:
        return "eventfd" in os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        return False


@in_loops
async def test_a_poll_that_finds_no_room_waits_on(sockets: Sockets) -> None:
    push = sockets.of(zmq.PUSH)
    endpoint = f"tcp://127.0.0.1:{push.bind_to_random_port('tcp://127.0.0.1')}"
    poll = push.poll(None, zmq.POLLOUT)
    await until(lambda: _senders(push)._polls)
    # An edge, and the room that it told of is gone.
    _senders(push)._edges.ring()
    looked = asyncio.Event()
    look = _senders(push)._look

    def look_and_say_so() -> None:
        look()
        looked.set()

    _senders(push)._look = look_and_say_so
    await soon(looked.wait())
    assert not poll.done()
    pull = sockets.of(zmq.PULL)
    pull.connect(endpoint)
    assert await soon(poll) == zmq.POLLOUT


@in_loops
async def test_a_poll_hears_that_the_queue_has_room_again(sockets: Sockets) -> None:
    with tempfile.TemporaryDirectory() as folder:
        endpoint = f"ipc://{folder}/queue"
        push = sockets.of(zmq.PUSH, sndhwm=1, immediate=0)
        push.connect(endpoint)
        await soon(push.send(b"1"))
        poll = push.poll(None, zmq.POLLOUT)
        await until(lambda: _senders(push)._polls)
        pull = sockets.of(zmq.PULL)
        pull.bind(endpoint)
        assert await soon(pull.recv()) == b"1"
        assert await soon(poll) == zmq.POLLOUT


def _router_without_room(sockets: Sockets, context: Any) -> tuple[Socket, Socket]:
    router, dealer = context.socket(zmq.ROUTER), context.socket(zmq.DEALER)
    router.router_mandatory, router.sndhwm, dealer.rcvhwm, dealer.routing_id = 1, 1, 1, b"d"
    router.bind("inproc://router")
    dealer.connect("inproc://router")
    return router, dealer


async def _send_until_it_waits(socket: Socket) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any]
    while (future := socket.send_multipart([b"d", b"x"])).done():
        # Perhaps the peer has not shaken hands.
        future.exception()
        await asyncio.sleep(0)
    return future


@in_loops
async def test_the_end_of_a_context_ends_sends_that_no_descriptor_tells_of(sockets: Sockets) -> None:
    asyncio.get_running_loop().set_debug(True)
    context = sockets.module.Context()
    router, dealer = _router_without_room(sockets, context)
    send = await _send_until_it_waits(router)
    ending = asyncio.ensure_future(asyncio.to_thread(context.term))
    with pytest.raises(zmq.ContextTerminated):
        await soon(send)
    router.close(linger=0)
    dealer.close(linger=0)
    await soon(ending)


@in_loops
async def test_a_send_that_waits_for_its_turn_hears_of_an_end_on_another_thread(sockets: Sockets) -> None:
    asyncio.get_running_loop().set_debug(True)
    pull, push = sockets.pair(sndhwm=0, rcvhwm=0)
    await soon(push.send(b"x"))
    while (send := push.send(b"x")).done():
        pass
    closing = threading.Thread(target=push.close, kwargs={"linger": 0})
    closing.start()
    # Meanwhile the loop does nothing else.
    closing.join()
    await soon(asyncio.wait([send]))
    assert send.cancelled()
    assert push.closed
    pull.close(linger=0)
