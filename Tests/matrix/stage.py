# SPDX-License-Identifier: Apache-2.0
"""What the peers of one cell are made of, and its end."""

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import zmq

from experimance_zmq.testing import FaultProxy
from names import Names
from processes import PATIENCE, LineProcess

# What goes wrong in a fault proxy is the same in each run.
SEED = 1


class Stage(ExitStack):
    """Everything that is started for a cell; it ends with it."""

    def __init__(self, programs: Path, misbehaving_peer: str, names: Names) -> None:
        super().__init__()
        self._programs = programs
        self._misbehaving_peer = misbehaving_peer
        self.names = names

    def _started(self, process: LineProcess) -> LineProcess:
        self.callback(process.kill)
        return process

    def peer(self, kind: str, endpoint: str = "tcp://127.0.0.1:*") -> tuple[LineProcess, str]:
        """A good peer in a process of its own, which binds; where it is."""
        peer = self._started(LineProcess([str(self._programs / "peer"), kind, endpoint]))
        return peer, peer.line()

    def proxy(self, target: str) -> FaultProxy:
        """Passes everything on to the target, until it has a fault."""
        return self.enter_context(FaultProxy(target, seed=SEED))

    def misbehaving(self, manner: str) -> str:
        """A server that does something wrong; where it is."""
        return self._started(LineProcess([self._misbehaving_peer, manner])).line()

    def reserved_port(self) -> str:
        """A port at which nobody listens, and which nobody else is given. Who shares addresses can bind to it."""
        holder = self.enter_context(socket.socket())
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{holder.getsockname()[1]}"

    def client(self, endpoint: str, says: bytes) -> None:
        """A client of no library: connects, and says something, if anything."""
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        client = self.enter_context(socket.create_connection((host, int(port)), PATIENCE))
        client.sendall(says)

    def foreign(self, kind: int) -> Any:
        """A socket of pyzmq."""
        context = zmq.Context()
        self.callback(context.term)
        made = self.enter_context(context.socket(kind))
        made.setsockopt(zmq.LINGER, 0)
        made.setsockopt(zmq.RCVTIMEO, int(PATIENCE * 1000))
        made.setsockopt(zmq.SNDTIMEO, int(PATIENCE * 1000))
        return made

    def foreign_bound(self, kind: int) -> tuple[Any, str]:
        """A socket of pyzmq that is bound; where."""
        made = self.foreign(kind)
        made.bind("tcp://127.0.0.1:*")
        return made, made.getsockopt_string(zmq.LAST_ENDPOINT)

    def missing_path(self) -> str:
        return f"ipc:///tmp/matrix-{os.getpid()}-nobody"
