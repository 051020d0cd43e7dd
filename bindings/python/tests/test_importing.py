# SPDX-License-Identifier: Apache-2.0
"""What importing the package leaves alone, and what comes all the same once it is asked for."""

import subprocess
import sys


def output_of(program: str) -> str:
    """What a program prints, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    ).stdout.strip()


def test_importing_imports_no_logging_and_tells_the_library_nothing() -> None:
    program = """
import sys
assert "logging" not in sys.modules
import experimance_zmq
print("logging" in sys.modules, experimance_zmq._log._level)
"""
    assert output_of(program) == "False None"


def test_sockets_need_no_logging() -> None:
    program = """
import sys
from experimance_zmq import Jitter, Puller, Pusher, RetryPolicy, ZMQRefusedError
policy = RetryPolicy(max_attempts=2, initial_backoff=0.001, jitter=Jitter.NONE)
with Puller() as puller, Pusher(retry=policy, linger=0) as pusher:
    pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=10)
    pusher.send(b"1", timeout=10)
    # Lost, which is a warning.
    puller.close()
    while pusher.state.name == "READY":
        pusher.next_event(timeout=10)
print("logging" in sys.modules)
"""
    assert output_of(program) == "False"


def test_lines_come_to_a_logging_that_is_imported_after_a_socket_was_opened() -> None:
    program = """
import sys
from experimance_zmq import Puller
with Puller() as puller:
    puller.bind("tcp://127.0.0.1:*")
import logging
logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(name)s %(levelname)s %(message)s")
with Puller() as puller:
    puller.bind("tcp://127.0.0.1:*")
"""
    lines = output_of(program).splitlines()
    assert lines
    assert all(line.startswith("experimance_zmq INFO ") for line in lines)
    assert any("listening" in line for line in lines)
