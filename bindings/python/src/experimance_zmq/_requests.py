# SPDX-License-Identifier: Apache-2.0
"""Requests. They need no operation (see `_run`): the library itself sees to it that signal handlers run meanwhile."""

from collections.abc import Iterable
from typing import Any

from . import _abi
from ._core import SocketCore, detailed
from ._deadline import Deadline
from ._lending import as_bytes
from ._log import raise_held_back
from .errors import ZMQInvalidError


def request(core: SocketCore, deadline: Deadline, data: Any, idempotent: bool) -> bytes:
    """Sends a request and receives its answer."""
    call = core.request_idempotent if idempotent else core.request
    answer = call(as_bytes(data), deadline.milliseconds)
    raise_held_back()
    if type(answer) is bytes:
        return answer
    status, details = answer
    raise detailed(status, _abi.exz_error.from_buffer_copy(details), deadline)


def request_parts(core: SocketCore, deadline: Deadline, parts: Iterable[Any], idempotent: bool) -> list[bytes]:
    """The same of several parts."""
    payloads = tuple(map(as_bytes, parts))
    if not payloads:
        raise ZMQInvalidError("a message has at least one part")
    answer = core.request_parts(payloads, deadline.milliseconds, idempotent)
    raise_held_back()
    status, *rest = answer
    if type(status) is bytes:
        return [status, *rest]
    raise detailed(status, _abi.exz_error.from_buffer_copy(rest[0]), deadline)
