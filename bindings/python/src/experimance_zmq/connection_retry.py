# SPDX-License-Identifier: Apache-2.0
"""Retries under the names of the Experimance utilities: for functions, and for coroutines.

The delays are those of a `RetryPolicy`. `experimance_zmq.retry` has a deadline, too, and knows which failures of this
package are worth another attempt; new code is better off with it.
"""

import asyncio
import inspect
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ._arguments import INT32_MAX, milliseconds, whole
from ._pausing import pause
from .errors import ZMQInvalidError
from .retry_policy import Jitter, RetryPolicy
from .retrying import Backoff

__all__ = ["async_retry_with_backoff", "retry_with_backoff"]

T = TypeVar("T")

OnRetry = Callable[[Exception, int, float], Any]


class _Retries:
    """Counts the retries of one call, and says how long to wait before each."""

    def __init__(self, backoff: Backoff, on_retry: OnRetry | None) -> None:
        self._backoff = backoff
        self._on_retry = on_retry
        self._count = 0

    def delay_after(self, error: Exception) -> tuple[float, Any]:
        """Seconds to wait, and what `on_retry` returned. Raises the error if there is no further retry."""
        delay = next(self._backoff, None)
        if delay is None:
            raise error
        self._count += 1
        return delay, None if self._on_retry is None else self._on_retry(error, self._count, delay)


@contextmanager
def _retries(
    max_retries: int,
    initial_backoff: float,
    max_backoff: float,
    backoff_factor: float,
    jitter: bool,
    on_retry: OnRetry | None,
) -> Iterator[_Retries]:
    # Checked here, as the policy has other names for them, and takes 0 attempts for no limit.
    whole(max_retries, "max_retries", INT32_MAX - 1)
    milliseconds(initial_backoff, "initial_backoff")
    milliseconds(max_backoff, "max_backoff")
    try:
        grows = 1 <= backoff_factor <= sys.float_info.max
    except TypeError:
        raise TypeError(f"backoff_factor must be a number, not {type(backoff_factor).__name__}") from None
    if not grows:
        raise ZMQInvalidError(f"backoff_factor is {backoff_factor}, it must be a finite number of at least 1")
    policy = RetryPolicy(
        max_attempts=max_retries + 1,
        # A cap below the first delay was no mistake in the old function.
        initial_backoff=min(initial_backoff, max_backoff),
        max_backoff=max_backoff,
        multiplier=backoff_factor,
        jitter=Jitter.EQUAL if jitter else Jitter.NONE,
    )
    with Backoff(policy) as backoff:
        yield _Retries(backoff, on_retry)


def retry_with_backoff(
    func: Callable[[], T],
    max_retries: int = 5,
    initial_backoff: float = 0.1,
    max_backoff: float = 30.0,
    backoff_factor: float = 2.0,
    jitter: bool = True,
    exceptions: tuple[type[Exception], ...] = (Exception,),
    on_retry: OnRetry | None = None,
) -> T:
    """Calls a function until it succeeds.

    Args:
        func: what to call.
        max_retries: retries after the first call, 0 or more.
        initial_backoff: seconds before the first retry.
        max_backoff: the most seconds before a retry.
        backoff_factor: growth of the delay from one retry to the next, at least 1.
        jitter: whether half of each delay is random.
        exceptions: what is tried again after; every other exception is raised at once.
        on_retry: called before each delay with the exception, the number of the retry (from 1) and the delay in
            seconds. What it raises ends the retries.

    Returns:
        What the function returned.

    Raises:
        Exception: the last call's, when no retry is left.
        ZMQInvalidError: an argument, which it names, is out of range; the function has not been called.
    """
    with _retries(max_retries, initial_backoff, max_backoff, backoff_factor, jitter, on_retry) as retries:
        while True:
            try:
                return func()
            except exceptions as error:
                delay, _ = retries.delay_after(error)
            pause(delay)


async def async_retry_with_backoff(
    func: Callable[[], Awaitable[T]],
    max_retries: int = 5,
    initial_backoff: float = 0.1,
    max_backoff: float = 30.0,
    backoff_factor: float = 2.0,
    jitter: bool = True,
    exceptions: tuple[type[Exception], ...] = (Exception,),
    on_retry: OnRetry | None = None,
) -> T:
    """Awaits what a function returns, until that succeeds. Otherwise as `retry_with_backoff`.

    What `on_retry` returns is awaited, too, if it can be. A cancellation ends it at once, in a call or in a delay.
    """
    with _retries(max_retries, initial_backoff, max_backoff, backoff_factor, jitter, on_retry) as retries:
        while True:
            try:
                return await func()
            except exceptions as error:
                delay, told = retries.delay_after(error)
                if inspect.isawaitable(told):
                    await told
            await asyncio.sleep(delay)
