# SPDX-License-Identifier: Apache-2.0
"""ControllerService: each result goes to whom it belongs, whatever workers do."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import SocketType, ZMQClosedError, ZMQInvalidError, ZMQStateError, ZMQTimeoutError, aio
from experimance_zmq.services import BYTES, ControllerService, WorkerService, WorkFailedError
from limits import ends_within
from peer_process import PeerProcess


@pytest.fixture
async def controller(tcp: str) -> AsyncIterator[ControllerService]:
    pools = {"render": tcp, "speak": tcp}
    async with ControllerService(pools=pools, results_at=tcp, submit_timeout=PATIENCE, stop_timeout=0) as controller:
        yield controller


def worker(controller: ControllerService, pool: str, handler: Any, **options: Any) -> WorkerService:
    return WorkerService(
        handler,
        work_from=controller.pusher(pool).endpoint,
        results_to=controller.puller.endpoint,
        **options,
    )


async def never(item: Any) -> None:
    await asyncio.Event().wait()


async def test_results_go_to_whom_they_belong(controller: ControllerService) -> None:
    """The later work is done first, by pools with several workers."""
    expected = 60
    turn = asyncio.Condition()
    last = expected

    async def backwards(item: list[Any]) -> Any:
        nonlocal last
        async with turn:
            await turn.wait_for(lambda: item[1] == last - 1)
            last -= 1
            turn.notify_all()
        return [item[0], item[1] * 10]

    workers = [worker(controller, pool, backwards, concurrency=expected) for pool in ("render", "render", "speak")]
    async with workers[0], workers[1], workers[2]:
        await controller.pusher("render").wait_peers(2, timeout=PATIENCE)
        pools = ["render" if number % 3 else "speak" for number in range(expected)]
        submitted = [controller.submit(pool, [pool, number]) for number, pool in enumerate(pools)]
        results = await asyncio.gather(*submitted)
        assert results == [[pool, number * 10] for number, pool in enumerate(pools)]
        assert controller.health.peers["pool render"] == 2
        assert all(each.health.handled for each in workers)
    assert (controller.health.handled, controller.health.failed, controller.health.unclaimed) == (expected, 0, 0)


async def test_work_waits_for_a_worker_that_starts_late(controller: ControllerService) -> None:
    submitted = [asyncio.create_task(controller.submit("render", number)) for number in range(30)]
    while controller.health.in_hand < 30:
        await asyncio.sleep(0)

    async def same(item: Any) -> Any:
        return item

    async with worker(controller, "render", same):
        assert await asyncio.gather(*submitted) == list(range(30))


@pytest.mark.parametrize("count", [1, 20])
async def test_work_without_a_worker_ends_with_its_time(count: int, controller: ControllerService) -> None:
    with ends_within(0.1):
        errors = await asyncio.gather(
            *(controller.submit("render", number, timeout=0.1) for number in range(count)), return_exceptions=True
        )
    for error in errors:
        assert isinstance(error, ZMQTimeoutError)
        assert "found no worker" in error.message
        assert error.elapsed >= 0.1
    assert (controller.health.failed, controller.health.in_hand) == (count, 0)


async def test_failure_of_a_handler_is_raised_where_it_was_submitted(controller: ControllerService) -> None:
    async def fails(item: Any) -> Any:
        raise LookupError(f"nothing for {item}")

    async with worker(controller, "speak", fails):
        with pytest.raises(WorkFailedError, match="LookupError: nothing for you"):
            await controller.submit("speak", "you")
        assert isinstance(controller.health.last_error, WorkFailedError)


async def test_result_that_comes_too_late_is_counted(controller: ControllerService) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(item: Any) -> Any:
        begun.set()
        await may_end.wait()
        return item

    async with worker(controller, "render", slow):
        submitted = asyncio.create_task(controller.submit("render", "late"))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        submitted.cancel()
        with pytest.raises(asyncio.CancelledError):
            await submitted
        with pytest.raises(ZMQTimeoutError, match="got no result"):
            await controller.submit("render", "later", timeout=0.05)
        may_end.set()
        assert await controller.submit("render", "in time") == "in time"
    assert (controller.health.handled, controller.health.unclaimed) == (1, 2)


async def test_worker_that_stops_tells_that_its_work_is_not_done(controller: ControllerService) -> None:
    begun = asyncio.Event()

    async def stuck(item: Any) -> None:
        begun.set()
        await never(item)

    async with worker(controller, "render", stuck) as busy:
        submitted = asyncio.create_task(controller.submit("render", "work"))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        assert await busy.stop(timeout=0) == ["work"]
        with pytest.raises(WorkFailedError, match="stopped"):
            await submitted


WORKER = """
import asyncio, os
from experimance_zmq.services import WorkerService

