# SPDX-License-Identifier: Apache-2.0
"""A plugin for pytest: endpoints, pairs, contexts and fault proxies for tests, and a check that no socket stays open.

Fixtures:

* `zmq_endpoint`: an endpoint nobody else has, to bind to.
* `connected_pair`: makes two sockets with a finished handshake, and closes them.
* `zmq_context`: a context that is closed after the test.
* `fault_proxy`: makes relays that go wrong when they are told to (`experimance_zmq.testing`), and closes them.
* `zmq_transport`: which transport the endpoints have: `"ipc"`, unless a test chooses another one with
  `@pytest.mark.parametrize("zmq_transport", ["ipc", "tcp", "inproc"])`.

A test that uses one of the first four fails, as an error of its teardown, when it leaves open a socket that was opened
in it or in its own fixtures: also one that was forgotten and collected. `zmq_leak_check = true` in pytest's settings
checks all tests, `false` none; `@pytest.mark.zmq_leak_check` and `@pytest.mark.zmq_leak_check(False)` decide for one.
Sockets that fixtures of a wider scope open are not looked at. Sockets that were left open are closed, so that they do
not disturb the tests that follow. When the teardown fails for another reason, they are told beside it.

What fault proxies draw is drawn from a seed that is new for each test. When a test fails, the seed is shown beside its
captured output; `--fault-seed=SEED`, or the environment variable `EXPERIMANCE_ZMQ_FAULT_SEED`, makes the same draws
again.

This module does not import `experimance_zmq` until a test needs it: the others need no library and lose no time.
"""

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import pytest

if TYPE_CHECKING:
    from experimance_zmq import BaseSocket, Context, aio
    from experimance_zmq.testing import FaultProxy

__all__ = [
    "ConnectedPair",
    "MakeFaultProxy",
    "connected_pair",
    "fault_proxy",
    "zmq_context",
    "zmq_endpoint",
    "zmq_transport",
]

First = TypeVar("First", bound="BaseSocket | aio.BaseSocket")
Second = TypeVar("Second", bound="BaseSocket | aio.BaseSocket")

_FIXTURES = {"connected_pair", "fault_proxy", "zmq_context", "zmq_endpoint"}
_SEED_VARIABLE = "EXPERIMANCE_ZMQ_FAULT_SEED"
_LARGEST_SEED = 2**64 - 1
_LONGEST_PATH = 107
_PATIENCE = 30.0

_first_number = pytest.StashKey[int]()
_left_in_context = pytest.StashKey[list[str]]()
_of_wider_scope = pytest.StashKey[set[int]]()


# Fixtures


class ConnectedPair(Protocol):
    """What the fixture `connected_pair` is."""

    def __call__(self, first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
        """Opens two sockets, binds the first, and connects the second.

        Args:
            first: a class of sockets, or a function that makes one: `partial(Publisher, send_hwm=1)`. Sockets of
                `experimance_zmq` and of `experimance_zmq.aio` may be mixed; they are linked before this returns.
            second: the same.

        Returns:
            The sockets, both with a finished handshake. They are closed after the test.
        """
        ...


@pytest.fixture
def zmq_transport() -> str:
    """The transport of the endpoints: "ipc", "tcp" or "inproc". To be overridden."""
    return "ipc"


@pytest.fixture
def _new_zmq_endpoint(zmq_transport: str) -> Iterator[Callable[[], str]]:
    """Makes endpoints nobody else has."""
    folder = Path(tempfile.mkdtemp(prefix="zmq-"))
    if len(bytes(folder / uuid.uuid4().hex)) > _LONGEST_PATH:
        folder.rmdir()
        folder = Path(tempfile.mkdtemp(prefix="zmq-", dir="/tmp"))

    def new() -> str:
        name = uuid.uuid4().hex
        try:
            return {"ipc": f"ipc://{folder / name}", "tcp": "tcp://127.0.0.1:*", "inproc": f"inproc://{name}"}[
                zmq_transport
            ]
        except KeyError:
            raise ValueError(f"zmq_transport is {zmq_transport!r}, it must be ipc, tcp or inproc") from None

    yield new
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def zmq_endpoint(_new_zmq_endpoint: Callable[[], str]) -> str:
    """An endpoint nobody else has. With `tcp` the system chooses the port as the socket binds, and `bind` returns it;
    the others are already what `bind` will return.
    """
    return _new_zmq_endpoint()


@pytest.fixture
def connected_pair(_new_zmq_endpoint: Callable[[], str]) -> "Iterator[ConnectedPair]":
    """Makes two sockets with a finished handshake: `pusher, puller = connected_pair(Pusher, Puller)`."""
    sockets: list[BaseSocket | aio.BaseSocket] = []

    def connect(first: Callable[[], First], second: Callable[[], Second]) -> tuple[First, Second]:
        bound, connected = first(), second()
        sockets.extend((bound, connected))
        _link(bound, connected, _new_zmq_endpoint())
        return bound, connected

    yield connect
    for socket in sockets:
        # Works without an event loop, too.
        socket._core.close(0)


@pytest.fixture
def zmq_context(request: pytest.FixtureRequest) -> "Iterator[Context]":
    """A context of the test's own, for sockets of `experimance_zmq` and of `experimance_zmq.aio`."""
    from experimance_zmq import Context, _open_sockets

    context = Context()
    yield context
    of_context = [socket for socket in _open_sockets.all_open() if socket.context_id == context._handle.id]
    request.node.stash[_left_in_context] = list(map(str, of_context))
    context.close(linger=0)


class MakeFaultProxy(Protocol):
    """What the fixture `fault_proxy` is."""

    def __call__(self, target: str, *, listen: str = "tcp://127.0.0.1:*", seed: int | None = None) -> "FaultProxy":
        """Starts a fault proxy.

        Args:
            target: where the connections go.
            listen: where to listen.
            seed: what all draws are made from; None is the test's, from which each of its proxies has its own.

        Returns:
            The proxy. It is closed after the test.
        """
        ...


@pytest.fixture
def fault_proxy(request: pytest.FixtureRequest) -> Iterator[MakeFaultProxy]:
    """Makes relays that go wrong when they are told to: `proxy = fault_proxy(target)`, `with proxy.latency(0.2): …`."""
    from experimance_zmq.testing import FaultProxy

    given: int | None = request.config.getoption("--fault-seed")
    own = 1 + secrets.randbelow(_LARGEST_SEED) if given is None else given
    request.node.add_report_section("setup", "fault seed", f"--fault-seed={own} makes the same draws again")
    proxies: list[FaultProxy] = []

    def make(target: str, *, listen: str = "tcp://127.0.0.1:*", seed: int | None = None) -> FaultProxy:
        number = (own - 1 + len(proxies)) % _LARGEST_SEED + 1
        proxies.append(FaultProxy(target, listen=listen, seed=number if seed is None else seed))
        return proxies[-1]

    yield make
    for proxy in proxies:
        proxy.close()


def _link(bound: "BaseSocket | aio.BaseSocket", connected: "BaseSocket | aio.BaseSocket", endpoint: str) -> None:
    from experimance_zmq import _operations
    from experimance_zmq._run import run

    deadline = bound._core.deadline(_PATIENCE)
    real = run(_operations.bind(bound._core, deadline, endpoint), deadline)
    run(_operations.connect(connected._core, deadline, real, False), deadline)
    run(_operations.wait_peers(bound._core, deadline, 1), deadline)


def _seed(given: str) -> int:
    """A seed as it was shown."""
    try:
        seed = int(given)
    except ValueError:
        seed = 0
    if not 0 < seed <= _LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"a seed is a number from 1 to {_LARGEST_SEED}, not {given}")
    return seed


