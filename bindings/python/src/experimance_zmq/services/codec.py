# SPDX-License-Identifier: Apache-2.0
"""How values become messages."""

from collections.abc import Callable
from typing import Any, NamedTuple

from .. import _json


class Codec(NamedTuple):
    """A pair of functions between values and messages. Both sides of a link need the same."""

    dumps: Callable[[Any], bytes]
    """A value as a message. Whatever it raises goes to the caller."""
    loads: Callable[[bytes], Any]
    """The value of a message. Whatever it raises makes the message one that failed."""


def _as_bytes(data: Any) -> bytes:
    return data if isinstance(data, bytes) else memoryview(data).tobytes()


JSON = Codec(_json.dumps, _json.loads)
"""JSON in UTF-8: what `send_json` sends and `recv_json` receives."""

BYTES = Codec(_as_bytes, _as_bytes)
"""Bytes as they are. Values are bytes, or objects with the buffer protocol."""
