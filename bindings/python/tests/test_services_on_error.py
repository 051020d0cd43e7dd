# SPDX-License-Identifier: Apache-2.0
"""Services that tell a coroutine function of failures."""

import asyncio
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import SocketType, aio
from experimance_zmq.services import ControllerService, PubSubService, WorkerService
from limits import ends_within


class Told:
    """An on_error that takes a while."""

    def __init__(self) -> None:
        self.subjects: asyncio.Queue[Any] = asyncio.Queue()

    async def __call__(self, error: Exception, subject: Any) -> None:
        await asyncio.sleep(0)
        self.subjects.put_nowait(subject)
        raise LookupError(f"after {type(error).__name__}")

    async def next(self) -> Any:
        return await asyncio.wait_for(self.subjects.get(), PATIENCE)


class Stuck:
    """An on_error that does not end."""

    def __init__(self, is_stubborn: bool) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self._is_stubborn = is_stubborn

    async def __call__(self, error: Exception, subject: Any) -> None:
        self.begun.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            if not self._is_stubborn:
                raise
            await self.may_end.wait()


def broken(*arguments: Any) -> None:
    raise KeyError(arguments[-1])


async def test_worker_tells_of_handlers_and_of_messages(tcp: str, caplog: pytest.LogCaptureFixture) -> None:
    told = Told()
    async with (
        aio.Socket(SocketType.PUSH) as work,
        WorkerService(broken, work_from=f"@{tcp}", on_error=told) as worker,
    ):
        await work.connect(worker.puller.endpoint, timeout=PATIENCE)
        await work.send_parts([b"1"], timeout=PATIENCE)
        assert await told.next() == 1
        await work.send_parts([b"1", b"2", b"3"], timeout=PATIENCE)
        assert await told.next() is None
    assert worker.health.failed == 2
    assert [record.message for record in caplog.records].count("WorkerService: on_error raised") == 2


async def test_pub_sub_service_tells_before_the_next_message(tcp: str) -> None:
    told = Told()
    handled: list[int] = []

    def even_only(topic: str, payload: int) -> None:
        handled.append(told.subjects.qsize())
        if payload % 2:
            raise ValueError(payload)

    async with (
        aio.Publisher() as publisher,
        PubSubService(subscribe_to=await publisher.bind(tcp), handlers={"n": even_only}, on_error=told) as service,
    ):
        await publisher.wait_subscribers("n", timeout=PATIENCE)
        for number in range(4):
            await publisher.publish_json("n", number)
        while service.health.handled + service.health.failed < 4:
            await asyncio.sleep(0)
        assert await told.next() == ("n", 1)
        assert await told.next() == ("n", 3)
    assert handled == [0, 0, 1, 1]


async def test_controller_tells_of_answers_that_are_none(tcp: str) -> None:
    told = Told()
    async with (
        ControllerService(pools={"a": tcp}, results_at=tcp, on_error=told) as controller,
        aio.Socket(SocketType.PUSH) as stranger,
    ):
        await stranger.connect(controller.puller.endpoint, timeout=PATIENCE)
        for _ in range(2):
            await stranger.send_parts([b"nonsense"])
            assert await told.next() is None
    assert controller.health.failed == 2


@pytest.mark.parametrize("is_stubborn", [False, True])
@pytest.mark.parametrize("parts", [[b"1"], [b"1", b"2", b"3"]], ids=["work", "no work"])
async def test_stop_does_not_wait_for_it(parts: list[bytes], is_stubborn: bool, tcp: str) -> None:
    stuck = Stuck(is_stubborn)
    async with aio.Socket(SocketType.PUSH) as work:
        worker = WorkerService(broken, work_from=f"@{tcp}", on_error=stuck)
        await worker.start()
        await work.connect(worker.puller.endpoint, timeout=PATIENCE)
        # The second one is found when the worker stops.
        for _ in range(2):
            await work.send_parts(parts, timeout=PATIENCE)
        await asyncio.wait_for(stuck.begun.wait(), PATIENCE)
        with ends_within(1):
            await worker.stop(timeout=0)
        assert worker.health.in_hand == 0
    stuck.may_end.set()
