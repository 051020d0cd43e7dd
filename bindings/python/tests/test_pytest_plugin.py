# SPDX-License-Identifier: Apache-2.0
"""The plugin for pytest, in runs of pytest inside these tests."""

import os
import sys
import tomllib
from pathlib import Path

import pytest

from experimance_zmq import _open_sockets

# The tests inside leave sockets open.
pytestmark = pytest.mark.zmq_leak_check(False)

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
PLUGIN = "experimance_zmq_pytest"


@pytest.fixture(autouse=True)
def settings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(
        f"""
import gc
import pytest
from experimance_zmq import *
from experimance_zmq import aio
{code}
"""
    )
    return pytester.runpytest_inprocess("-p", PLUGIN, "-p", "no:cacheprovider", "-Wignore::ResourceWarning", *options)


def test_fixtures_serve_blocking_and_async_sockets(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from functools import partial

TRANSPORTS = pytest.mark.parametrize("zmq_transport", ["ipc", "tcp", "inproc"])

@TRANSPORTS
def test_pair(connected_pair, zmq_transport):
    pusher, puller = connected_pair(Pusher, partial(Puller, prefetch=0))
    assert puller.endpoint.startswith(zmq_transport)
    assert pusher.stats.peers == puller.stats.peers == 1
    pusher.send(b"x", timeout=0)
    assert puller.recv(timeout=30) == b"x"

@TRANSPORTS
async def test_pairs_of_both_kinds(connected_pair):
    pusher, puller = connected_pair(aio.Pusher, aio.Puller)
    requester, replier = connected_pair(aio.Requester, Replier)
    await pusher.send(b"x")
    assert await puller.recv(timeout=30) == b"x"
    with pytest.raises(ZMQTimeoutError):
        await requester.request(b"y", timeout=0.05)
    assert replier.recv(timeout=30) == b"y"

@TRANSPORTS
def test_endpoint(zmq_endpoint, zmq_transport, zmq_context):
    with Puller(context=zmq_context) as puller, Pusher(context=zmq_context) as pusher:
        endpoint = puller.bind(zmq_endpoint)
        assert endpoint == zmq_endpoint or zmq_transport == "tcp"
        pusher.connect(endpoint, timeout=30)

def test_default(zmq_endpoint, zmq_context):
    assert zmq_endpoint.startswith("ipc://")
    with Puller(context=zmq_context) as puller:
        puller.bind(zmq_endpoint)

@pytest.mark.parametrize("zmq_transport", ["pigeon"])
def test_unknown(zmq_transport, request):
    with pytest.raises(ValueError, match="pigeon"):
        request.getfixturevalue("zmq_endpoint")
""",
    )
    result.assert_outcomes(passed=11)


def test_endpoints_fit_and_are_taken_away(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    long = pytester.path / ("long" * 30)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    pytester.makeconftest("import tempfile\ntempfile.tempdir = None")
    result = run(
        pytester,
        """
import pathlib
used = []

def test_bind(zmq_endpoint):
    used.append(pathlib.Path(zmq_endpoint.removeprefix("ipc://")))
    with Puller() as puller:
        puller.bind(zmq_endpoint)

def test_gone():
    assert not used[0].parent.exists()
    assert not list(pathlib.Path(tempfile.gettempdir()).iterdir())

import tempfile
""",
    )
    result.assert_outcomes(passed=2)


LEAKS = {
    "kept": "kept.append(Puller())",
    "forgotten": "puller = Puller()",
    "in a cycle": "puller = Puller(); puller.me = puller; del puller; gc.collect()",
    "of the context": "kept.append(Puller(context=zmq_context))",
    "failed to close": "kept.append(Puller()); assert False",
    "async kept": "kept.append(aio.Puller())",
    "async forgotten": "puller = aio.Puller()",
    "async of the context": "kept.append(aio.Puller(context=zmq_context))",
}


@pytest.mark.parametrize("leak", LEAKS)
def test_socket_that_is_left_open_fails_the_test(leak: str, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
kept = []

{"async " if "async" in leak else ""}def test_leaks(zmq_context):
    with Pusher() as closed:
        pass
    {LEAKS[leak]}

def test_next(zmq_context):
    for socket in kept:
        assert socket.closed
""",
    )
    is_failed = leak == "failed to close"
    result.assert_outcomes(passed=1 if is_failed else 2, failed=int(is_failed), errors=1)
    result.stdout.fnmatch_lines(
        ["*ERROR at teardown of test_leaks*", "the test left a socket open:", "  PULL, opened at *.py:*"]
    )


