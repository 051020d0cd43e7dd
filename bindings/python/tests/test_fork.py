# SPDX-License-Identifier: Apache-2.0
"""What the child of a fork may do with the sockets of its parent: nothing, and at once."""

from collections.abc import Callable

import pytest

from peer_process import PeerProcess

RunCode = Callable[[str], PeerProcess]


def test_child_of_a_fork_can_not_use_its_parent_s_sockets(run_code: RunCode) -> None:
    program = run_code("""
import os
from experimance_zmq import *

puller = Puller()
endpoint = puller.bind("tcp://127.0.0.1:*")
child = os.fork()
if child == 0:
    for use in (puller.recv, puller.close, lambda: puller.state):
        try:
            use()
        except ZMQForkedError as error:
            print(type(error).__name__, flush=True)
    with Pusher() as pusher:
        pusher.connect(endpoint, timeout=30)
        pusher.send(b"from the child", timeout=30)
else:
    print(puller.recv(timeout=30).decode(), flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
""")
    lines = [program.line() for _ in range(5)]
    assert lines.count("ZMQForkedError") == 3
    assert "from the child" in lines
    assert "0" in lines
    assert program.wait() == 0


RECEIVED_AHEAD = {
    "recv": "puller.recv()",
    "recv with a time-out": "puller.recv(timeout=0)",
    "recv_many": "puller.recv_many()",
    "recv_parts": "puller.recv_parts()",
    "iterating": "next(iter(puller))",
    "recv in asyncio": "asyncio.run(face.recv())",
    "iterating in asyncio": "asyncio.run(anext(aiter(face)))",
}


@pytest.mark.parametrize("receive", RECEIVED_AHEAD.values(), ids=RECEIVED_AHEAD)
def test_child_of_a_fork_receives_nothing_that_its_parent_has_ahead(receive: str, run_code: RunCode) -> None:
    program = run_code(f"""
import asyncio, os
from experimance_zmq import *
from experimance_zmq import aio

with Pusher() as pusher, Puller() as puller:
    face = aio.Puller._sharing(puller)
    pusher.bind("inproc://ahead")
    puller.connect("inproc://ahead", timeout=30)
    pusher.send_many([b"1", b"2", b"3"])
    puller.recv()
    child = os.fork()
    if child == 0:
        try:
            print({receive}, flush=True)
        except ZMQForkedError as error:
            print(type(error).__name__, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    print(puller.recv_many(), flush=True)
    face._release()
""")
    assert program.line() == "ZMQForkedError"
    assert program.line() == "[b'2', b'3']"
    assert program.wait() == 0


def test_child_of_a_fork_does_not_wait_for_a_thread_of_its_parent(run_code: RunCode) -> None:
    """One that was taking a batch as the parent forked."""
    program = run_code("""
import os, threading
from experimance_zmq import *

with Puller() as puller:
    puller.bind("tcp://127.0.0.1:*")
    is_taking, may_go_on = threading.Event(), threading.Event()
    take = puller._core.receive_ahead

    def take_slowly(*arguments):
        is_taking.set()
        may_go_on.wait()
        return take(*arguments)

    puller._core.receive_ahead = take_slowly
    thread = threading.Thread(target=lambda: print(type(puller.recv()), flush=True))
    thread.start()
    is_taking.wait()
    puller._core.receive_ahead = take
    child = os.fork()
    if child == 0:
        try:
            puller.recv(timeout=0)
        except ZMQForkedError as error:
            print(type(error).__name__, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    may_go_on.set()
    with Pusher() as pusher:
        pusher.connect(puller.endpoint, timeout=30)
        pusher.send(b"", timeout=30)
    thread.join()
""")
    assert program.line() == "ZMQForkedError"
    assert program.line() == "<class 'bytes'>"
    assert program.wait() == 0


LEFT_BY_A_CHILD = {
    "a socket": "with Puller():",
    "a context": "with Context():",
    "a schedule": "with Backoff():",
    "an instance of an old class": "with ZmqPushSocket('tcp://127.0.0.1:*'):",
    "a socket for asyncio": "async with aio.Puller():",
    "a context for asyncio": "async with aio.Context():",
}


@pytest.mark.parametrize("statement", LEFT_BY_A_CHILD.values(), ids=LEFT_BY_A_CHILD)
def test_child_of_a_fork_leaves_a_with_statement_with_its_own_error(statement: str, run_code: RunCode) -> None:
    program = run_code(f"""
import asyncio, os
from experimance_zmq import *
from experimance_zmq import aio
from experimance_zmq.zmq_utils import ZmqPushSocket

async def main():
    try:
        {statement}
            child = os.fork()
            if child == 0:
                raise LookupError("of the body")
            print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    except Exception as error:
        print(repr(error), error.__context__, flush=True)
        os._exit(5)

asyncio.run(main())
""")
    assert program.line() == "LookupError('of the body') None"
    assert program.line() == "5"
    assert program.wait() == 0
