# SPDX-License-Identifier: Apache-2.0
"""Runs operations on the calling thread.

An operation is a generator: it yields a call of the library as a function of its time-out in milliseconds, is sent what
that answers, mostly a status, and returns the result or raises. So what an operation does is written once, however the
waiting is done.
"""

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from ._deadline import Deadline
from ._log import raise_held_back

T = TypeVar("T")

Call = Callable[[int], Any]
Operation = Generator[Call, Any, T]


def run(operation: Operation[T], deadline: Deadline) -> T:
    """Does the calls an operation asks for, all of them within one deadline.

    Signal handlers run during the calls. What one raises ends the call and is raised here.
    """
    timeout_ms = deadline.milliseconds
    try:
        call = next(operation)
        while True:
            answer = call(timeout_ms)
            raise_held_back()
            call = operation.send(answer)
            timeout_ms = deadline.rest().milliseconds
    except StopIteration as result:
        value: T = result.value
        return value
    finally:
        operation.close()
