# SPDX-License-Identifier: Apache-2.0
"""Answers that `request` does not hand out can be received all the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import Poll, Replier, Requester, ZMQStateError, ZMQTimeoutError, aio, poll


@pytest.fixture
def replier() -> Iterator[Replier]:
    with Replier(default_timeout=PATIENCE) as replier:
        replier.bind("tcp://127.0.0.1:*")
        yield replier


def answer_in_parts(replier: Replier) -> None:
    replier.send_parts([*replier.recv_parts(), b"and more"])


def test_answer_of_several_parts_is_kept(replier: Replier) -> None:
    with Requester() as requester, ThreadPoolExecutor() as executor:
        requester.connect(replier.endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQStateError):
            requester.recv_parts(timeout=PATIENCE)
        for question in (b"1", b"2"):
            # The one before is dropped with the next request.
            answering = executor.submit(answer_in_parts, replier)
            with pytest.raises(ZMQStateError, match="2 part"):
                requester.request(question, timeout=PATIENCE)
            answering.result()
        assert requester.recv_parts() == [b"2", b"and more"]
        with pytest.raises(ZMQStateError):
            requester.recv_parts(timeout=PATIENCE)


def test_late_answer_can_be_received_until_the_next_request(replier: Replier) -> None:
    with Requester() as requester:
        requester.connect(replier.endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            requester.request(b"slow", timeout=0.01)
        with pytest.raises(ZMQTimeoutError):
            requester.recv_parts(timeout=0)
        replier.send(replier.recv())
        assert requester.recv_parts(timeout=PATIENCE) == [b"slow"]


@both_loops
async def test_answer_of_several_parts_is_kept_in_asyncio(replier: Replier) -> None:
    async with aio.Requester() as requester:
        await requester.connect(replier.endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQStateError):
            await requester.recv_parts(timeout=PATIENCE)
        with ThreadPoolExecutor() as executor:
            answering = executor.submit(answer_in_parts, replier)
            with pytest.raises(ZMQStateError, match="2 part"):
                await requester.request(b"1", timeout=PATIENCE)
            answering.result()
        assert await requester.recv_parts() == [b"1", b"and more"]


@both_loops
async def test_late_answer_is_waited_for_in_asyncio(replier: Replier) -> None:
    async with aio.Requester() as requester:
        await requester.connect(replier.endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            await requester.request(b"slow", timeout=0.01)
        with pytest.raises(ZMQTimeoutError):
            await requester.recv_parts(timeout=0.01)
        assert poll({replier: Poll.IN}, timeout=PATIENCE)
        with ThreadPoolExecutor() as executor:
            answering = executor.submit(answer_in_parts, replier)
            assert await requester.recv_parts(timeout=PATIENCE) == [b"slow", b"and more"]
            answering.result()
