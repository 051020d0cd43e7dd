# SPDX-License-Identifier: Apache-2.0
"""Waits of `experimance_zmq.pyzmq.asyncio` that begin in the moment in which their context ends."""

from typing import Any

import pytest
import zmq

from pyzmq_tasks import Sockets, in_loops, soon


@in_loops
async def test_a_send(sockets: Sockets) -> None:
    context = sockets.module.Context()
    push = context.socket(zmq.PUSH)
    push.bind_to_random_port("tcp://127.0.0.1")

    def attempt() -> None:
        if context._shared.is_ended:
            raise zmq.ContextTerminated
        context._shared.end_waits()
        raise zmq.Again

    with pytest.raises(zmq.ContextTerminated):
        await soon(push._send(attempt, 0))
    push.close(linger=0)
    context.term()


@in_loops
async def test_a_receive(sockets: Sockets) -> None:
    from experimance_zmq.pyzmq._tasks import Tasks

    context = sockets.module.Context()
    pull = context.socket(zmq.PULL)
    receivers = pull._shared.waits[Tasks].receivers
    fetch = receivers._fetch

    def fetch_first(copy: bool) -> Any:
        status = fetch(copy)
        receivers._fetch = fetch
        context._shared.end_waits()
        return status

    receivers._fetch = fetch_first
    with pytest.raises(zmq.ContextTerminated):
        await soon(pull.recv())
    pull.close(linger=0)
    context.term()


@in_loops
async def test_a_poll(sockets: Sockets) -> None:
    context = sockets.module.Context()
    pull = context.socket(zmq.PULL)
    poller = sockets.module.Poller()
    poller.register(pull, zmq.POLLIN)
    look = poller.look

    def look_first() -> Any:
        events = look()
        poller.look = look
        context._shared.end_waits()
        return events

    poller.look = look_first
    with pytest.raises(zmq.ContextTerminated):
        await soon(poller.poll())
    pull.close(linger=0)
    context.term()
