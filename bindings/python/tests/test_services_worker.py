# SPDX-License-Identifier: Apache-2.0
"""WorkerService: the bound, what a handler may be and do, and how it ends without losing work."""

import asyncio
import contextvars
import signal
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import SocketType, ZMQInvalidError, aio
from experimance_zmq.services import BYTES, HandlerCanceledError, HandlerExitError, WorkerService, _handling
from limits import ends_within
from peer_process import PeerProcess


class Ends:
    """A pusher of work and a puller of results, which workers connect to."""

    def __init__(self) -> None:
        # Little room on the way, so that what a worker does not take stays here.
        self.work = aio.Pusher(linger=0, send_hwm=1, send_buffer=4096)
        self.results = aio.Puller()

    def worker(self, handler: Any, **options: Any) -> WorkerService:
        return WorkerService(handler, work_from=self.work.endpoint, results_to=self.results.endpoint, **options)

    async def push(self, *items: Any) -> None:
        for item in items:
            await self.work.send_json(item, timeout=PATIENCE)

    async def pull(self, count: int) -> list[Any]:
        return [await self.results.recv_json(timeout=PATIENCE) for _ in range(count)]


@pytest.fixture
async def ends(tcp: str) -> AsyncIterator[Ends]:
    ends = Ends()
    async with ends.work, ends.results:
        await ends.work.bind(tcp)
        await ends.results.bind(tcp)
        yield ends