async def handler(item):
    if item == "die":
        os.kill(os.getpid(), 9)
    return [item, os.getpid()]

async def main():
    async with WorkerService(handler, work_from={work!r}, results_to={results!r}) as worker:
        await worker.puller.wait_peers(timeout=30)
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_worker_dies_and_another_takes_its_place(
    controller: ControllerService, run_code: Callable[[str], PeerProcess]
) -> None:
    code = WORKER.format(work=controller.pusher("render").endpoint, results=controller.puller.endpoint)
    first = run_code(code)
    assert await controller.submit("render", 1) == [1, first.pid]
    with pytest.raises(ZMQTimeoutError, match="got no result"):
        await controller.submit("render", "die", timeout=0.5)
    assert first.wait() == -9
    while controller.pusher("render").stats.peers:
        await asyncio.sleep(0)
    second = run_code(code)
    assert await controller.submit("render", 2) == [2, second.pid]


async def test_answers_that_are_none_are_reported(tcp: str) -> None:
    reported: asyncio.Queue[Exception] = asyncio.Queue()
    async with (
        ControllerService(
            pools={"a": tcp}, results_at=tcp, codec=BYTES, on_error=lambda error, _: reported.put_nowait(error)
        ) as controller,
        aio.Socket(SocketType.PUSH) as stranger,
        aio.Socket(SocketType.PULL) as work,
    ):
        await stranger.connect(controller.puller.endpoint, timeout=PATIENCE)
        for nonsense in ([b"1"], [b"1", b"what", b""], [b"1", b"done", b"", b""]):
            await stranger.send_parts(nonsense)
            assert "no answer of a worker" in str(await asyncio.wait_for(reported.get(), PATIENCE))
        # A foreign worker answers, twice.
        await work.connect(controller.pusher("a").endpoint, timeout=PATIENCE)
        for number in range(2):
            submitted = asyncio.create_task(controller.submit("a", b"%d" % number, timeout=PATIENCE))
            task, payload = await work.recv_parts(timeout=PATIENCE)
            for _ in range(2):
                await stranger.send_parts([task, b"done", payload * 2])
            assert await submitted == b"%d%d" % (number, number)
    assert controller.health.handled == 2
    assert controller.health.unclaimed >= 1


async def test_answer_to_another_controller_is_nobody_s(controller: ControllerService, tcp: str) -> None:
    async with (
        ControllerService(pools={"a": tcp}, results_at=tcp, stop_timeout=0) as former,
        aio.Socket(SocketType.PULL) as work,
        aio.Socket(SocketType.PUSH) as results,
    ):
        await work.connect(former.pusher("a").endpoint, timeout=PATIENCE)
        await results.connect(controller.puller.endpoint, timeout=PATIENCE)
        waiting = [asyncio.create_task(former.submit("a", 1)), asyncio.create_task(controller.submit("render", 1))]
        number, _ = await work.recv_parts(timeout=PATIENCE)
        await results.send_parts([number, b"done", b"1"])
        while not controller.health.unclaimed:
            await asyncio.sleep(0)
        assert not waiting[1].done()
    with pytest.raises(ZMQClosedError):
        await waiting[0]
    await controller.stop(timeout=0)
    with pytest.raises(ZMQClosedError):
        await waiting[1]