# The leak check


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option and the setting."""
    parser.addoption(
        "--fault-seed",
        type=_seed,
        default=os.environ.get(_SEED_VARIABLE) or None,
        metavar="SEED",
        help=f"what fault proxies draw from, as shown where a test failed; without it, {_SEED_VARIABLE}, or a new one "
        "for each test",
    )
    parser.addini(
        "zmq_leak_check",
        "true: no test may leave a ZeroMQ socket open; false: every test may; else: those that use a zmq fixture",
        type="bool",
        default=None,
    )


def pytest_configure(config: pytest.Config) -> None:
    """Adds the marker."""
    config.addinivalue_line("markers", "zmq_leak_check(on=True): whether the test may leave no ZeroMQ socket open")
    config.stash[_of_wider_scope] = set()


def _is_checked(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("zmq_leak_check")
    if marker is not None:
        return bool(marker.kwargs.get("on", next(iter(marker.args), True)))
    setting = item.config.getini("zmq_leak_check")
    return bool(setting) if setting is not None else not _FIXTURES.isdisjoint(getattr(item, "fixturenames", ()))


def _open_sockets() -> Any:
    """What knows the open sockets, if the package is in use."""
    return sys.modules.get("experimance_zmq._open_sockets")


def _next_number() -> int:
    known = _open_sockets()
    return known.next_number() if known else 0


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Notes where the test begins."""
    item.stash[_first_number] = _next_number()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: "pytest.FixtureDef[Any]", request: pytest.FixtureRequest) -> Iterator[None]:
    """Notes the sockets of fixtures that outlive the test."""
    if fixturedef.scope == "function":
        return (yield)
    first = _next_number()
    try:
        return (yield)
    finally:
        request.config.stash[_of_wider_scope].update(range(first, _next_number()))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fails if sockets were left open, and closes them, also if the teardown fails."""
    try:
        result = yield
    except BaseException:
        # That error is the test's; what is left is told beside it.
        if leak := _close_what_is_left(item):
            item.add_report_section("teardown", "sockets", leak)
        raise
    if leak := _close_what_is_left(item):
        pytest.fail(leak, pytrace=False)
    return result


def _close_what_is_left(item: pytest.Item) -> str | None:
    """Closes what the test left open, and says what that was. None if it left nothing, or may leave it."""
    known = _open_sockets()
    if known is None or not _is_checked(item):
        return None
    first, wider = item.stash[_first_number], item.config.stash[_of_wider_scope]
    forgotten = {number: text for number, text in known.forgotten if number >= first and number not in wider}
    # One that was forgotten may be about to close on a thread.
    known_already = wider | forgotten.keys()
    still_open = [each for each in known.all_open() if each.number >= first and each.number not in known_already]
    left = [*item.stash.get(_left_in_context, []), *forgotten.values(), *map(str, still_open)]
    for socket in still_open:
        socket.close()
    if not left:
        return None
    sockets = "a socket" if len(left) == 1 else f"{len(left)} sockets"
    return "\n  ".join([f"the test left {sockets} open:", *left])
