# SPDX-License-Identifier: Apache-2.0
"""losses COUNT: how many messages are lost where a receive is given up when one comes. Prints their number.

A peer sends numbers about as often as `wait_for` gives up.
"""

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import zmq

from .works import ANY, asyncio_of_zmq

WAIT_S = 0.001


async def lost(count: int) -> int:
    with asyncio_of_zmq().Context() as context, context.socket(zmq.PULL) as socket:
        socket.linger = 0
        socket.bind(ANY)
        port = socket.getsockopt_string(zmq.LAST_ENDPOINT).rpartition(":")[2]
        program = Path(__file__).resolve().parents[1] / "bench_python" / "peer.py"
        # The peer ends with a word that is said until it is heard.
        with subprocess.Popen([sys.executable, "-I", "-S", str(program), "count", port, str(count)]) as peer:
            received = await _received(socket)
            peer.kill()
    return count - len(received)


async def _received(socket: Any) -> set[str]:
    received: set[str] = set()
    while True:
        try:
            text = await asyncio.wait_for(socket.recv_string(), WAIT_S)
        except TimeoutError:
            continue
        if text == "end":
            return received
        received.add(text)


if __name__ == "__main__":
    print(asyncio.run(lost(int(sys.argv[1]))))
