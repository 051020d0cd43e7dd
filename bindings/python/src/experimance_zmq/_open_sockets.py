# SPDX-License-Identifier: Apache-2.0
"""The sockets that are open, to be closed when the interpreter ends."""

import atexit

from . import _abi
from ._deadline import Deadline

_linger_by_id: dict[int, int] = {}


def opened(socket_id: int, linger_ms: int) -> None:
    """Notes an open socket and its own linger."""
    _linger_by_id[socket_id] = linger_ms


def closed(socket_id: int) -> None:
    """Forgets a socket."""
    _linger_by_id.pop(socket_id, None)


def _close_all() -> None:
    """Gives every socket its own linger, counted from now for all of them: the longest one bounds the whole."""
    start = Deadline(0)
    for socket_id, linger_ms in list(_linger_by_id.items()):
        left = max(0, linger_ms - int(start.elapsed * 1000))
        # A status here has nobody left to tell; a forked child may not close its parent's sockets.
        _abi.exz_socket_close(_abi.exz_socket(socket_id), left)
    _linger_by_id.clear()


atexit.register(_close_all)
