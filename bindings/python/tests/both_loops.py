# SPDX-License-Identifier: Apache-2.0
"""Tests that are coroutines, run under the loop of asyncio and under that of uvloop."""

import asyncio
import functools
import inspect
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import uvloop

from experimance_zmq.aio import _threads

Test = Callable[..., Coroutine[Any, Any, None]]

LOOPS: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
    "asyncio": asyncio.new_event_loop,
    "uvloop": uvloop.new_event_loop,
}


def both_loops(test: Test) -> Callable[..., None]:
    """Makes a test of a coroutine function. When it ends, nothing of it may be left in the loop."""

    @functools.wraps(test)
    def run(loop: str, **arguments: Any) -> None:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(_run(test(**arguments)))

    signature = inspect.signature(test)
    loop = inspect.Parameter("loop", inspect.Parameter.KEYWORD_ONLY)
    parametrized: Any = run
    parametrized.__signature__ = signature.replace(parameters=[*signature.parameters.values(), loop])
    result: Callable[..., None] = pytest.mark.parametrize("loop", LOOPS)(run)
    return result


async def _run(test: Coroutine[Any, Any, None]) -> None:
    await test
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert readers() == 0
    while busy_threads() > 0:
        await asyncio.sleep(0)


def readers() -> int:
    """The readers in the running loop; 0 where that can not be seen."""
    selector = getattr(asyncio.get_running_loop(), "_selector", None)
    # One is the loop's own.
    return 0 if selector is None else len(selector.get_map()) - 1


def busy_threads() -> int:
    """The threads that wait on behalf of tasks."""
    return sum(thread.name == "experimance-zmq-wait" for thread in threading.enumerate()) - len(_threads._idle)


async def turns(count: int) -> None:
    """Lets the other tasks run."""
    for _ in range(count):
        await asyncio.sleep(0)
