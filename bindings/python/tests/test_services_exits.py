# SPDX-License-Identifier: Apache-2.0
"""Handlers that raise what is no `Exception`: it is reported as others are, and ends nothing but its message."""

import asyncio
import gc
import re
from collections.abc import Callable
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import aio
from experimance_zmq.services import ControllerService, HandlerExitError, PubSubService, WorkerService, WorkFailedError
from experimance_zmq.services._outcome import outcome

TCP = "tcp://127.0.0.1:*"


class OddError(BaseException):
    """What is no Exception."""


EXITS: list[BaseException] = [SystemExit(3), OddError("odd"), GeneratorExit(), pytest.fail.Exception("a test")]


def name(error: BaseException) -> str:
    return type(error).__name__


def raiser(exits: BaseException, is_async: bool) -> Callable[..., Any]:
    """Raises for a subject that is not "fine"."""

    def plain(*arguments: Any) -> Any:
        if arguments[-1] != "fine":
            raise exits
        return "fine"

    async def coroutine(*arguments: Any) -> Any:
        await asyncio.sleep(0)
        return plain(*arguments)

    return coroutine if is_async else plain


async def check_worker(exits: BaseException, *, is_async: bool) -> None:
    errors: list[Exception] = []
    async with (
        ControllerService(pools={"a": TCP}, results_at=TCP) as controller,
        WorkerService(
            raiser(exits, is_async),
            work_from=controller.pusher("a").endpoint,
            results_to=controller.puller.endpoint,
            on_error=lambda error, _: errors.append(error),
        ) as worker,
    ):
        with pytest.raises(WorkFailedError, match=re.escape(f"the handler raised {exits!r}")):
            await controller.submit("a", "exit", timeout=PATIENCE)
        assert await controller.submit("a", "fine", timeout=PATIENCE) == "fine"
    assert [(type(error), error.__cause__) for error in errors] == [(HandlerExitError, exits)]
    assert (worker.health.handled, worker.health.failed) == (1, 1)


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
@pytest.mark.parametrize("exits", EXITS, ids=name)
async def test_exit_of_a_workers_handler_fails_its_work(exits: BaseException, is_async: bool) -> None:
    await check_worker(exits, is_async=is_async)


def test_keyboard_interrupt_in_a_thread_fails_its_work() -> None:
    """It is no Ctrl-C, which comes to the main thread only."""
    asyncio.run(check_worker(KeyboardInterrupt(), is_async=False))


def test_keyboard_interrupt_in_the_loop_ends_the_program() -> None:
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(check_worker(KeyboardInterrupt(), is_async=True))


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
@pytest.mark.parametrize("exits", EXITS, ids=name)
async def test_exit_of_a_subscribers_handler_is_reported(exits: BaseException, is_async: bool) -> None:
    """Also if on_error raises the same."""
    causes: asyncio.Queue[BaseException | None] = asyncio.Queue()
    raises = raiser(exits, is_async)

    def report(error: Exception, subject: Any) -> Any:
        causes.put_nowait(error.__cause__)
        return raises(subject)

    async with (
        aio.Publisher() as publisher,
        PubSubService(subscribe_to=await publisher.bind(TCP), handlers={"": raises}, on_error=report) as service,
    ):
        await publisher.wait_subscribers("", timeout=PATIENCE)
        for payload in ("exit", "exit", "fine"):
            await publisher.publish_json("a", payload)
        assert await asyncio.wait_for(causes.get(), PATIENCE) is exits
        assert await asyncio.wait_for(causes.get(), PATIENCE) is exits
        while not service.health.handled:
            await asyncio.sleep(0)
    assert (service.health.handled, service.health.failed) == (1, 2)


def test_handler_whose_loop_is_gone_is_closed_and_told_nothing() -> None:
    """A `GeneratorExit` that ends the coroutine is no handler's."""

    async def forever() -> None:
        await asyncio.Event().wait()

    async def begin() -> Any:
        coroutine = outcome(forever)
        coroutine.send(None)
        return coroutine

    coroutine = asyncio.run(begin())
    coroutine.close()
    del coroutine
    gc.collect()