class Gate:
    """A handler that holds its items until they may pass."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[Any] = asyncio.Queue()
        self.opened = asyncio.Event()
        self.inside = 0
        self.most_inside = 0

    async def __call__(self, item: Any) -> Any:
        self.inside += 1
        self.most_inside = max(self.inside, self.most_inside)
        self.begun.put_nowait(item)
        try:
            await self.opened.wait()
        finally:
            self.inside -= 1
        return item

    async def began(self, count: int) -> list[Any]:
        return [await asyncio.wait_for(self.begun.get(), PATIENCE) for _ in range(count)]


async def test_work_is_done_and_results_are_pushed(ends: Ends) -> None:
    async def double(item: int) -> int:
        return item * 2

    async with ends.worker(double) as worker:
        await ends.push(*range(100))
        assert await ends.pull(100) == [number * 2 for number in range(100)]
        assert worker.health.peers == {"work": 1, "results": 1}
    assert (worker.health.handled, worker.health.failed) == (100, 0)


async def test_no_more_are_in_hand_than_the_bound_and_none_is_dropped(ends: Ends) -> None:
    gate = Gate()
    async with ends.worker(gate, concurrency=3) as worker:
        await ends.push(*range(20))
        first = await gate.began(3)
        assert worker.health.in_hand == 3
        # Only those in hand and what the library needs to see that there is more have been taken.
        assert worker.puller.stats.messages_received == 3
        gate.opened.set()
        assert sorted(await ends.pull(20)) == list(range(20))
        assert first == [0, 1, 2]
        assert gate.most_inside == 3


async def test_work_over_the_bound_goes_to_other_workers(ends: Ends) -> None:
    gate = Gate()
    padding = "-" * 100_000

    async def quick(item: Any) -> Any:
        return item[0]

    async with ends.worker(gate, receive_buffer=4096) as stuck:
        await ends.push([-1, padding])
        await gate.began(1)
        async with ends.worker(quick):
            await ends.work.wait_peers(2, timeout=PATIENCE)
            done: list[Any] = []
            number = 0
            while len(done) < 30:
                await ends.push([number, padding])
                number += 1
                try:
                    done += await ends.results.recv_many(timeout=0)
                except TimeoutError:
                    continue
            # The queues and the kernel keep a few for the worker that is stuck. Were its queue long, it had half.
            assert number < 50
            assert stuck.health.in_hand == 1
        gate.opened.set()


async def test_plain_function_runs_in_threads_and_the_loop_goes_on(ends: Ends) -> None:
    variable = contextvars.ContextVar("variable", default="none")
    variable.set("of the caller")
    both = threading.Barrier(2, timeout=PATIENCE)

    def meet(item: int) -> list[Any]:
        # Passes only if two are in hand at once.
        both.wait()
        return [item, threading.current_thread() is threading.main_thread(), variable.get()]

    async with ends.worker(meet, concurrency=2):
        await ends.push(1, 2)
        assert sorted(await ends.pull(2)) == [[1, False, "of the caller"], [2, False, "of the caller"]]


async def test_function_may_return_something_to_await(ends: Ends) -> None:
    async def triple(item: int) -> int:
        return item * 3

    async with ends.worker(lambda item: triple(item)):
        await ends.push(2)
        assert await ends.pull(1) == [6]


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
async def test_handler_that_raises_is_reported_and_work_goes_on(ends: Ends, is_async: bool) -> None:
    errors: list[tuple[str, Any]] = []

    def plain(item: Any) -> Any:
        if item == "stop":
            raise StopIteration
        return 1 / item

    async def coroutine(item: Any) -> Any:
        return plain(item)

    async with ends.worker(
        coroutine if is_async else plain,
        on_error=lambda error, item: errors.append((type(error).__name__, item)),
    ) as worker:
        await ends.push(0, "stop")
        await ends.work.send(b"no JSON")
        await ends.push(4)
        # The failed ones push no result.
        assert await ends.pull(1) == [0.25]
    assert errors == [("ZeroDivisionError", 0), ("RuntimeError", "stop"), ("JSONDecodeError", b"no JSON")]
    assert (worker.health.handled, worker.health.failed) == (1, 3)


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
async def test_handler_that_exits_or_is_cancelled_is_reported_and_work_goes_on(ends: Ends, is_async: bool) -> None:
    errors: list[Exception] = []
    raised = {"exit": SystemExit(3), "cancel": asyncio.CancelledError()}

    def plain(item: Any) -> Any:
        if item in raised:
            raise raised[item]
        return item

    async def coroutine(item: Any) -> Any:
        return plain(item)

    handler = coroutine if is_async else plain
    async with ends.worker(handler, on_error=lambda error, _: errors.append(error)) as worker:
        await ends.push("exit", "cancel", "fine")
        assert await ends.pull(1) == ["fine"]
    assert [type(error) for error in errors] == [HandlerExitError, HandlerCanceledError]
    assert str(errors[0]) == "the handler raised SystemExit(3)"
    assert errors[0].__cause__ is raised["exit"]
    assert (worker.health.handled, worker.health.failed) == (1, 2)


async def test_plain_handler_with_a_bound_of_one_has_one_thread(ends: Ends) -> None:
    """What belongs to a thread, such as a connection to a database, is there for the next item."""
    names = [["experimance-zmq-worker_1", True]] * 10

    def describe(item: Any) -> list[Any]:
        thread = threading.current_thread()
        return [thread.name, thread.daemon]

    async with ends.worker(describe):
        await ends.push(*range(10))
        assert await ends.pull(10) == names
    # The service is stopped, so its thread ends.
    for thread in threading.enumerate():
        if thread.name.startswith("experimance-zmq-worker"):
            thread.join(PATIENCE)
            assert not thread.is_alive()


STUCK = """
import asyncio, signal, threading
from experimance_zmq.services import WorkerService

def handler(item):
    print("begun", flush=True)
    threading.Event().wait()

async def main():
    async with WorkerService(handler, work_from={work!r}, stop_timeout=0):
        await asyncio.Event().wait()

