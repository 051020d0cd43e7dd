# SPDX-License-Identifier: Apache-2.0
"""Starts and stops of services that meet."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import ZMQClosedError, ZMQStateError, aio
from experimance_zmq.services import ControllerService, PubSubService, ServiceState, WorkerService, WorkFailedError
from limits import ends_within

TCP = "tcp://127.0.0.1:*"
Service = PubSubService | WorkerService | ControllerService

SERVICES: dict[str, Callable[[], Service]] = {
    "pub sub": lambda: PubSubService(publish_at=TCP, subscribe_to=f"@{TCP}"),
    "worker": lambda: WorkerService(print, results_to=f"@{TCP}", work_from=f"@{TCP}"),
    "controller": lambda: ControllerService(pools={"a": TCP}, results_at=TCP),
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Service:
    return SERVICES[request.param]()


class GatedBind:
    """Binds of sockets, each of which is done and then returns only when it may."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: asyncio.Queue[None] = asyncio.Queue()
        self.may_return = asyncio.Semaphore(0)
        bind = aio.BaseSocket.bind

        async def gated(socket: aio.BaseSocket, *arguments: Any, **options: Any) -> str:
            try:
                return await bind(socket, *arguments, **options)
            finally:
                self.done.put_nowait(None)
                await self.may_return.acquire()

        monkeypatch.setattr(aio.BaseSocket, "bind", gated)

    async def wait(self) -> None:
        await asyncio.wait_for(self.done.get(), PATIENCE)


