# SPDX-License-Identifier: Apache-2.0
"""A peer (peer.h) of pyzmq, with its authenticator: `pyzmq_peer.py thread` or `pyzmq_peer.py asyncio`."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import zmq
from zmq.auth import CURVE_ALLOW_ANY
from zmq.auth.asyncio import AsyncioAuthenticator
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

PATIENCE_MS = 20_000
DOMAIN = "global"
ENDS = {
    zmq.Event.HANDSHAKE_SUCCEEDED: "in",
    zmq.Event.HANDSHAKE_FAILED_NO_DETAIL: "NO_DETAIL",
    zmq.Event.HANDSHAKE_FAILED_PROTOCOL: "PROTOCOL",
    zmq.Event.HANDSHAKE_FAILED_AUTH: "AUTH",
    zmq.Event.DISCONNECTED: "NO_DETAIL",
}


class Watched:
    """A socket, and how the next handshake ends."""

    def __init__(self, context: zmq.Context[Any], kind: int) -> None:
        self.socket = context.socket(kind)
        self.socket.linger = PATIENCE_MS
        self.socket.rcvtimeo = PATIENCE_MS
        self._monitor = self.socket.get_monitor_socket()
        self._monitor.rcvtimeo = PATIENCE_MS

    def end_of_handshake(self) -> str:
        while True:
            message = recv_monitor_message(self._monitor)
            if message["event"] in ENDS:
                end = ENDS[message["event"]]
                return f"AUTH {message['value']}" if end == "AUTH" else end

    def close(self) -> None:
        self.socket.disable_monitor()
        self.socket.close()


def start_in_thread(context: zmq.Context[Any]) -> Any:
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    return authenticator


def start_in_loop(context: zmq.Context[Any]) -> Any:
    """The authenticator has a loop of its own, on a thread; rules are set before it is needed."""
    started = threading.Event()
    made: list[Any] = []

    async def run() -> None:
        authenticator = AsyncioAuthenticator(context)
        authenticator.start()
        made.append(authenticator)
        started.set()
        await asyncio.Event().wait()

    threading.Thread(target=asyncio.run, args=(run(),), daemon=True).start()
    started.wait()
    return made[0]


class Peer:
    def __init__(self, start: Callable[[zmq.Context[Any]], Any]) -> None:
        self._context: zmq.Context[Any] = zmq.Context()
        self._start = start
        self._server: Watched | None = None

    def _open_door(self, kind: str) -> None:
        if "closed" in kind or kind == "null":
            return
        authenticator = self._start(self._context)
        if kind == "denied":
            authenticator.deny("127.0.0.1")
        else:
            authenticator.allow("127.0.0.1")
        authenticator.configure_plain(domain=DOMAIN, passwords={"camera": "secret"})
        location = CURVE_ALLOW_ANY if kind == "curve-anybody" else os.environ["EXZ_KEYS"]
        authenticator.configure_curve(domain=DOMAIN, location=location)

    def serve(self, kind: str) -> str:
        if self._server:
            self._server.close()
        else:
            self._open_door(kind)
        self._server = Watched(self._context, zmq.PULL)
        socket = self._server.socket
        if kind != "null":
            socket.zap_domain = DOMAIN.encode()
        if kind.startswith("curve"):
            socket.curve_server = 1
            socket.curve_secretkey = os.environb[b"EXZ_SERVER_SECRET"]
        elif kind.startswith("plain"):
            socket.plain_server = 1
        socket.bind("tcp://127.0.0.1:*")
        return f"at {socket.last_endpoint.decode()}"

    def told(self) -> str:
        assert self._server
        end = self._server.end_of_handshake()
        if end != "in":
            return end
        frame = self._server.socket.recv(copy=False)
        assert frame.bytes == b"hello"
        try:
            return f"in {frame.get('User-Id') or '-'}"
        except zmq.ZMQError:
            return "in -"

    def call(self, kind: str, endpoint: str) -> str:
        client = Watched(self._context, zmq.PUSH)
        socket = client.socket
        if kind.startswith("curve"):
            who = b"STRANGER" if kind == "curve-unknown" else b"CLIENT"
            server = b"STRANGER" if kind == "curve-wrong" else b"SERVER"
            socket.curve_publickey = os.environb[b"EXZ_%b_PUBLIC" % who]
            socket.curve_secretkey = os.environb[b"EXZ_%b_SECRET" % who]
            socket.curve_serverkey = os.environb[b"EXZ_%b_PUBLIC" % server]
        elif kind.startswith("plain"):
            socket.plain_username = b"camera"
            socket.plain_password = b"guessed" if kind == "plain-wrong" else b"secret"
        socket.connect(endpoint)
        end = client.end_of_handshake()
        if end == "in":
            socket.send(b"hello")
        else:
            socket.linger = 0
        client.close()
        return "in -" if end == "in" else end


def main() -> None:
    peer = Peer({"thread": start_in_thread, "asyncio": start_in_loop}[sys.argv[1]])
    for line in sys.stdin:
        verb, *arguments = line.split()
        answer: Callable[..., str] = getattr(peer, verb)
        print(answer(*arguments), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
