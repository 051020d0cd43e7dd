# SPDX-License-Identifier: Apache-2.0
"""The engine under pyzmq: `PYZMQ_BACKEND=experimance_zmq.pyzmq_backend python program.py` runs a program that uses
pyzmq, as it is, on this library.

pyzmq imports this module while it is being imported itself. It is not for importing by anybody else.
"""

from .pyzmq._versions import check

check()

# The names that zmq/backend/select.py asks for.
from .pyzmq._context import Context  # noqa: E402
from .pyzmq._devices import monitored_queue, proxy, proxy_steerable  # noqa: E402
from .pyzmq._frame import Frame  # noqa: E402
from .pyzmq._poll import zmq_poll  # noqa: E402
from .pyzmq._socket import Socket  # noqa: E402
from .pyzmq._utilities import (  # noqa: E402
    IPC_PATH_MAX_LEN,
    PYZMQ_DRAFT_API,
    curve_keypair,
    curve_public,
    has,
    strerror,
    zmq_errno,
    zmq_version_info,
)

Message = Frame

__all__ = [
    "IPC_PATH_MAX_LEN",
    "PYZMQ_DRAFT_API",
    "Context",
    "Frame",
    "Message",
    "Socket",
    "curve_keypair",
    "curve_public",
    "has",
    "monitored_queue",
    "proxy",
    "proxy_steerable",
    "strerror",
    "zmq_errno",
    "zmq_poll",
    "zmq_version_info",
]