@pytest.mark.parametrize("bound", [1, 2])
async def test_stop_ends_a_start(service: Service, bound: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever socket it has come to. What is left open, the leak check tells."""
    binds = GatedBind(monkeypatch)
    starting = asyncio.create_task(service.start())
    await binds.wait()
    for _ in range(bound - 1):
        binds.may_return.release()
        await binds.wait()
    assert await service.stop() == []
    binds.may_return.release()
    with pytest.raises(ZMQClosedError, match="was stopped while it started"):
        await asyncio.wait_for(starting, PATIENCE)
    assert service.health.state is ServiceState.STOPPED
    assert service._receiving is None
    assert await service.stop() == []


async def test_stop_ends_a_start_that_waits(reserved_port: Any) -> None:
    service = PubSubService(publish_at=TCP, subscribe_to=f"@{reserved_port.endpoint}")
    async with aio.Puller() as first:
        await first.bind(reserved_port.endpoint)
        starting = asyncio.create_task(service.start(timeout=PATIENCE))
        while "subscriber" not in service._sockets:
            await asyncio.sleep(0)
        assert await service.stop() == []
        with pytest.raises(ZMQClosedError, match="was stopped while it started"):
            await asyncio.wait_for(starting, PATIENCE)
    assert service.health.state is ServiceState.STOPPED


async def test_stop_meets_a_start_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes first, the service is stopped and not new again."""
    service = PubSubService(publish_at=TCP)
    binds = GatedBind(monkeypatch)
    starting = asyncio.create_task(service.start())
    await binds.wait()
    close = service._close
    closing = asyncio.Event()

    async def slow_close(linger: float) -> None:
        closing.set()
        await asyncio.sleep(0)
        await close(linger)

    monkeypatch.setattr(service, "_close", slow_close)
    starting.cancel()
    await asyncio.wait_for(closing.wait(), PATIENCE)
    assert await service.stop() == []
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert service.health.state is ServiceState.STOPPED
    with pytest.raises(ZMQStateError, match="stopped"):
        await service.start()


async def test_default_of_no_wait_is_not_that_of_loops_without_end(
    reserved_port: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They would keep the event loop busy, or stop it."""
    waiting: list[aio.BaseSocket] = []
    timeouts: list[float | None] = []

    def watch(kind: type[aio.BaseSocket], name: str) -> None:
        method = getattr(kind, name)

        async def watched(socket: Any, *arguments: Any, timeout: float | None = None) -> Any:
            waiting.append(socket)
            timeouts.append(timeout)
            assert timeout is not None, "the default, which is not to wait"
            return await method(socket, *arguments, timeout=timeout)

        monkeypatch.setattr(kind, name, watched)

    watch(aio.Subscriber, "recv")
    watch(aio.Socket, "recv_parts")
    watch(aio.Socket, "send_parts")

    async def same(item: Any) -> Any:
        return item

    async with (
        PubSubService(subscribe_to=f"@{TCP}", default_timeout=0) as pub_sub,
        ControllerService(pools={"a": TCP}, results_at=TCP, default_timeout=0) as controller,
        WorkerService(
            same,
            work_from=controller.pusher("a").endpoint,
            results_to=reserved_port.endpoint,
            stop_timeout=0,
            default_timeout=0,
        ) as worker,
    ):
        submitting = asyncio.create_task(controller.submit("a", 1, timeout=PATIENCE))
        sockets = [pub_sub.subscriber, controller.puller, worker.puller, worker.pusher]
        while not all(socket in waiting for socket in sockets):
            await asyncio.sleep(0)
        assert [each.health.state for each in (pub_sub, controller, worker)] == [ServiceState.RUNNING] * 3
        assert worker.health.in_hand == 1
        assert None not in timeouts
        submitting.cancel()


@pytest.mark.parametrize("fails", [False, True], ids=["returns", "raises"])
async def test_handler_may_stop_its_worker(fails: bool, caplog: pytest.LogCaptureFixture) -> None:
    worker: WorkerService
    handling: asyncio.Queue[asyncio.Task[Any] | None] = asyncio.Queue()
    unfinished: asyncio.Queue[list[Any]] = asyncio.Queue()

    async def stops(item: Any) -> None:
        handling.put_nowait(asyncio.current_task())
        unfinished.put_nowait(await worker.stop(timeout=PATIENCE))
        if fails:
            raise LookupError("after the stop")

    async with ControllerService(pools={"a": TCP}, results_at=TCP) as controller:
        worker = WorkerService(stops, work_from=controller.pusher("a").endpoint, results_to=controller.puller.endpoint)
        await worker.start()
        with ends_within(2):
            with pytest.raises(WorkFailedError, match="the worker stopped before it was done"):
                await controller.submit("a", "stop", timeout=PATIENCE)
            assert await asyncio.wait_for(unfinished.get(), PATIENCE) == ["stop"]
        task = await handling.get()
        assert task is not None
        await asyncio.wait_for(task, PATIENCE)
    assert worker.health.state is ServiceState.STOPPED
    assert (worker.health.in_hand, worker.health.handled, worker.health.failed) == (0, 0, int(fails))
    assert "could not be dealt with" not in caplog.text


async def test_handler_may_stop_its_subscriber() -> None:
    service: PubSubService
    unfinished: asyncio.Queue[list[Any]] = asyncio.Queue()

    async def stops(topic: str, payload: Any) -> None:
        unfinished.put_nowait(await service.stop(timeout=PATIENCE))

    async with aio.Publisher() as publisher:
        service = PubSubService(subscribe_to=await publisher.bind(TCP), handlers={"a": stops})
        await service.start()
        await publisher.wait_subscribers("a", timeout=PATIENCE)
        await publisher.publish_json("a", "stop")
        with ends_within(2):
            assert await asyncio.wait_for(unfinished.get(), PATIENCE) == [("a", "stop")]
    assert service.health.state is ServiceState.STOPPED


async def test_stop_with_less_time_brings_the_end_forward() -> None:
    begun = asyncio.Event()

    async def forever(item: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    service = WorkerService(forever, work_from=f"@{TCP}")
    await service.start()
    async with aio.Pusher() as work:
        await work.connect(service.puller.endpoint, timeout=PATIENCE)
        await work.send_json(1, timeout=PATIENCE)
        await asyncio.wait_for(begun.wait(), PATIENCE)
        first = asyncio.create_task(service.stop(timeout=PATIENCE))
        await asyncio.sleep(0)
        with ends_within(1):
            assert await service.stop(timeout=0) == []
            assert await first == [1]
    assert service.health.state is ServiceState.STOPPED
