# SPDX-License-Identifier: Apache-2.0
"""Requests. They need no operation (see `_run`): the library itself sees to it that signal handlers run meanwhile."""

from typing import Any

from . import _abi
from ._core import SocketCore, detailed
from ._deadline import Deadline
from ._log import raise_held_back
from ._operations import as_bytes


def request(core: SocketCore, deadline: Deadline, data: Any, idempotent: bool) -> bytes:
    """Sends a request and receives its answer."""
    call = core.request_idempotent if idempotent else core.request
    answer = call(as_bytes(data), deadline.milliseconds)
    raise_held_back()
    if type(answer) is bytes:
        return answer
    status, details = answer
    raise detailed(status, _abi.exz_error.from_buffer_copy(details), deadline)
