# SPDX-License-Identifier: Apache-2.0
"""Closes that do not wait."""

import threading

import pytest

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import Puller, Pusher, ZMQClosedError, ZMQStateError, _abi, _open_sockets, aio
from limits import ends_within
from reserved_port import ReservedPort

SIZE = 100_000
COUNT = 100


def test_what_is_queued_is_sent_meanwhile(tcp: str) -> None:
    with Puller(receive_hwm=1, prefetch=0) as puller:
        pusher = Pusher(send_hwm=COUNT)
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_many([bytes(SIZE)] * COUNT, timeout=PATIENCE)
        with ends_within(5):
            assert pusher.close_soon(linger=PATIENCE) == 0
        assert pusher.closed
        for _ in range(COUNT):
            assert len(puller.recv(timeout=PATIENCE)) == SIZE
        with ends_within(5):
            pusher.close()


def test_close_behind_it_waits_for_the_end(reserved_port: ReservedPort) -> None:
    for _ in range(20):
        puller = Puller()
        puller.bind(reserved_port.endpoint, timeout=0)
        puller.close_soon()
        puller.close()


def test_waits_end_and_messages_received_ahead_are_counted(tcp: str) -> None:
    with Pusher() as pusher:
        puller = Puller()
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_many([b"1", b"2", b"3"])
        assert puller.recv(timeout=PATIENCE) == b"1"
        ahead = len(puller._ahead.queue)
        assert puller.close_soon() == ahead
        with pytest.raises(ZMQClosedError):
            puller.recv(timeout=PATIENCE)


def test_thread_that_waits_is_told() -> None:
    puller = Puller()
    errors: list[Exception] = []

    def receive() -> None:
        try:
            puller.recv(timeout=PATIENCE)
        except ZMQClosedError as error:
            errors.append(error)

    thread = threading.Thread(target=receive)
    thread.start()
    with ends_within(5):
        puller.close_soon()
        thread.join()
    assert len(errors) == 1


def test_close_that_fails_leaves_the_socket_open(monkeypatch: pytest.MonkeyPatch) -> None:
    puller = Puller()
    with monkeypatch.context() as patch, pytest.raises(ZMQStateError):
        patch.setattr(_abi, "exz_socket_close_start", lambda *_: _abi.EXZ_ERR_STATE)
        puller.close_soon()
    (noted,) = (socket for socket in _open_sockets.all_open() if str(socket).startswith("PULL"))
    assert noted.linger_end is None
    puller.close()
    assert noted not in _open_sockets._open.values()


@both_loops
async def test_loop_is_left(tcp: str) -> None:
    puller, pusher = aio.Puller(), aio.Pusher()
    await pusher.connect(await puller.bind(tcp), timeout=PATIENCE)
    await pusher.send(b"x")
    assert await puller.recv(timeout=PATIENCE) == b"x"
    for socket in (puller, pusher):
        assert socket.close_soon() == 0
        with pytest.raises(ZMQClosedError):
            await socket.wait_peers(timeout=PATIENCE)
