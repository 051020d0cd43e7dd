# SPDX-License-Identifier: Apache-2.0
"""Work for named pools of workers, and its results."""

import asyncio
import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Unpack

from .. import SocketType, aio
from ..context import ContextHandle
from ..errors import (
    ZMQCanceledError,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQProtocolError,
    ZMQSocketError,
    ZMQStateError,
    ZMQTimeoutError,
)
from ..socket_options import SocketOptions
from ._routing import DONE, FAILED
from ._service import USUAL_STOP_TIMEOUT, Endpoints, OnError, Service, at_least_one, endless
from ._time_left import TimeLeft
from .codec import JSON, Codec
from .health import ServiceState


class WorkFailedError(Exception):
    """A worker could not do the work. The text is the worker's: the name of the error and what it says."""


@dataclass(frozen=True, slots=True, eq=False)
class _Submitted:
    pool: str
    work: Any
    answer: asyncio.Future[Any]


class ControllerService(Service[tuple[str, Any]]):
    """Hands work to named pools of `WorkerService`s, and gives each result to the caller who waits for it.

    The workers of a pool connect to its endpoint, and all workers to the one for results. They may start later, and go
    and come back: work waits until a worker of its pool is there, within its time-out. Work is handed out in turn, and
    never a second time: when a worker dies with it, `submit` ends with a `ZMQTimeoutError`. Where work may be done
    twice, `experimance_zmq.aio.retry` submits it again.

    A result that comes when nobody waits any more, or a second time, is counted in `health.unclaimed` and dropped.
    `stop` waits for results; the submits that are still waiting when its time is up raise `ZMQClosedError`, and it
    returns their pools and work.
    """

    def __init__(
        self,
        *,
        pools: Mapping[str, Endpoints],
        results_at: Endpoints,
        submit_timeout: float = 30.0,
        codec: Codec = JSON,
        on_error: OnError | None = None,
        stop_timeout: float = USUAL_STOP_TIMEOUT,
        context: ContextHandle | None = None,
        **options: Unpack[SocketOptions],
    ) -> None:
        """Makes a service. Opens nothing.

        Args:
            pools: by name, where the pool's pusher binds (`>` before an endpoint connects).
            results_at: where the puller of results binds (`>` before an endpoint connects).
            submit_timeout: seconds, for a `submit` without a time-out.
            codec: how work and results become bytes.
            on_error: told of each message that is no answer of a worker: the error, and None. What becomes of work is
                told by `submit`.
            stop_timeout: seconds, for `stop` without a time-out and at the end of a `with` statement.
            context: a context of its own; None is the process-wide one.
            options: of all sockets.

        Raises:
            ZMQInvalidError: a time or an option makes no sense; there is no pool, or no endpoint for one or for the
                results.
            TypeError: an argument, which it names, is of a wrong type, or there is no such option.
        """
        super().__init__(codec=codec, on_error=on_error, stop_timeout=stop_timeout, context=context, options=options)
        TimeLeft(submit_timeout, "submit_timeout")
        self._submit_timeout = submit_timeout
        if not isinstance(pools, Mapping):
            raise TypeError(f"pools must be a mapping of names to endpoints, not {type(pools).__name__}")
        if not pools:
            raise ZMQInvalidError("pools is empty, so there is nobody to do work")
        self._pools = {name: at_least_one(endpoints, f"pools[{name!r}]") for name, endpoints in pools.items()}
        self._results_at = at_least_one(results_at, "results_at")
        self._pushing = {name: asyncio.Lock() for name in self._pools}
        self._submitted: dict[bytes, _Submitted] = {}
        # Results for another controller that was at this endpoint before are not taken for ours.
        own = os.urandom(8)
        self._numbers = (own + number.to_bytes(8) for number in count())

    @property
    def puller(self) -> aio.Socket:
        """The socket that receives results, while the service runs: for its endpoint, `wait_peers`, events. Receiving
        is the service's.

        Raises:
            ZMQStateError: the service does not run.
        """
        return self._socket("results", aio.Socket)

    def pusher(self, pool: str) -> aio.Socket:
        """The socket that hands out a pool's work, while the service runs: for its endpoint, `wait_peers`, events.

        Raises:
            ZMQInvalidError: there is no such pool.
            ZMQStateError: the service does not run.
        """
        if pool not in self._pools:
            raise ZMQInvalidError(f"there is no pool {pool!r}; there are {sorted(self._pools)}")
        return self._socket(f"pool {pool}", aio.Socket)

    async def submit(self, pool: str, work: Any, *, timeout: float | None = None) -> Any:
        """Hands work to a worker of a pool, and waits for its result.

        Args:
            pool: its name.
            work: what the codec takes; raises what that raises.
            timeout: seconds; None is the service's `submit_timeout`.

        Returns:
            What the worker's handler returned.

        Raises:
            ZMQTimeoutError: no worker was there, it was not done in time, or its worker died.
            WorkFailedError: the worker's handler raised, or the worker stopped before it was done.
            ZMQInvalidError: there is no such pool.
            ZMQStateError: the service does not run.
            ZMQClosedError: the service stopped meanwhile.
        """
        left = TimeLeft(self._submit_timeout if timeout is None else timeout)
        if self._state is not ServiceState.RUNNING:
            raise ZMQStateError(f"a controller that is {self._state} takes no work")
        pusher = self.pusher(pool)
        payload = self._codec.dumps(work)
        with self._waiting(pool, work) as (number, answer):
            trouble = "found no worker"
            try:
                if await self._push(pool, pusher, [number, payload], left):
                    trouble = "got no result"
                    await asyncio.wait((answer,), timeout=left())
            except ZMQClosedError:
                # By a stop, for example, which has told why before it closed.
                if not answer.done():
                    raise
            if answer.done():
                return answer.result()
            endpoint = ""
            with contextlib.suppress(ZMQSocketError):
                endpoint = pusher.endpoint
            error = ZMQTimeoutError(
                f"work for the pool {pool!r} {trouble} in {left.elapsed:.3f} s",
                elapsed=left.elapsed,
                endpoint=endpoint,
            )
            self._note(error)
            raise error

    # How it works

    @contextlib.contextmanager
    def _waiting(self, pool: str, work: Any) -> Iterator[tuple[bytes, asyncio.Future[Any]]]:
        """A number for work, and what will be its answer. Forgotten at the end, whatever becomes of it."""
        number = next(self._numbers)
        answer = asyncio.get_running_loop().create_future()
        self._submitted[number] = _Submitted(pool, work, answer)
        try:
            yield number, answer
        finally:
            del self._submitted[number]
            if not answer.cancel():
                # Seen, even if the caller has another error to raise.
                answer.exception()

    async def _push(self, pool: str, pusher: aio.Socket, parts: list[bytes], left: TimeLeft) -> bool:
        """Whether a worker took it in time."""
        try:
            # One after the other: a send that waits has a thread.
            async with asyncio.timeout(left()):
                await self._pushing[pool].acquire()
        except TimeoutError:
            return False
        try:
            await pusher.send_parts(parts, timeout=left())
        except ZMQTimeoutError:
            return False
        finally:
            self._pushing[pool].release()
        return True

    async def _open(self, timeout: float | None) -> None:
        puller = aio.Socket(SocketType.PULL, context=self._context, **self._options)
        await self._link("results", puller, self._results_at, timeout, binds=True)
        for pool, endpoints in self._pools.items():
            pusher = aio.Socket(SocketType.PUSH, context=self._context, **self._options)
            await self._link(f"pool {pool}", pusher, endpoints, timeout, binds=True)

    async def _receive(self) -> None:
        puller = self.puller
        try:
            while True:
                try:
                    self._route(await puller.recv_parts(timeout=endless(puller)))
                except (ZMQTimeoutError, ZMQCanceledError):
                    continue
                except ZMQProtocolError as error:
                    await self._report(error, None)
        except ZMQSocketError as error:
            self._give_up(f"results can not be received any more: {error}")
            raise

    def _route(self, parts: list[bytes]) -> None:
        """Gives an answer to whom it belongs."""
        if len(parts) != 3 or parts[1] not in (DONE, FAILED):
            raise ZMQProtocolError(f"a message of {len(parts)} frames came that is no answer of a worker")
        number, kind, payload = parts
        submitted = self._submitted.get(number)
        if submitted is None or submitted.answer.done():
            self._unclaimed += 1
            return
        try:
            if kind == FAILED:
                raise WorkFailedError(payload.decode("utf-8", "replace"))
            submitted.answer.set_result(self._codec.loads(payload))
            self._handled += 1
        except Exception as error:
            self._note(error)
            submitted.answer.set_exception(error)

    def _give_up(self, reason: str) -> list[tuple[str, Any]]:
        """Ends every submit that waits for an answer; their pools and work."""
        waiting = [submitted for submitted in self._submitted.values() if not submitted.answer.done()]
        for submitted in waiting:
            submitted.answer.set_exception(ZMQClosedError(reason))
        return [(submitted.pool, submitted.work) for submitted in waiting]

    async def _finish(self) -> list[tuple[str, Any]]:
        if waiting := [submitted.answer for submitted in self._submitted.values()]:
            await self._wait(waiting)
        return self._give_up("the controller stopped before the work was done")

    def _count_in_hand(self) -> int:
        return len(self._submitted)
