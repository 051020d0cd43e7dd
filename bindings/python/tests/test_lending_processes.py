# SPDX-License-Identifier: Apache-2.0
"""What is lent, or looked at, when a process ends or forks."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from peer_process import PeerProcess

RunCode = Callable[[str], PeerProcess]

BEGINNING = """
import gc, os, sys, threading
from experimance_zmq import *
from experimance_zmq import _lending

puller, pusher = Puller(), Pusher(linger=0)
pusher.connect(puller.bind("inproc://ends"), timeout=30)
data = bytearray(100_000)
"""

ENDS = {
    "queued": "for _ in range(100): pusher.send(data, timeout=30, copy=False)",
    "queued bytes": "for _ in range(100): pusher.send(bytes(100_000), timeout=30)",
    "looked at": """
pusher.send(data, timeout=30, copy=False)
view = memoryview(puller.recv(timeout=30, copy=False))
sys.view = view
""",
    "kept in a circle": """
pusher.send(data, timeout=30, copy=False)
class Circle: pass
circle = Circle()
circle.me, circle.message = circle, puller.recv(timeout=30, copy=False)
""",
    "on its way over tcp": """
far, near = Puller(receive_hwm=1), Pusher(linger=0)
near.connect(far.bind("tcp://127.0.0.1:*"), timeout=30)
for _ in range(100): near.send(bytes(1 << 20), timeout=30)
""",
    # What the library closes when there is no interpreter any more.
    "given back after its end": """
import atexit, ctypes
from experimance_zmq import _abi, _open_sockets

for _ in range(100): pusher.send(bytes(100_000), timeout=30)
atexit.unregister(_open_sockets._close_all)
shutdown = ctypes.cast(_abi.exz_shutdown, ctypes.c_void_p)
assert ctypes.CDLL(None).__cxa_atexit(shutdown, ctypes.c_void_p(30_000), None) == 0
""",
    "sent by a daemon thread": """
def send():
    while True:
        try:
            pusher.send(data, timeout=30, copy=False)
            puller.recv(timeout=0, copy=False)
        except ZMQSocketError:
            pass

for _ in range(3): threading.Thread(target=send, daemon=True).start()
while not pusher.stats.messages_sent > 100: pass
""",
}


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS)
def test_interpreter_ends_with_memory_that_is_in_use(code: str) -> None:
    program = [sys.executable, "-X", "dev", "-W", "error", "-W", "ignore::ResourceWarning", "-c", BEGINNING + code]
    ended = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_child_never_gives_back_what_its_parent_has_lent(run_code: RunCode) -> None:
    program = run_code(
        BEGINNING
        + """
def references():
    return sys.getrefcount(data) - before

before = sys.getrefcount(data)
for _ in range(3): pusher.send(data, timeout=30, copy=False)
message = puller.recv(timeout=30, copy=False)
view = memoryview(message)
lent = references()
child = os.fork()
if child == 0:
    print(_lending.lent_now(), flush=True)
    del message, view
    gc.collect()
    with Puller() as own, Pusher() as other:
        other.connect(own.bind("inproc://ends"), timeout=30)
        other.send(bytes(100_000), timeout=30)
        assert _lending.lent_now() == 1
        own.recv(timeout=30)
        while _lending.lent_now(): pass
    print(references() == lent, flush=True)
    sys.exit()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), _lending.lent_now(), bytes(view) == bytes(data), flush=True)
del message, view
for _ in range(2): puller.recv(timeout=30)
while references(): os.stat('/')
print("back", flush=True)
"""
    )
    assert [program.line() for _ in range(4)] == ["0", "True", "0 3 True", "back"]
    assert program.wait() == 0


def test_a_child_reads_what_its_parent_has_received(run_code: RunCode) -> None:
    program = run_code(
        BEGINNING
        + """
far, near = Puller(), Pusher()
near.connect(far.bind("tcp://127.0.0.1:*"), timeout=30)
near.send_parts([b"head", b"x" * 100_000], timeout=30)
message = far.recv_parts(timeout=30, copy=False)
child = os.fork()
if child == 0:
    with Puller() as own, Pusher() as other:
        other.connect(own.bind("inproc://sent-on"), timeout=30)
        other.send(message, timeout=30)
        print(own.recv_parts(timeout=30) == [b"head", b"x" * 100_000], flush=True)
    sys.exit()
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), bytes(message.parts[1]) == b"x" * 100_000, flush=True)
"""
    )
    assert [program.line() for _ in range(2)] == ["True", "0 True"]
    assert program.wait() == 0
