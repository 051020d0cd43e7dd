# SPDX-License-Identifier: Apache-2.0
"""processes.py METHOD

Starts a child by that method of `multiprocessing` while a task of the parent waits on a socket. The child tries the
parent's socket, if it has it, drops it, and sends from one of its own, which also ends the parent's wait. Writes what
the child found, and the child's exit code.
"""

import asyncio
import gc
import multiprocessing
import sys

from experimance_zmq import ZMQForkedError, aio

inherited: aio.Puller | None = None


async def try_inherited(socket: aio.Puller) -> str:
    calls = (socket.recv(), socket.close(), socket.connect("tcp://127.0.0.1:1"))
    errors = [await asyncio.gather(call, return_exceptions=True) for call in calls]
    return "forked" if all(isinstance(error, ZMQForkedError) for [error] in errors) else repr(errors)


async def child(endpoint: str) -> None:
    global inherited
    text = await try_inherited(inherited) if inherited else "alone"
    inherited = None
    gc.collect()
    async with aio.Pusher() as pusher:
        await pusher.connect(endpoint, timeout=30)
        await pusher.send(text.encode(), timeout=30)


def start_child(endpoint: str) -> None:
    asyncio.run(child(endpoint))


async def main(method: str) -> None:
    global inherited
    context = multiprocessing.get_context(method)
    async with aio.Puller() as puller:
        inherited = puller
        endpoint = await puller.bind("tcp://127.0.0.1:*")
        receiving = asyncio.create_task(puller.recv(timeout=30))
        await asyncio.sleep(0)
        process = context.Process(target=start_child, args=(endpoint,))  # type: ignore[attr-defined]
        process.start()
        print((await receiving).decode(), flush=True)
        await asyncio.to_thread(process.join)
        print(process.exitcode, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
