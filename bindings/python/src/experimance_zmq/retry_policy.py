# SPDX-License-Identifier: Apache-2.0
"""When to try again, and how often."""

import ctypes
import enum

from . import _abi
from ._arguments import INT32_MAX, UINT64_MAX, milliseconds, whole
from ._record import Record


class Jitter(enum.IntEnum):
    """How a back-off delay d is spread. U(a, b) is a uniform draw from a to b."""

    NONE = _abi.EXZ_JITTER_NONE
    """Exactly d."""
    FULL = _abi.EXZ_JITTER_FULL
    """U(0, d)."""
    EQUAL = _abi.EXZ_JITTER_EQUAL
    """d/2 + U(0, d/2)."""
    DECORRELATED = _abi.EXZ_JITTER_DECORRELATED
    """min(max_backoff, U(initial_backoff, 3 · the delay before))."""
    PROPORTIONAL = _abi.EXZ_JITTER_PROPORTIONAL
    """d · U(1 - jitter_ratio, 1 + jitter_ratio)."""


class RetryPolicy(Record):
    """When to try again, and how often. All times are seconds, with the precision of a millisecond.

    The delay before retry n (n = 1, 2, …) is min(max_backoff, initial_backoff · multiplier^(n-1)), with the jitter
    applied to that value. Tried again are REFUSED, UNREACHABLE, RESOLVE, TIMEOUT, PEER_LOST, ADDRESS_IN_USE and
    ADDRESS_NOT_AVAILABLE; every other status ends the retries.

    A policy is checked where it is used: opening a socket, `Backoff` and `retry` raise `ZMQInvalidError` for a field
    out of range.
    """

    max_attempts: int = 6
    """Attempts in all, the first included; 0: only the deadline ends them. For calls that wait: a background connect
    and the re-connection of a lost link go on until the socket is closed."""
    initial_backoff: float = 0.1
    """Seconds before the first retry; at most `max_backoff`."""
    max_backoff: float = 30.0
    """The cap of the delay before jitter."""
    multiplier: float = 2.0
    """The growth of the delay, at least 1."""
    jitter: Jitter = Jitter.EQUAL
    """How the delays are spread."""
    attempt_timeout: float = 0.0
    """The bound of one attempt; 0 is what is left of the deadline."""
    jitter_ratio: float = 0.2
    """For `Jitter.PROPORTIONAL`: 0 to 1."""
    seed: int = 0
    """0 draws from the system; any other number makes the delays reproducible."""

    def _as_struct(self) -> _abi.exz_retry_policy:
        return _abi.exz_retry_policy(
            size=ctypes.sizeof(_abi.exz_retry_policy),
            max_attempts=whole(self.max_attempts, "max_attempts", INT32_MAX),
            initial_backoff_ms=milliseconds(self.initial_backoff, "initial_backoff"),
            max_backoff_ms=milliseconds(self.max_backoff, "max_backoff"),
            multiplier=self.multiplier,
            jitter=whole(self.jitter, "jitter", INT32_MAX),
            attempt_timeout_ms=milliseconds(self.attempt_timeout, "attempt_timeout"),
            jitter_ratio=self.jitter_ratio,
            seed=whole(self.seed, "seed", UINT64_MAX),
        )
