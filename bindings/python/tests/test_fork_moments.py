# SPDX-License-Identifier: Apache-2.0
"""A program may fork at every moment, whatever the library's threads and its own are doing: the child goes on.

The environment variable EXZ_FORKS says how often; thousands are for who looks for something rare.
"""

import os
import subprocess
import sys

import pytest

FORKS = int(os.environ.get("EXZ_FORKS", "150"))

# A link that is lost is a warning on the library's thread, the first thing that it has to do in Python.
PROGRAM = """
import os, signal, sys, threading
from experimance_zmq import Puller, Pusher

is_over = False

def be_busy():
    while not is_over:
        with Puller() as puller, Pusher() as pusher:
            pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=20)
            pusher.send(b"x", timeout=20)
            puller.recv(timeout=20)

sys.setswitchinterval(1e-6)  # makes it likely to meet a thread in the middle of something
thread = threading.Thread(target=be_busy)
thread.start()
failures = 0
for _ in range(int(sys.argv[1])):
    if (child := os.fork()) == 0:
        signal.alarm(30)
        puller, pusher = Puller(), Pusher()
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=20)
        pusher.send(b"x", timeout=20)
        os._exit(puller.recv(timeout=20) != b"x")
    failures += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
is_over = True
thread.join()
sys.exit(failures > 0)
"""


@pytest.mark.parametrize("number", range(5))
def test_a_busy_program_forks_at_every_moment(number: int) -> None:
    # A fresh program each time, in which nothing has been imported or made yet.
    command = [sys.executable, "-c", PROGRAM, str(FORKS // 5)]
    ended = subprocess.run(command, timeout=50, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
