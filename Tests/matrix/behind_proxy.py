# SPDX-License-Identifier: Apache-2.0
"""A peer behind a proxy of this library."""

from experimance_zmq import Proxy, Socket, SocketType
from peers import ANYWHERE, OfProcess
from processes import PATIENCE

# By the peer that it stands in front of: the two sides of a proxy, towards the door and towards that peer.
FORWARDED = {
    "pull": (SocketType.PULL, SocketType.PUSH),
    "push": (SocketType.PUSH, SocketType.PULL),
    "sub": (SocketType.XSUB, SocketType.XPUB),
    "pub": (SocketType.XPUB, SocketType.XSUB),
    "rep": (SocketType.ROUTER, SocketType.DEALER),
}


class BehindProxy(OfProcess):
    """A good peer, and a proxy of this library in front of it."""

    def start(self) -> str:
        here, there = FORWARDED[self.operation.peer]
        endpoint = super().start()
        near, far = (self.stage.enter_context(Socket(kind)) for kind in (here, there))
        self.stage.enter_context(Proxy(near, far))
        far.connect(endpoint, timeout=PATIENCE)
        return near.bind(ANYWHERE)

    def meanwhile(self) -> None:
        self.tell(self.peer)