# Of a program in the background the shell makes one that ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)
asyncio.run(main())
"""


async def test_program_ends_though_a_plain_handler_does_not(ends: Ends, run_code: Callable[[str], PeerProcess]) -> None:
    program = run_code(STUCK.format(work=ends.work.endpoint))
    await ends.push("endless")
    assert program.line() == "begun"
    # A signal that comes just before the loop sleeps waits until it wakes: that is so of every loop of asyncio's.
    program.interrupt_in_wait()
    assert program.wait(PATIENCE) == -signal.SIGINT


async def test_result_that_is_no_json_is_a_failure(ends: Ends) -> None:
    async def answer(item: Any) -> Any:
        return object() if item else "fine"

    async with ends.worker(answer) as worker:
        await ends.push(1, 0)
        assert await ends.pull(1) == ["fine"]
    assert isinstance(worker.health.last_error, TypeError)


async def test_message_that_is_no_work_is_reported_and_work_goes_on(tcp: str) -> None:
    heard: asyncio.Queue[Any] = asyncio.Queue()

    async def keep(item: Any) -> None:
        heard.put_nowait(item)

    async with (
        WorkerService(keep, work_from=f"@{tcp}", codec=BYTES) as worker,
        aio.Socket(SocketType.PUSH) as pusher,
    ):
        await pusher.connect(worker.puller.endpoint, timeout=PATIENCE)
        await pusher.send_parts([b"1", b"2", b"3"])
        await pusher.send_parts([b"\xff"])
        assert await asyncio.wait_for(heard.get(), PATIENCE) == b"\xff"
        assert worker.health.failed == 1


async def test_result_waits_for_whoever_pulls_it(ends: Ends, reserved_port: Any) -> None:
    async def same(item: Any) -> Any:
        return item

    async with WorkerService(
        same, work_from=ends.work.endpoint, results_to=reserved_port.endpoint, default_timeout=0.01
    ) as worker:
        await ends.push(1, 2)
        # Long enough for the socket's own time-out to pass.
        while worker.pusher.stats.timeouts < 2:
            await asyncio.sleep(0)
        assert worker.health.in_hand == 1
        async with aio.Puller() as late:
            await late.bind(reserved_port.endpoint)
            assert [await late.recv_json(timeout=PATIENCE) for _ in range(2)] == [1, 2]


async def test_stop_finishes_work_in_hand_and_its_results_arrive(ends: Ends) -> None:
    gate = Gate()
    worker = ends.worker(gate, concurrency=2)
    await worker.start()
    await ends.push(1, 2)
    await gate.began(2)
    stopping = asyncio.create_task(worker.stop(timeout=PATIENCE))
    await asyncio.sleep(0)
    gate.opened.set()
    assert await stopping == []
    assert sorted(await ends.pull(2)) == [1, 2]


async def test_stop_sends_the_results_that_are_queued(ends: Ends, tcp: str) -> None:
    large = "-" * 4_000_000

    async def enlarge(item: int) -> list[Any]:
        return [item, large]

    async with aio.Puller(receive_hwm=1, receive_buffer=4096) as slow:
        worker = WorkerService(enlarge, work_from=ends.work.endpoint, results_to=await slow.bind(tcp))
        await worker.start()
        await ends.push(*range(6))
        while worker.health.handled < 6:
            await asyncio.sleep(0)
        stopping = asyncio.create_task(worker.stop(timeout=PATIENCE))
        assert [await slow.recv_json(timeout=PATIENCE) for _ in range(6)] == [[number, large] for number in range(6)]
        assert await stopping == []


async def test_stop_hands_back_work_in_hand_and_work_that_has_arrived(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine it may take a while until nothing is on its way any more.
    monkeypatch.setattr(WorkerService, "_quiet", 0.5)
    monkeypatch.setattr(_handling, "GRACE", PATIENCE)
    gate = Gate()
    worker = ends.worker(gate)
    await worker.start()
    await ends.push(*range(10))
    await gate.began(1)
    with ends_within(2):
        assert await worker.stop(timeout=0) == list(range(10))
    assert gate.inside == 0


async def test_stop_does_not_wait_for_a_thread(ends: Ends) -> None:
    begun, may_end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def blocks(item: Any) -> None:
        loop.call_soon_threadsafe(begun.set)
        may_end.wait(PATIENCE)

    worker = ends.worker(blocks)
    await worker.start()
    await ends.push("long")
    await asyncio.wait_for(begun.wait(), PATIENCE)
    with ends_within(2):
        assert await worker.stop(timeout=0) == ["long"]
    may_end.set()


async def test_stop_is_bounded_when_nobody_pulls_results(ends: Ends, reserved_port: Any) -> None:
    done = asyncio.Event()

    async def same(item: Any) -> Any:
        done.set()
        return item

    worker = WorkerService(same, work_from=ends.work.endpoint, results_to=reserved_port.endpoint)
    await worker.start()
    await ends.push("nobody wants it")
    await asyncio.wait_for(done.wait(), PATIENCE)
    with ends_within(2):
        assert await worker.stop(timeout=0.05) == ["nobody wants it"]


def test_bound_of_nothing_is_refused() -> None:
    with pytest.raises(ZMQInvalidError, match="concurrency"):
        WorkerService(print, work_from="tcp://127.0.0.1:1", concurrency=0)
