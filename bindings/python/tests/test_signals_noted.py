# SPDX-License-Identifier: Apache-2.0
"""A signal that comes between the last look at signals and the sleep."""

from collections.abc import Callable

import pytest

from limits import ends_within
from peer_process import PeerProcess
from reserved_port import ReservedPort
from signal_waits import WAITS

NOTED = """
import _thread, os, threading
from experimance_zmq import *
from experimance_zmq.testing import *

def refuse():
    raise ZMQRefusedError

# Does what the system's part of a handler does. No sleep ends of it, as none does that has not begun.
def note():
    os.read(0, 1)
    _thread.interrupt_main()

threading.Thread(target=note, daemon=True).start()
print("waiting", flush=True)
try:
    {wait}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("wait", [*WAITS, "poll"])
def test_ctrl_c_just_before_the_sleep_ends_a_wait(
    wait: str,
    run_code: Callable[[str], PeerProcess],
    misbehaving_peer: Callable[[str], str],
    reserved_port: ReservedPort,
) -> None:
    line = {**WAITS, "poll": "poll({{Puller(): Poll.IN}}, timeout=30)"}[wait]
    silent = misbehaving_peer("silent") if "silent" in line else ""
    program = run_code(NOTED.format(wait=line.format(silent=silent, refusing=reserved_port.endpoint)))
    assert program.line() == "waiting"
    program.await_wait()
    program.tell("note it")
    with ends_within(2):
        assert program.line() == "interrupted"
    with ends_within(1):
        assert program.wait() == 0
