# SPDX-License-Identifier: Apache-2.0
"""Polls of `experimance_zmq.pyzmq.asyncio`: sockets, sockets that block, descriptors."""

import asyncio
import os
import socket
import tempfile

import pytest
import zmq

from pyzmq_tasks import Sockets, in_loops, soon, until


@in_loops
async def test_a_poll_tells_what_can_be_done_and_takes_nothing(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    assert await soon(push.poll(10_000, zmq.POLLOUT)) == zmq.POLLOUT
    assert await soon(pull.poll(0)) == 0
    assert await soon(pull.poll(5)) == 0
    poll = pull.poll()
    await push.send(b"x")
    assert await soon(poll) == zmq.POLLIN
    assert await soon(pull.poll(10_000)) == zmq.POLLIN
    assert await soon(pull.recv()) == b"x"
    assert await soon(pull.poll(0)) == 0


@in_loops
async def test_several_are_waited_for_at_once(sockets: Sockets) -> None:
    (one, to_one), (other, to_other) = sockets.pair(), sockets.pair(zmq.PAIR, zmq.PAIR)
    blocking: zmq.Socket[bytes] = zmq.Socket(other)
    poller = sockets.module.Poller()
    poller.register(one, zmq.POLLIN)
    poller.register(blocking, zmq.POLLIN)
    waiting = poller.poll()
    assert not waiting.done()
    await soon(to_other.send(b"x"))
    assert await soon(waiting) == [(blocking, zmq.POLLIN)]
    assert blocking.recv() == b"x"
    waiting = poller.poll(10_000)
    await soon(to_one.send(b"y"))
    assert await soon(waiting) == [(one, zmq.POLLIN)]
    poller.modify(blocking, zmq.POLLOUT)
    assert dict(await soon(poller.poll(10_000))) == {one: zmq.POLLIN, blocking: zmq.POLLOUT}
    poller.unregister(one)
    poller.unregister(blocking)
    assert await soon(poller.poll(1)) == []


@in_loops
async def test_descriptors_are_waited_for_whoever_else_does(sockets: Sockets) -> None:
    here, there = socket.socketpair()
    with here, there, tempfile.TemporaryFile() as file:
        here.setblocking(False)
        poller = sockets.module.Poller()
        poller.register(here, zmq.POLLIN)
        poller.register(here.fileno(), zmq.POLLIN)
        poller.register(sockets.listening(zmq.PULL)[0], zmq.POLLIN)
        assert await soon(poller.poll(1)) == []
        # Somebody else's reader stays.
        others = asyncio.ensure_future(asyncio.get_running_loop().sock_recv(here, 1))
        waiting = poller.poll()
        await asyncio.sleep(0)
        there.send(b"x")
        assert await soon(others) == b"x"
        there.send(b"y")
        assert (here.fileno(), zmq.POLLIN) in await soon(waiting)
        poller.register(file, zmq.POLLIN)
        assert (file.fileno(), zmq.POLLIN) in await soon(poller.poll(10_000))
        poller.register(there, zmq.POLLOUT)
        assert dict(await soon(poller.poll()))[there.fileno()] == zmq.POLLOUT


@in_loops
async def test_a_poll_hears_of_what_another_gives_back(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    receive = pull.recv()
    await soon(push.send(b"x"))
    await until(receive.done)
    poll = pull.poll()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not poll.done()
    receive.cancel()
    assert await soon(poll) == zmq.POLLIN


@in_loops
async def test_a_poll_that_is_cancelled_leaves_nothing(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await soon(push.send(b"x"))
    assert await soon(pull.recv()) == b"x"
    assert await soon(pull.poll(1)) == 0
    descriptors = os.listdir("/proc/self/fd")
    for _ in range(20):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pull.poll(), 0.001)
    await until(lambda: len(os.listdir("/proc/self/fd")) <= len(descriptors))
    await soon(push.send(b"x"))
    assert await soon(pull.recv()) == b"x"


@in_loops
async def test_what_can_not_be_polled_is_an_error(sockets: Sockets) -> None:
    poller = sockets.module.Poller()
    poller.register(object(), zmq.POLLIN)
    with pytest.raises(TypeError, match="fileno"):
        await soon(poller.poll(10))
    closed = sockets.of(zmq.PULL)
    closed.close()
    with pytest.raises(zmq.ZMQError):
        closed.poll(1)
