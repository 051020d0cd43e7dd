# SPDX-License-Identifier: Apache-2.0
"""The library's retry policy for other work than sockets'."""

import ctypes
from collections.abc import Callable, Iterator
from functools import cache
from typing import NoReturn, TypeVar

from . import _abi
from ._arguments import milliseconds
from ._closing import Closing
from ._deadline import Deadline
from ._not_copied import NotCopied
from ._pausing import pause
from .errors import Status, ZMQExhaustedError, ZMQInvalidError, ZMQSocketError, ZMQTimeoutError, class_of
from .retry_policy import RetryPolicy
from .socket_options import default_options, option_struct, what_is_wrong

T = TypeVar("T")


class Backoff(NotCopied, Closing):
    """A schedule of delays, for a retry loop of your own that is to follow the rules of this library.

    Iterating gives delays in seconds until the policy allows no further attempt. Any thread may use it.
    """

    def __init__(self, policy: RetryPolicy | None = None) -> None:
        """Starts a schedule.

        Args:
            policy: None is the default policy.

        Raises:
            ZMQInvalidError: a field of the policy is out of range.
            TypeError: the policy is none, or a field is of a wrong type.
            ZMQLimitError: there are too many schedules.
        """
        self._handle = _abi.exz_backoff()
        if not isinstance(policy, RetryPolicy | None):
            raise TypeError(f"policy must be a RetryPolicy, not {type(policy).__name__}")
        struct = None if policy is None else policy._as_struct()
        status = _abi.exz_backoff_open(self._handle, struct)
        if status == _abi.EXZ_ERR_INVALID and policy is not None:
            raise ZMQInvalidError(what_is_wrong(option_struct({"retry": policy})))
        self._check(status)

    def next(self) -> float:
        """The delay before the next retry, in seconds. Sleeping is the caller's.

        Raises:
            ZMQExhaustedError: the policy allows no further attempt.
            ZMQClosedError: the schedule is closed.
        """
        delay_ms = ctypes.c_int32()
        self._check(_abi.exz_backoff_next(delay_ms, self._handle))
        return delay_ms.value / 1000

    def reset(self) -> None:
        """Goes back to the first delay, after a success. The random source is not rewound.

        Raises:
            ZMQClosedError: the schedule is closed.
        """
        self._check(_abi.exz_backoff_reset(self._handle))

    def close(self) -> None:
        """Ends the schedule. Ending it again does nothing."""
        self._check(_abi.exz_backoff_close(self._handle))

    def _check(self, status: int) -> None:
        if status != _abi.EXZ_OK:
            raise class_of(status)()

    def __iter__(self) -> Iterator[float]:
        return self

    def __next__(self) -> float:
        try:
            return self.next()
        except ZMQExhaustedError:
            raise StopIteration from None

    def __del__(self, _close: Callable[[_abi.exz_backoff], int] = _abi.exz_backoff_close) -> None:
        if handle := getattr(self, "_handle", None):
            _close(handle)


@cache
def _is_status_tried_again(status: Status) -> bool:
    """Whether the policy tries again after this status. The library knows; a single attempt tells."""
    policy = RetryPolicy(max_attempts=1)._as_struct()
    attempt = _abi.exz_retry_attempt(lambda _user, _number: int(status))
    details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
    _abi.exz_retry(policy, 0, attempt, None, details)
    # A status that ends the retries is the result itself and has no cause beside it.
    return bool(details.cause != _abi.EXZ_OK)


def _is_tried_again(error: Exception, exceptions: tuple[type[Exception], ...]) -> bool:
    if isinstance(error, exceptions):
        return True
    return isinstance(error, ZMQSocketError) and _is_status_tried_again(error.status)


def _check_exceptions(exceptions: object) -> None:
    """Refuses, before the first attempt, what an `except` clause would refuse after it."""
    for each in exceptions if isinstance(exceptions, tuple) else (exceptions,):
        if not (isinstance(each, type) and issubclass(each, BaseException)):
            raise TypeError(f"exceptions must be a tuple of exception classes; {each!r} is none")


class Attempts(Closing):
    """The attempts of one `retry`: counts them, says whether and when to try again, and tells of the end."""

    def __init__(
        self, policy: RetryPolicy | None, timeout: float | None, exceptions: tuple[type[Exception], ...]
    ) -> None:
        self._deadline = Deadline(
            default_options().default_timeout_ms if timeout is None else milliseconds(timeout, "timeout")
        )
        _check_exceptions(exceptions)
        self._exceptions = exceptions
        self._backoff = Backoff(policy)
        self._count = 0
        self._last: Exception | None = None

    def failed(self, error: Exception) -> float:
        """Notes a failed attempt; the seconds to wait before the next one. Raises if that was the last."""
        self._count += 1
        self._last = error
        if not _is_tried_again(error, self._exceptions):
            raise error
        delay = next(self._backoff, None)
        if delay is None:
            self._give_up(ZMQExhaustedError)
        return min(delay, self._deadline.remaining_milliseconds() / 1000)

    def check_time(self) -> None:
        """After the delay: raises if the time is up."""
        if self._deadline.remaining_milliseconds() == 0:
            self._give_up(ZMQTimeoutError)

    def _give_up(self, reason: type[ZMQSocketError]) -> NoReturn:
        raise reason(
            f"gave up after {self._count} attempt{'s' if self._count > 1 else ''} in {self._deadline.elapsed:.3f} s; "
            f"the last one: {self._last}",
            attempts=self._count,
            elapsed=self._deadline.elapsed,
            cause=self._last.status if isinstance(self._last, ZMQSocketError) else None,
        ) from self._last

    def close(self) -> None:
        """Ends the schedule."""
        self._backoff.close()


def retry(
    function: Callable[[], T],
    *,
    policy: RetryPolicy | None = None,
    timeout: float | None = None,
    exceptions: tuple[type[Exception], ...] = (),
) -> T:
    """Calls a function until it succeeds, as often and with such delays as the policy says.

    Tried again are the errors of this package that the policy tries again (see `RetryPolicy`), and `exceptions`. Every
    other exception ends the retries and is raised as it is.

    Args:
        function: called on this thread, and not interrupted: an attempt that takes long makes the call late.
        policy: None is the default policy.
        timeout: seconds for all attempts and delays together; None is 1.0. The first attempt is always made.
        exceptions: further exceptions to try again after.

    Returns:
        What the function returned.

    Raises:
        ZMQExhaustedError: all attempts failed. Its `attempts`, `elapsed` and `cause` tell more, and the exception of
            the last attempt is its `__cause__`.
        ZMQTimeoutError: the time was up; the same holds for it.
        ZMQInvalidError: the policy or the time-out makes no sense; the function has not been called.
        TypeError: `policy`, `timeout` or `exceptions` is of a wrong type; nor has it then.
    """
    with Attempts(policy, timeout, exceptions) as attempts:
        while True:
            try:
                return function()
            except Exception as error:
                delay = attempts.failed(error)
            pause(delay)
            attempts.check_time()
