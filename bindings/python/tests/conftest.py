# SPDX-License-Identifier: Apache-2.0
"""What every test has: a watchdog, endpoints, peers."""

import faulthandler
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from experimance_zmq import Pusher
from foreign_sockets import MakeForeign, foreign_sockets
from old_calls import Calls
from peer_process import PeerProcess
from reserved_port import ReservedPort

pytest_plugins = ["pytester", "skips"]

WATCHDOG_SECONDS = 60
TESTS = Path(__file__).resolve().parent
_watchdog_output = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    # Where the watchdog writes: standard error as it is now, before tests are captured.
    config.stash[_watchdog_output] = os.dup(2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Ends the whole run, with the stacks of all threads, when a test hangs.

    A thread of C does it, so that a hang in C code which holds the interpreter's lock is ended, too.
    """
    faulthandler.dump_traceback_later(WATCHDOG_SECONDS, exit=True, file=item.config.stash[_watchdog_output])
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def tcp() -> str:
    """An endpoint to bind to: a port the system chooses."""
    return "tcp://127.0.0.1:*"


@pytest.fixture
def reserved_port() -> Iterator[ReservedPort]:
    """A port at which nobody listens, until a test binds to it."""
    with ReservedPort() as port:
        yield port


@pytest.fixture
def pyzmq() -> Iterator[MakeForeign]:
    """Makes a socket of pyzmq."""
    with foreign_sockets() as make:
        yield make


@pytest.fixture(params=["", "_async"], ids=["methods that block", "coroutines"])
def call(request: pytest.FixtureRequest) -> Iterator[Calls]:
    """Both families of methods work on both kinds of instance."""
    calls = Calls(request.param)
    yield calls
    calls.close()


@pytest.fixture
def start_peer() -> Iterator[Callable[..., PeerProcess]]:
    """Starts a program of the folder `peers` in a process of its own."""
    started: list[PeerProcess] = []

    def start(name: str, *arguments: object) -> PeerProcess:
        started.append(PeerProcess.python(TESTS / "peers" / f"{name}.py", *arguments))
        return started[-1]

    yield start
    for peer in started:
        peer.end()


@pytest.fixture
def run_code() -> Iterator[Callable[[str], PeerProcess]]:
    """Runs lines of Python in a process of its own."""
    started: list[PeerProcess] = []

    def run(code: str) -> PeerProcess:
        started.append(PeerProcess.code(code))
        return started[-1]

    yield run
    for peer in started:
        peer.end()


@pytest.fixture
def misbehaving_peer() -> Iterator[Callable[[str], str]]:
    """Starts a server that misbehaves in a chosen manner; its endpoint."""
    built = TESTS.parents[2] / ".build" / "debug" / "misbehaving-peer"
    program = os.environ.get("EXZ_MISBEHAVING_PEER", "")
    if not program and not built.exists():
        pytest.skip(f"{built} is not there: make test-python builds it")
    program = program or str(built)
    assert os.access(program, os.X_OK), f"{program} is not there: make test-python builds it"
    started: list[PeerProcess] = []

    def start(manner: str) -> str:
        started.append(PeerProcess([program, manner]))
        return started[-1].line()

    yield start
    for peer in started:
        peer.end()


_numbers = itertools.count()


@pytest.fixture
def pusher() -> Iterator[Pusher]:
    """One whose messages are there at once."""
    with Pusher(send_hwm=0, linger=0) as pusher:
        pusher.bind(f"inproc://prefetch-{next(_numbers)}")
        yield pusher
