# SPDX-License-Identifier: Apache-2.0
"""The classes with the old names end when they should, and lose nothing."""

import asyncio
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import ZMQCanceledError
from experimance_zmq.zmq_utils import ZmqException, ZmqPublisher, ZmqPullSocket, ZmqPushSocket
from limits import descriptors, ends_within
from old_calls import Calls
from peer_process import PeerProcess
from reserved_port import ReservedPort


async def test_cancelled_receive_loses_nothing(tcp: str) -> None:
    with ZmqPushSocket(tcp) as pusher, ZmqPullSocket(pusher.socket.endpoint) as puller:
        await pusher.aio_socket.wait_peers(timeout=PATIENCE)
        received = []
        for number in range(50):
            task = asyncio.create_task(puller.pull_async())
            await asyncio.sleep(0)
            assert await pusher.push_async({"number": number})
            task.cancel()
            try:
                received.append(await task)
            except asyncio.CancelledError:
                continue
        while len(received) < 50:
            received.append(await puller.pull_async())
        assert received == [{"number": number} for number in range(50)]


@pytest.mark.parametrize("face", ["socket", "aio_socket"])
async def test_cancel_of_either_face_ends_waits_of_both(face: str, tcp: str) -> None:
    with ZmqPushSocket(tcp) as pusher, ZmqPullSocket(pusher.socket.endpoint) as puller:
        pulling = asyncio.create_task(puller.aio_socket.recv(timeout=PATIENCE))
        blocked = asyncio.create_task(puller.aio_socket.wait_peers(2, timeout=PATIENCE))
        while not (puller.aio_socket._readiness and puller.aio_socket._readiness.is_waited_for):
            await asyncio.sleep(0)
        # As often as it takes until the thread waits.
        while not blocked.done():
            getattr(puller, face).cancel()
            await asyncio.sleep(0)
        waits: list[asyncio.Task[Any]] = [pulling, blocked]
        for waiting in waits:
            with pytest.raises(ZMQCanceledError):
                await asyncio.wait_for(waiting, PATIENCE / 2)


async def test_close_wakes_who_waits(tcp: str) -> None:
    with ZmqPushSocket(tcp) as pusher, ZmqPullSocket(pusher.socket.endpoint) as puller, ends_within(2):
        pulling = asyncio.create_task(puller.pull_async())
        while not puller.aio_socket._readiness:
            await asyncio.sleep(0)
        puller.close()
        with pytest.raises(ZmqException, match="closed"):
            await pulling


def test_close_of_another_thread_wakes_who_waits(tcp: str, reserved_port: ReservedPort) -> None:
    with ZmqPushSocket(tcp) as pusher, ThreadPoolExecutor() as executor, ends_within(2):
        pushing = executor.submit(pusher.push, {})
        puller = ZmqPullSocket(reserved_port.endpoint)
        pulling = executor.submit(asyncio.run, puller.pull_async())
        pusher.close()
        puller.close()
        assert pushing.result() is False
        with pytest.raises(ZmqException, match="closed"):
            pulling.result()


@pytest.mark.parametrize("use_asyncio", [False, True], ids=["sync", "asyncio"])
def test_nothing_stays_behind(use_asyncio: bool, call: Calls, tcp: str) -> None:
    def round_trip() -> None:
        with (
            ZmqPushSocket(tcp, use_asyncio) as pusher,
            ZmqPullSocket(pusher.socket.endpoint, use_asyncio) as puller,
        ):
            pusher.socket.wait_peers(timeout=PATIENCE)
            assert call(pusher, "push", {})
            assert call(puller, "pull") == {}

    round_trip()
    before = descriptors()
    for _ in range(20):
        round_trip()
    # Connections that the other side has closed are given back by a thread of the library, soon.
    while descriptors() > before:
        gc.collect()


@pytest.mark.zmq_leak_check(False)
def test_forgotten_instance_is_closed_with_a_warning(tcp: str) -> None:
    publisher = ZmqPublisher(tcp)
    endpoint = publisher.socket.endpoint
    with pytest.warns(ResourceWarning, match=f"unclosed <Publisher {endpoint} listening>") as warned:
        del publisher
        gc.collect()
    assert len(warned) == 1
    ZmqPublisher(endpoint).close()


@pytest.mark.parametrize("wait", ["s.receive()", "asyncio.run(s.receive_async())"])
def test_ctrl_c_ends_a_wait(wait: str, run_code: Callable[[str], PeerProcess], reserved_port: ReservedPort) -> None:
    program = run_code(f"""
import asyncio, signal
from experimance_zmq import constants
constants.DEFAULT_RECV_TIMEOUT = 30
from experimance_zmq.zmq_utils import ZmqSubscriber
signal.signal(signal.SIGINT, signal.default_int_handler)
with ZmqSubscriber({reserved_port.endpoint!r}, "") as s:
    print("waiting", flush=True)
    try:
        {wait}
    except KeyboardInterrupt:
        print("interrupted", flush=True)
""")
    assert program.line() == "waiting"
    program.interrupt_in_wait()
    with ends_within(2):
        assert program.line() == "interrupted"
        assert program.wait() == 0
