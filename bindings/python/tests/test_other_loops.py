# SPDX-License-Identifier: Apache-2.0
"""Loops that the package does not know: what `docs/python.md` says of gevent and trio, and of sub-interpreters."""

import importlib.util
import inspect
from typing import Any

import trio
import trio.testing

from event_reader import PATIENCE
from experimance_zmq import Puller, Pusher
from header import HEADER
from peer_process import PeerProcess

PAGE = (HEADER.parents[1] / "docs" / "python.md").read_text(encoding="utf-8")


async def receive_with_trio(puller: Puller) -> bytes:
    while True:
        try:
            return puller.recv(timeout=0)
        except TimeoutError:
            await trio.lowlevel.wait_readable(puller.fileno())


def test_trio_waits_for_the_descriptor(tcp: str) -> None:
    received: list[bytes] = []

    async def receive(puller: Puller) -> None:
        for _ in range(100):
            received.append(await receive_with_trio(puller))

    async def main() -> None:
        with Puller() as puller, Pusher() as pusher, trio.fail_after(PATIENCE):
            endpoint = puller.bind(tcp)
            await trio.to_thread.run_sync(lambda: pusher.connect(endpoint, timeout=PATIENCE))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(receive, puller)
                await trio.testing.wait_all_tasks_blocked()
                for number in range(100):
                    pusher.send(b"%d" % number, timeout=PATIENCE)
                    if number % 10 == 0:
                        await trio.lowlevel.checkpoint()
            # A cancelled wait loses nothing.
            with trio.move_on_after(0.01):
                await receive_with_trio(puller)
            pusher.send(b"after it", timeout=PATIENCE)
            assert await receive_with_trio(puller) == b"after it"

    trio.run(main)
    assert received == [b"%d" % number for number in range(100)]


def test_a_thread_waits_for_trio(tcp: str) -> None:
    async def main() -> None:
        with Puller() as puller, Pusher() as pusher, trio.fail_after(PATIENCE):
            endpoint = pusher.bind(tcp)
            async with trio.open_nursery() as nursery:
                nursery.start_soon(trio.to_thread.run_sync, lambda: pusher.send(b"sent", timeout=PATIENCE))
                # Nobody is there yet.
                await trio.testing.wait_all_tasks_blocked()
                puller.connect(endpoint, timeout=PATIENCE, background=True)
                assert await receive_with_trio(puller) == b"sent"

    trio.run(main)


GEVENT = """
import gevent
from gevent.socket import wait_read
from experimance_zmq import Puller, Pusher

def receive(puller):
    while True:
        try:
            return puller.recv(timeout=0)
        except TimeoutError:
            wait_read(puller.fileno())

with Puller() as puller, Pusher() as pusher:
    endpoint = puller.bind("tcp://127.0.0.1:*")
    gevent.get_hub().threadpool.apply(lambda: pusher.connect(endpoint, timeout=30))
    turns = 0

    def others():
        global turns
        while turns >= 0:
            turns += 1
            gevent.sleep(0)

    counting = gevent.spawn(others)
    receiving = gevent.spawn(lambda: [receive(puller) for _ in range(3)])
    while turns < 100:
        gevent.sleep(0)
    for number in range(3):
        pusher.send(b"%d" % number, timeout=30)
    print(receiving.get(timeout=30), flush=True)
    turns = -1
    counting.join(timeout=30)
"""


def test_gevent_waits_for_the_descriptor(run_code: Any) -> None:
    program: PeerProcess = run_code(GEVENT)
    assert program.line() == "[b'0', b'1', b'2']"
    assert program.wait() == 0


def test_the_page_says_the_same() -> None:
    assert inspect.getsource(receive_with_trio) in PAGE
    shown = PAGE.replace("  # of gevent.socket", "")
    assert GEVENT[GEVENT.index("def receive(") : GEVENT.index("with Puller")].strip() in shown


SUBINTERPRETER = """
import {module} as interpreters

number = interpreters.create()
code = '''
try:
    import experimance_zmq
except ImportError as error:
    print(error, flush=True)
'''
for _ in range(2):
    interpreters.run_string(number, code)
interpreters.destroy(number)
from experimance_zmq import Puller, Pusher

with Puller() as puller, Pusher() as pusher:
    pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=30)
    pusher.send(bytes(100_000), timeout=30)
    print(len(puller.recv(timeout=30, copy=False)), flush=True)
"""


def test_a_sub_interpreter_is_refused_and_the_main_one_works(run_code: Any) -> None:
    module = "_interpreters" if importlib.util.find_spec("_interpreters") else "_xxsubinterpreters"
    program: PeerProcess = run_code(SUBINTERPRETER.format(module=module))
    for _ in range(2):
        assert "main interpreter" in (line := program.line()) or "subinterpreters" in line
    assert program.line() == "100000"
    assert program.wait() == 0
