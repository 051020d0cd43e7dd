# SPDX-License-Identifier: Apache-2.0
"""Descriptors that somebody else listens with: systemd's socket activation, and sockets of Python's."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from experimance_zmq import Puller, Pusher, ZMQInvalidError, aio
from experimance_zmq.activation import listen_fds

# As a service manager starts a service: listeners from descriptor 3 on, and the environment that tells of them.
STARTER = """
import os, sys
descriptors = [os.dup(int(each)) for each in sys.argv[1].split(",")]
for place, each in enumerate(descriptors):
    os.dup2(each, 50 + place)
for place in range(len(descriptors)):
    os.dup2(50 + place, 3 + place)
meant = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": str(len(descriptors)), "LISTEN_FDNAMES": sys.argv[2]}
os.execve(sys.executable, [sys.executable, "-c", sys.argv[3]], dict(os.environ, **meant))
"""
SERVICE = """
from experimance_zmq import Puller
from experimance_zmq.activation import listen_fds
assert len(listen_fds()) == 2 and listen_fds("nobody") == []
(descriptor,) = listen_fds("work")
with Puller() as puller:
    puller.bind_fd(descriptor)
    print(puller.recv(timeout=20).decode(), flush=True)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def endpoint_of(listener: socket.socket) -> str:
    return f"tcp://127.0.0.1:{listener.getsockname()[1]}"


def test_a_service_finds_its_descriptor_by_name(listener: socket.socket) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Pusher() as pusher:
        pusher.connect(endpoint_of(listener), background=True)
        numbers = f"{other.fileno()},{listener.fileno()}"
        service = subprocess.Popen(
            [sys.executable, "-c", STARTER, numbers, "other:work", SERVICE],
            pass_fds=[other.fileno(), listener.fileno()],
            stdout=subprocess.PIPE,
            text=True,
        )
        pusher.send(b"for the service", timeout=20)
        output, _ = service.communicate(timeout=30)
        assert output == "for the service\n"
        assert service.returncode == 0


def test_a_socket_of_python_is_listened_with_and_stays_its_owner_s(listener: socket.socket) -> None:
    with Puller() as puller, Pusher() as pusher:
        assert puller.bind_fd(listener) == endpoint_of(listener) == puller.endpoint
        pusher.connect(puller.endpoint)
        pusher.send(b"x")
        assert puller.recv() == b"x"
        puller.unbind(puller.endpoint)
    assert listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 1


def test_the_same_in_an_event_loop(listener: socket.socket) -> None:
    async def talk() -> None:
        async with aio.Puller() as puller, aio.Pusher() as pusher:
            await pusher.connect(puller.bind_fd(listener.fileno()))
            await pusher.send(b"x")
            assert await puller.recv() == b"x"

    asyncio.run(talk())


def test_what_does_not_listen_is_refused() -> None:
    with Puller() as puller, socket.socket() as idle:
        for descriptor, reason in ((idle, "does not listen"), (999_999, "not open"), (-1, "descriptor")):
            with pytest.raises(ZMQInvalidError, match=reason):
                puller.bind_fd(descriptor)
        with pytest.raises(TypeError):
            puller.bind_fd("3")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pid", "count"), [(None, "1"), ("1", "1"), ("own", "0"), ("own", "-1"), ("own", "x"), ("own", None), ("x", "1")]
)
def test_descriptors_that_are_not_meant_for_this_process_are_none(
    monkeypatch: pytest.MonkeyPatch, pid: str | None, count: str | None
) -> None:
    for name, value in (("LISTEN_PID", str(os.getpid()) if pid == "own" else pid), ("LISTEN_FDS", count)):
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert listen_fds() == []
