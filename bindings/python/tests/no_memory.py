# SPDX-License-Identifier: Apache-2.0
"""A call for which Python finds no memory."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

_testcapi: Any = import_module("_testcapi")
_MOST = 100
"""More blocks of memory than a call takes."""


@contextmanager
def one_block_short(number: int) -> Iterator[None]:
    """Python finds no memory once, for the block with this number from now on, the first being 1."""
    _testcapi.set_nomemory(number, number + 1)
    try:
        yield
    finally:
        _testcapi.remove_mem_hooks()


def received_short_of_memory(call: Callable[[], Any]) -> tuple[Any, int]:
    """What a call answers at last that is made again with one block more each time; and how often it had too few."""
    for number in range(1, _MOST):
        try:
            with one_block_short(number):
                answer = call()
        except MemoryError:
            continue
        return answer, number - 1
    raise AssertionError
