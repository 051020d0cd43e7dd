# SPDX-License-Identifier: Apache-2.0
"""`ironhouse.py FOLDER thread|asyncio`: who may come in is decided by an authenticator of pyzmq's, by keys in files.

A server lets in one client by its key, and one by its password; strangers are told that they may not.
"""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from zmq.auth import create_certificates, load_certificate
from zmq.auth.asyncio import AsyncioAuthenticator
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

from backend_used import backend_used

PATIENCE_MS = 100_000
DOMAIN = "house"
Key = tuple[bytes, bytes]
Socket = zmq.Socket[bytes]


def make_key(folder: Path, name: str) -> Key:
    _public, secret = create_certificates(folder, name)
    loaded = load_certificate(secret)
    assert loaded[1] is not None
    return loaded[0], loaded[1]


def configure(authenticator: Any, allowed: Path) -> None:
    authenticator.allow("127.0.0.1")
    authenticator.configure_curve(domain=DOMAIN, location=str(allowed))
    authenticator.configure_plain(domain=DOMAIN, passwords={"camera": "secret"})


@contextmanager
def guard_of_thread(context: zmq.Context[Socket], allowed: Path) -> Iterator[None]:
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    configure(authenticator, allowed)
    try:
        yield
    finally:
        authenticator.stop()


@contextmanager
def guard_of_loop(context: zmq.Context[Socket], allowed: Path) -> Iterator[None]:
    started = threading.Event()
    loop = asyncio.new_event_loop()
    end = asyncio.Event()

    async def guard() -> None:
        authenticator = AsyncioAuthenticator(context)
        authenticator.start()
        configure(authenticator, allowed)
        started.set()
        await end.wait()
        authenticator.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(guard(),))
    thread.start()
    started.wait()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()


class House:
    """A server that sends, and who tries to come in."""

    def __init__(self, context: zmq.Context[Socket], server: Key | None) -> None:
        self._context = context
        self._public = server[0] if server else None
        self._server = context.socket(zmq.PUSH)
        self._server.zap_domain = DOMAIN.encode()
        if server:
            self._server.curve_publickey, self._server.curve_secretkey = server
            self._server.curve_server = True
        else:
            self._server.plain_server = True
        self._port = self._server.bind_to_random_port("tcp://127.0.0.1")
        self._server.sndtimeo = PATIENCE_MS

    def visit(self, key: Key | None = None, password: bytes = b"") -> str:
        client = self._context.socket(zmq.PULL)
        client.rcvtimeo = PATIENCE_MS
        if key:
            client.curve_publickey, client.curve_secretkey = key
            client.curve_serverkey = self._public or b""
        else:
            client.plain_username, client.plain_password = b"camera", password
        monitor = client.get_monitor_socket(zmq.Event.HANDSHAKE_SUCCEEDED | zmq.Event.HANDSHAKE_FAILED_AUTH)
        monitor.rcvtimeo = PATIENCE_MS
        client.connect(f"tcp://127.0.0.1:{self._port}")
        told = recv_monitor_message(monitor)
        client.disable_monitor()
        if told["event"] == zmq.Event.HANDSHAKE_FAILED_AUTH:
            client.close()
            return f"refused with {told['value']}"
        self._server.send_multipart([b"hello", b"you"])
        frames = client.recv_multipart()
        client.close()
        return b" ".join(frames).decode()

    def close(self) -> None:
        self._server.close()


def main(folder: Path, kind: str) -> None:
    print(f"backend {backend_used()}", flush=True)
    for name in ("allowed", "others"):
        (folder / name).mkdir()
    server, stranger = make_key(folder / "others", "server"), make_key(folder / "others", "stranger")
    client = make_key(folder / "allowed", "client")
    guard = {"thread": guard_of_thread, "asyncio": guard_of_loop}[kind]
    with zmq.Context() as context, guard(context, folder / "allowed"):
        house = House(context, server)
        print("by key:", house.visit(client), flush=True)
        print("a stranger:", house.visit(stranger), flush=True)
        house.close()
        house = House(context, None)
        print("by password:", house.visit(password=b"secret"), flush=True)
        print("by guessing:", house.visit(password=b"guessed"), flush=True)
        house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
