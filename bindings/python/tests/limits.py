# SPDX-License-Identifier: Apache-2.0
"""Bounds of time that a busy machine does not break, and what a process has open."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from experimance_zmq import ZMQSocketError

SLACK = 3.0
"""Seconds a machine may be late. What the library allows itself is milliseconds; this only tells late from never."""


def descriptors() -> int:
    """How many descriptors this process has."""
    return len(list(Path("/proc/self/fd").iterdir()))


@contextmanager
def ends_within(seconds: float) -> Iterator[None]:
    """The block ends by then."""
    start = time.monotonic()
    yield
    assert time.monotonic() - start < seconds + SLACK


@contextmanager
def fails_by(
    timeout: float, error: type[ZMQSocketError], *, early: bool = True
) -> Iterator[pytest.ExceptionInfo[ZMQSocketError]]:
    """The block raises this error by its deadline; with `early=False` not before it."""
    start = time.monotonic()
    with pytest.raises(error) as caught:
        yield caught
    elapsed = time.monotonic() - start
    assert type(caught.value) is error
    assert elapsed < timeout + SLACK
    assert caught.value.elapsed <= elapsed
    if not early:
        assert elapsed >= timeout, "a time-out came early"
        assert caught.value.elapsed >= timeout
