# SPDX-License-Identifier: Apache-2.0
"""The sockets for asyncio and the process: Ctrl-C, fork, spawn, the end of the interpreter."""

from collections.abc import Callable

import pytest

from both_loops import LOOPS
from limits import ends_within
from peer_process import PeerProcess
from reserved_port import ReservedPort

RunCode = Callable[[str], PeerProcess]

WAITS = {
    "recv": "aio.Puller().recv(timeout=30)",
    "recv of a subscriber": "aio.Subscriber().recv(timeout=30)",
    "recv_parts": "aio.Socket(SocketType.PAIR).recv_parts(timeout=30)",
    "anext": "anext(aio.Puller())",
    "send": "aio.Pusher().send(b'', timeout=30)",
    "connect": "aio.Puller().connect({silent!r}, timeout=30)",
    "connect that is refused": "aio.Puller(retry=RetryPolicy(initial_backoff=30)).connect({refusing!r}, timeout=30)",
    "wait_peers": "aio.Puller().wait_peers(timeout=30)",
    "wait_subscribers": "aio.Publisher().wait_subscribers('', timeout=30)",
    "next_event": "aio.Puller().next_event(timeout=30)",
    "request": "aio.Requester().request(b'', timeout=30)",
    "retry": "aio.retry(refuse, policy=RetryPolicy(initial_backoff=30), timeout=30)",
}
PROGRAM = """
import asyncio, signal, sys, uvloop
from experimance_zmq import *
from experimance_zmq import aio

# Of a program in the background the shell makes one that ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

async def refuse():
    raise ZMQRefusedError

async def main():
    print("waiting", flush=True)
    await {wait}

try:
    with asyncio.Runner(loop_factory={factory}) as runner:
        runner.run(main())
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
FACTORIES = {"asyncio": "asyncio.new_event_loop", "uvloop": "uvloop.new_event_loop"}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("wait", WAITS)
def test_ctrl_c_ends_a_wait(
    wait: str,
    loop: str,
    run_code: RunCode,
    misbehaving_peer: Callable[[str], str],
    reserved_port: ReservedPort,
) -> None:
    silent = misbehaving_peer("silent") if "silent" in WAITS[wait] else ""
    call = WAITS[wait].format(silent=silent, refusing=reserved_port.endpoint)
    program = run_code(PROGRAM.format(wait=call, factory=FACTORIES[loop]))
    assert program.line() == "waiting"
    program.interrupt_in_wait()
    with ends_within(1):
        assert program.line() == "interrupted"
    with ends_within(1):
        assert program.wait() == 0


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_child_process(method: str, start_peer: Callable[..., PeerProcess]) -> None:
    program = start_peer("processes", method)
    assert program.line() == ("forked" if method == "fork" else "alone")
    assert program.line() == "0"
    assert program.wait() == 0


OPEN_AT_EXIT = {
    "idle": "",
    "a task waits for a message": """
    task = asyncio.create_task(puller.recv(timeout=30))
    while not (puller._readiness and puller._readiness._waiters):
        await asyncio.sleep(0)
""",
    "a task waits in a thread": """
    task = asyncio.create_task(puller.wait_peers(timeout=30))
    while not any(thread.name == "experimance-zmq-wait" for thread in threading.enumerate()):
        await asyncio.sleep(0)
""",
    "the wait has ended": "await asyncio.wait([asyncio.create_task(puller.recv(timeout=0.01))])",
    "connecting": "await puller.connect({refusing!r}, background=True)",
    "in a cycle": "puller.myself = puller",
    "sys.exit": "asyncio.create_task(puller.recv(timeout=30)); await asyncio.sleep(0); sys.exit(0)",
    "another thread waits": """
    threading.Thread(target=lambda: asyncio.run(puller.recv(timeout=30)), daemon=True).start()
""",
    "the loop is left behind": """
    loop = asyncio.new_event_loop()
    other = aio.Puller()
    task = loop.create_task(other.recv(timeout=30))
    threading.Thread(target=loop.run_forever, daemon=True).start()
""",
}


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("case", OPEN_AT_EXIT)
def test_interpreter_ends_with_open_sockets(
    case: str, loop: str, run_code: RunCode, reserved_port: ReservedPort
) -> None:
    program = run_code(f"""
import asyncio, sys, threading, uvloop
from experimance_zmq import aio

print("started", flush=True)

async def main():
    global puller
    puller = aio.Puller()
    await puller.bind("tcp://127.0.0.1:*")
    {OPEN_AT_EXIT[case].format(refusing=reserved_port.endpoint)}

with asyncio.Runner(loop_factory={FACTORIES[loop]}) as runner:
    runner.run(main())
""")
    assert program.line() == "started"
    with ends_within(2):
        assert program.wait() == 0
