# SPDX-License-Identifier: Apache-2.0
"""What a message is, received with its parts, where it was received in another way."""

from collections.abc import Callable, Mapping
from typing import Any

from . import _abi
from ._arguments import topic_bytes


def parts_of_one(socket_type: int, options: Mapping[str, Any]) -> Callable[[bytes], list[bytes]]:
    """What the library makes of a message of one frame when it is received with its parts."""
    is_published = socket_type == _abi.EXZ_SUB and options.get("wire_form") == _abi.EXZ_WIRE_SPACE
    return _topic_and_payload if is_published else only_part


def parts_of_published(message: tuple[str, bytes]) -> list[bytes]:
    """The same of a topic and its payload."""
    topic, payload = message
    return [topic_bytes(topic), payload]


def only_part(frame: bytes) -> list[bytes]:
    """A message of one part, as its parts."""
    return [frame]


def _topic_and_payload(frame: bytes) -> list[bytes]:
    topic, _, payload = frame.partition(b" ")
    return [topic, payload]
