# SPDX-License-Identifier: Apache-2.0
"""The sockets of `experimance_zmq` for asyncio: the same classes and methods, with coroutines for what may wait.

    from experimance_zmq.aio import Puller

    async with Puller() as puller:
        await puller.bind("tcp://127.0.0.1:5555", timeout=1)
        async for message in puller:
            ...

Tasks that are cancelled end at once and lose no message. Works under the loops of asyncio and of uvloop.
"""

from ._socket import BaseSocket
from .context import Context
from .retrying import retry
from .sockets import Publisher, Puller, Pusher, Replier, Requester, Socket, Subscriber

__all__ = [
    "BaseSocket",
    "Context",
    "Publisher",
    "Puller",
    "Pusher",
    "Replier",
    "Requester",
    "Socket",
    "Subscriber",
    "retry",
]
