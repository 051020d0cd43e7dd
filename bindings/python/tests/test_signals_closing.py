# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C ends the wait of a close."""

from collections.abc import Callable

import pytest

from limits import ends_within
from peer_process import PeerProcess

CLOSES = {"a socket": "pusher.close(linger=30)", "a context": "context.close(linger=30)"}
CLOSING_PROGRAM = """
import os, signal, threading
from experimance_zmq import *

signal.signal(signal.SIGINT, signal.default_int_handler)
puller = Puller(receive_hwm=1, receive_buffer=4096)
context = Context()
pusher = Pusher(context=context, send_buffer=4096)
pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=30)

def tell_of_the_close():
    try:
        while True:
            pusher.send(bytes(65536), timeout=30)
    except ZMQClosedError:
        print("closing", flush=True)

def fill():
    try:
        while True:
            pusher.send(bytes(65536), timeout=0)
    except ZMQTimeoutError:
        pass

fill()
threading.Thread(target=tell_of_the_close).start()
try:
    {close}
except KeyboardInterrupt:
    print("interrupted", flush=True)
# The end of the interpreter would wait for what is left of the linger.
os._exit(0)
"""


@pytest.mark.parametrize("close", CLOSES.values(), ids=CLOSES)
def test_ctrl_c_ends_a_close(close: str, run_code: Callable[[str], PeerProcess]) -> None:
    program = run_code(CLOSING_PROGRAM.format(close=close))
    assert program.line() == "closing"
    program.interrupt()
    with ends_within(1):
        assert program.line() == "interrupted"
        assert program.wait() == 0
