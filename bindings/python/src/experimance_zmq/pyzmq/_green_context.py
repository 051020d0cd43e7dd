# SPDX-License-Identifier: Apache-2.0
"""The context whose sockets are for greenlets."""

import zmq

from ._green_socket import Socket


class Context(zmq.Context[Socket]):
    """What `zmq.green.Context` is."""

    _socket_class = Socket
    # Not that of zmq.Context.
    _instance = None
