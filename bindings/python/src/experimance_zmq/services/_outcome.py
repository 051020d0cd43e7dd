# SPDX-License-Identifier: Apache-2.0
"""What a function of the user comes to: a value, or an error that ends nothing but this message."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any


class HandlerCanceledError(RuntimeError):
    """A handler ended as if it was cancelled, and nobody had cancelled it."""


class HandlerExitError(RuntimeError):
    """A handler raised what is no `Exception`, its `__cause__`: `SystemExit`, as `sys.exit` does, or another one that
    would end more than this message.
    """


async def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function returns, or what it returns is awaited to be.

    Whatever it raises is an `Exception`, as `failure` has it. Two are not the function's: the cancellation of this
    task, and a `KeyboardInterrupt`, which in the thread of the event loop is Ctrl-C.
    """
    task = asyncio.current_task()
    try:
        result = function(*arguments)
        return await result if inspect.isawaitable(result) else result
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        is_ours = isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling()
        if is_ours or (isinstance(error, GeneratorExit) and not _is_at_work(task)):
            raise
        failed = failure(error)
        raise failed from failed.__cause__


def failure(error: BaseException) -> Exception:
    """The `Exception` for what a function has raised: a message does not end the program, or the task."""
    if isinstance(error, Exception):
        return error
    if isinstance(error, asyncio.CancelledError):
        return HandlerCanceledError("the handler was cancelled from within")
    exits = HandlerExitError(f"the handler raised {error!r}")
    exits.__cause__ = error
    return exits


def _is_at_work(task: asyncio.Task[Any] | None) -> bool:
    """Whether this is the task. If not, a coroutine of it is being closed, by the collector for example."""
    try:
        return asyncio.current_task() is task
    except RuntimeError:
        # No event loop runs any more.
        return False
