# SPDX-License-Identifier: Apache-2.0
"""Services for asyncio: what programs around ZeroMQ are usually made of, so that nobody writes it twice.

    async def render(work):
        return {"image": await draw(work["prompt"])}

    async with WorkerService(render, work_from="tcp://main:5564", results_to="tcp://main:5565", concurrency=2):
        await end_of_the_program()

* `PubSubService` talks in topics: it knows the endpoints of a publisher and a subscriber, and which handler belongs to
  which topic. For every program that tells others what happens, and is told.
* `WorkerService` does work: it knows a handler, where work comes from and where results go. For the program that does
  what takes long. Knows nothing of who else works.
* `ControllerService` has work done: it knows named pools of workers and who waits for which result. For the program in
  the middle. Knows nothing of the workers but what they answer.

Each is made with keyword arguments, opens its sockets in `start`, and closes them in `stop`, which lets work in hand be
finished within its time-out and hands back what is not; `async with` does both. `health` says how it is doing. Services
may start in any order: what connects does so in the background, and again when a link is lost.

Endpoints are given as one string or several; each role binds or connects by nature, and `@` before an endpoint makes
it bind, `>` connect. Values become JSON, or what another `Codec` makes of them; `BYTES` leaves bytes as they are. What
goes wrong with a single message is logged to `experimance_zmq.services`, counted, told to `on_error`, which may be a
coroutine function, and ends nothing.

Services are made of the public sockets only, which are theirs to receive with, and everyone's to look at.
"""

from ._outcome import HandlerCanceledError, HandlerExitError
from .codec import BYTES, JSON, Codec
from .controller import ControllerService, WorkFailedError
from .health import Health, ServiceState
from .pub_sub import PubSubService
from .worker import WorkerService

__all__ = [
    "BYTES",
    "JSON",
    "Codec",
    "ControllerService",
    "HandlerCanceledError",
    "HandlerExitError",
    "Health",
    "PubSubService",
    "ServiceState",
    "WorkFailedError",
    "WorkerService",
]
