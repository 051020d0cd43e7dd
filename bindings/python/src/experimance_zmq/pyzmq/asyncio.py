# SPDX-License-Identifier: Apache-2.0
"""What a pyzmq program with asyncio imports in place of `zmq.asyncio`: the same names, on this package's own events.

    import experimance_zmq.pyzmq.asyncio as zmq_asyncio

    context = zmq_asyncio.Context()
    socket = context.socket(zmq.PULL)
    text = await asyncio.wait_for(socket.recv_string(), 1)

A receive that is cancelled loses no message, whatever it makes of it. pyzmq has to run on this package's engine
(`PYZMQ_BACKEND=experimance_zmq.pyzmq_backend`); a program that imports this module before `zmq` need not say so.
"""

import asyncio as _asyncio
import selectors as _selectors
import warnings as _warnings
from typing import TYPE_CHECKING, Any

from ._choosing import choose_backend as _choose_backend

_choose_backend(__name__)

import zmq as _zmq  # noqa: E402

from ._async_poller import Poller  # noqa: E402
from ._async_socket import Socket  # noqa: E402

__all__ = ["Context", "Poller", "Socket", "ZMQEventLoop", "install"]


class Context(_zmq.Context[Socket]):
    """A context whose sockets are those of this module."""

    _socket_class = Socket
    # Not that of zmq.Context.
    _instance = None

    if TYPE_CHECKING:
        # pyzmq declares it for contexts of blocking sockets.
        def __init__(self, io_threads: int | _zmq.Context[Any] = 1, shadow: _zmq.Context[Any] | int = 0) -> None: ...


class ZMQEventLoop(_asyncio.SelectorEventLoop):
    """The usual loop, under a name that pyzmq still has: sockets work in any loop."""

    def __init__(self, selector: _selectors.BaseSelector | None = None) -> None:
        install()
        super().__init__(selector)


def install() -> None:
    """Does nothing, under a name that pyzmq still has: sockets work in any loop."""
    _warnings.warn("there is nothing to install: sockets work in any event loop", DeprecationWarning, stacklevel=3)
