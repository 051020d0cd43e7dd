# SPDX-License-Identifier: Apache-2.0
"""What a pyzmq program with gevent imports in place of `zmq.green`: the same names, and waits that let others run.

    import experimance_zmq.pyzmq.green as zmq

    socket = zmq.Context.instance().socket(zmq.PULL)
    with gevent.Timeout(1):
        message = socket.recv()

A greenlet that is killed, or whose time is up, loses no message. pyzmq has to run on this package's engine
(`PYZMQ_BACKEND=experimance_zmq.pyzmq_backend`); a program that imports this module before `zmq` need not say so.
"""

from ._choosing import choose_backend as _choose_backend

_choose_backend(__name__)

import zmq as _zmq  # noqa: E402
from zmq import *  # noqa: E402, F403  # pyright: ignore[reportWildcardImportFromLibrary]

from ._green_context import Context as Context  # noqa: E402
from ._green_devices import device as device  # noqa: E402
from ._green_devices import proxy as proxy  # noqa: E402
from ._green_poller import Poller as Poller  # noqa: E402
from ._green_socket import Socket as Socket  # noqa: E402

# pyzmq's, some of which mean others here.
__all__ = list(_zmq.__all__)  # pyright: ignore[reportUnsupportedDunderAll]