async def test_answer_the_codec_can_not_read_is_an_error_of_the_submit(controller: ControllerService) -> None:
    async with aio.Socket(SocketType.PULL) as work, aio.Socket(SocketType.PUSH) as results:
        await work.connect(controller.pusher("speak").endpoint, timeout=PATIENCE)
        await results.connect(controller.puller.endpoint, timeout=PATIENCE)
        submitted = asyncio.create_task(controller.submit("speak", 1))
        number, _ = await work.recv_parts(timeout=PATIENCE)
        await results.send_parts([number, b"done", b"{no JSON"])
        with pytest.raises(ValueError, match="property name"):
            await submitted


async def test_stop_waits_for_results(tcp: str) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def slow(item: Any) -> Any:
        begun.set()
        await may_end.wait()
        return item

    controller = ControllerService(pools={"a": tcp}, results_at=tcp)
    await controller.start()
    async with worker(controller, "a", slow):
        submitted = asyncio.create_task(controller.submit("a", "slow"))
        await asyncio.wait_for(begun.wait(), PATIENCE)
        stopping = asyncio.create_task(controller.stop(timeout=PATIENCE))
        await asyncio.sleep(0)
        with pytest.raises(ZMQStateError, match="stopping"):
            await controller.submit("a", "too late")
        may_end.set()
        assert await stopping == []
        assert await submitted == "slow"


async def test_stop_gives_up_what_takes_longer(tcp: str) -> None:
    begun = asyncio.Event()

    async def stuck(item: Any) -> None:
        begun.set()
        await never(item)

    controller = ControllerService(pools={"a": tcp, "nobody": tcp}, results_at=tcp)
    await controller.start()
    async with worker(controller, "a", stuck, stop_timeout=0):
        submitted = [asyncio.create_task(controller.submit(*work)) for work in (("a", 1), ("nobody", 2), ("nobody", 3))]
        await asyncio.wait_for(begun.wait(), PATIENCE)
        with ends_within(1):
            assert await controller.stop(timeout=0.05) == [("a", 1), ("nobody", 2), ("nobody", 3)]
            for each in submitted:
                # Those that found no worker hear the same, not of a socket that is closed.
                with pytest.raises(ZMQClosedError, match="the controller stopped before the work was done"):
                    await each


async def test_time_out_names_the_endpoint_as_it_is(controller: ControllerService, tcp: str) -> None:
    with pytest.raises(ZMQTimeoutError) as caught:
        await controller.submit("render", 1, timeout=0)
    assert caught.value.endpoint == controller.pusher("render").endpoint
    assert "*" not in caught.value.endpoint
    async with (
        aio.Puller() as work,
        ControllerService(pools={"a": f">{await work.bind(tcp)}"}, results_at=tcp) as other,
    ):
        with pytest.raises(ZMQTimeoutError) as caught:
            await other.submit("a", 1, timeout=0)
        assert caught.value.endpoint == work.endpoint


async def test_context_that_is_closed_ends_what_waits(tcp: str) -> None:
    async with aio.Context() as context:
        controller = ControllerService(pools={"a": tcp}, results_at=tcp, context=context)
        await controller.start()
        async with aio.Puller() as work:
            await work.connect(controller.pusher("a").endpoint, timeout=PATIENCE)
            submitted = asyncio.create_task(controller.submit("a", 1))
            while not controller.pusher("a").stats.messages_sent:
                await asyncio.sleep(0)
            await context.close()
            with pytest.raises(ZMQClosedError, match="results can not be received"):
                await submitted
        assert await controller.stop() == []


async def test_misuse_is_an_error(controller: ControllerService) -> None:
    with pytest.raises(ZMQInvalidError, match=r"no pool 'dance'; there are \['render', 'speak'\]"):
        await controller.submit("dance", 1)
    with pytest.raises(ZMQInvalidError, match="timeout"):
        await controller.submit("render", 1, timeout=float("nan"))
    with pytest.raises(ZMQInvalidError, match="submit_timeout"):
        ControllerService(pools={}, results_at="tcp://127.0.0.1:*", submit_timeout=float("inf"))
    with pytest.raises(TypeError):
        await controller.submit("render", object())
    with pytest.raises(ZMQStateError, match="new"):
        await ControllerService(pools={"a": "tcp://127.0.0.1:*"}, results_at="tcp://127.0.0.1:*").submit("a", 1)
    assert controller.health.in_hand == 0