@pytest.mark.parametrize("failure", ["raise RuntimeError('the teardown')", "pytest.fail('the teardown')"])
@pytest.mark.parametrize("more", ["", "_and_another"], ids=["one failure", "two failures"])
def test_teardown_that_fails_hides_no_leak(failure: str, more: str, pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        f"""
kept = []

@pytest.fixture
def fails():
    yield
    {failure}

@pytest.fixture
def fails_and_another(fails):
    yield
    {failure}

def test_leaks(zmq_context, fails{more}):
    kept.append(Puller())

def test_next(zmq_context):
    assert kept[0].closed
""",
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*the teardown*", "*Captured sockets teardown*", "the test left a socket open:", "  PULL, opened at *.py:*"]
    )


def test_every_socket_is_told_with_its_place(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
@pytest.fixture
def careless(zmq_endpoint):
    kept.append(Publisher())
    kept[0].bind(zmq_endpoint)

def test_leaks(careless):
    kept.append(Puller())

kept = []
""",
    )
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "the test left 2 sockets open:",
            "  PUB ipc://*, opened at *test_every_socket_is_told_with_its_place.py:8",
            "  PULL, opened at *test_every_socket_is_told_with_its_place.py:12",
        ]
    )


def test_what_is_closed_in_time_is_no_leak(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from experimance_zmq.services import PubSubService

@pytest.fixture(scope="module")
def wide():
    with Puller() as puller:
        yield puller

@pytest.fixture
def narrow(zmq_endpoint):
    with Puller() as puller:
        yield puller

def test_fixtures(narrow, wide, connected_pair):
    connected_pair(Pusher, Puller)
    with Context() as context:
        puller = Puller(context=context)
    assert puller.closed

async def test_services(zmq_endpoint):
    async with PubSubService(publish_at=zmq_endpoint):
        pass
""",
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("setting", "failing"),
    [
        (None, {"uses_fixture", "marked"}),
        ("true", {"uses_fixture", "marked", "plain"}),
        ("false", {"marked"}),
    ],
    ids=["default", "true", "false"],
)
def test_setting_and_marker_choose_what_is_checked(
    setting: str | None, failing: set[str], pytester: pytest.Pytester
) -> None:
    result = run(
        pytester,
        """
def leak():
    kept.append(Puller())

kept = []

def test_plain():
    leak()

def test_uses_fixture(zmq_endpoint):
    leak()

@pytest.mark.zmq_leak_check
def test_marked():
    leak()

@pytest.mark.zmq_leak_check(False)
def test_marked_off(zmq_endpoint):
    leak()

@pytest.mark.zmq_leak_check(on=False)
def test_marked_off_by_name(zmq_endpoint):
    leak()
""",
        *(["-o", f"zmq_leak_check={setting}"] if setting else []),
    )
    result.assert_outcomes(passed=5, errors=len(failing))
    for name in failing:
        result.stdout.fnmatch_lines([f"ERROR *::test_{name}*"])
    for socket in _open_sockets.all_open():
        socket.close()


def test_library_is_not_needed_until_a_test_needs_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The plugin is found by its entry point, as in an installed package."""
    entry_points = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["entry-points"]
    installed = pytester.path / "site" / "experimance_zmq-0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: experimance-zmq\nVersion: 0\n")
    lines = [
        f"[{group}]\n" + "\n".join(f"{name} = {where}" for name, where in names.items())
        for group, names in entry_points.items()
    ]
    (installed / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed.parent), *filter(None, sys.path)]))
    monkeypatch.setenv("EXPERIMANCE_ZMQ_LIBRARY", "/nowhere/library.so")
    pytester.makepyfile(
        """
import sys

def test_needs_nothing():
    assert "experimance_zmq_pytest" in sys.modules
    assert "experimance_zmq" not in sys.modules

def test_endpoint_needs_nothing(zmq_endpoint):
    assert "experimance_zmq" not in sys.modules

def test_needs_it(zmq_context):
    pass
"""
    )
    for options in ([], ["-p", PLUGIN, "-o", "zmq_leak_check=true"]):
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
        result.assert_outcomes(passed=2, errors=1)
        result.stdout.fnmatch_lines(["*ImportError: the library of experimance_zmq can not be loaded*"])


def test_public_names_are_sorted() -> None:
    import experimance_zmq_pytest

    assert experimance_zmq_pytest.__all__ == sorted(experimance_zmq_pytest.__all__)
