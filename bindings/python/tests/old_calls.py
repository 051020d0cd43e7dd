# SPDX-License-Identifier: Apache-2.0
"""Calls of the classes with the old names."""

import asyncio
import inspect
from typing import Any

from experimance_zmq.zmq_utils import MessageType, ZmqPublisher, ZmqPullSocket, ZmqPushSocket, ZmqSubscriber

Old = ZmqPublisher | ZmqSubscriber | ZmqPushSocket | ZmqPullSocket

MESSAGE = {"type": MessageType.ERA_CHANGED, "era": "wilderness", "numbers": [1, 2.5, None], "text": "ä\0\U0001f30d"}


class Calls:
    """Calls the methods of one family."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._runner = asyncio.Runner()

    def __call__(self, instance: Old, name: str, *arguments: Any) -> Any:
        result = getattr(instance, name + self._suffix)(*arguments)
        if inspect.iscoroutine(result):

            async def awaited() -> Any:
                return await result

            return self._runner.run(awaited())
        return result

    def close(self) -> None:
        self._runner.close()
