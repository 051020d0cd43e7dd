# SPDX-License-Identifier: Apache-2.0
"""captions.py WORK RESULTS

Pulls names of images from the endpoint WORK, which somebody else binds, and pushes a caption for each to whoever pulls
at the endpoint RESULTS, which it binds. A service of systemd's of Type=notify: it is started once it is connected.
"""

import asyncio
import logging
import signal
import sys

from experimance_zmq import EventKind
from experimance_zmq.aio import BaseSocket
from experimance_zmq.services import ServiceState, WorkerService
from sd_notify import notify, watchdog_interval


async def caption(image: str) -> dict[str, str]:
    """Takes the place of what really takes time."""
    return {"image": image, "caption": image.removesuffix(".jpeg").replace("-", " ")}


async def say_when_connected(puller: BaseSocket, work: str) -> None:
    """Tells systemd when there is a peer, when it is lost and when it is back."""
    notify(f"STATUS=waiting for {work}")
    async for event in puller.events:
        if event.kind is EventKind.HANDSHAKEN:
            notify("READY=1", f"STATUS=connected to {work}")
        elif event.kind is EventKind.LOST:
            notify(f"STATUS=lost {work}, and connecting again")


async def say_that_it_lives(service: WorkerService) -> None:
    """As long as the event loop goes round and the service receives, which is what a watchdog is for."""
    interval = watchdog_interval()
    while interval is not None and service.health.state is ServiceState.RUNNING:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)


async def main(work: str, results: str) -> None:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    # Who connects to an ipc endpoint has to write to its file: everybody may, whatever the umask is.
    service = WorkerService(caption, work_from=work, results_to=f"@{results}", stop_timeout=5, ipc_mode=0o666)
    async with service:
        reporters = [
            asyncio.create_task(say_when_connected(service.puller, work)),
            asyncio.create_task(say_that_it_lives(service)),
        ]
        await told_to_stop.wait()
        notify("STOPPING=1", "STATUS=finishing what is in hand")
        for reporter in reporters:
            reporter.cancel()
        for unfinished in await service.stop():
            logging.warning("not done: %r", unfinished)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: captions.py WORK RESULTS")
    # What goes wrong with a message is logged, and systemd has standard error in its journal.
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    asyncio.run(main(sys.argv[1], sys.argv[2]))
