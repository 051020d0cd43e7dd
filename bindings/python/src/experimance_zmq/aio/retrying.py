# SPDX-License-Identifier: Apache-2.0
"""The library's retry policy for coroutines."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ..retry_policy import RetryPolicy
from ..retrying import Attempts

T = TypeVar("T")


async def retry(
    function: Callable[[], Awaitable[T]],
    *,
    policy: RetryPolicy | None = None,
    timeout: float | None = None,
    exceptions: tuple[type[Exception], ...] = (),
) -> T:
    """Awaits what a function returns until it succeeds. See `experimance_zmq.retry`, which is the same for functions.

    A cancellation ends it at once, in an attempt or in a delay.
    """
    with Attempts(policy, timeout, exceptions) as attempts:
        while True:
            try:
                return await function()
            except Exception as error:
                delay = attempts.failed(error)
            await asyncio.sleep(delay)
            attempts.check_time()
