# SPDX-License-Identifier: Apache-2.0
"""Runs operations on the calling thread.

An operation is a generator: it yields a call of the library as a function of its time-out in milliseconds, is sent the
status, and returns the result or raises. So what an operation does is written once, however the waiting is done.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

from . import _abi
from ._deadline import Deadline
from ._log import raise_held_back

T = TypeVar("T")

Call = Callable[[int], int]
Operation = Generator[Call, int, T]


def run(operation: Operation[T], deadline: Deadline) -> T:
    """Does the calls an operation asks for, all of them within one deadline.

    A signal ends a call early. Python's handlers run as soon as the call is back here; if they raise nothing, the call
    is made again with what is left of the time.
    """
    timeout_ms = deadline.milliseconds
    try:
        call = next(operation)
        while True:
            status = call(timeout_ms)
            raise_held_back()
            if status != _abi.EXZ_ERR_INTERRUPTED:
                call = operation.send(status)
            timeout_ms = deadline.rest().milliseconds
    except StopIteration as result:
        value: T = result.value
        return value
    finally:
        # What a handler raised ends the operation here.
        operation.close()
