# SPDX-License-Identifier: Apache-2.0
"""The plugin's fixture for fault proxies, in runs of pytest inside these tests."""

import re

import pytest

# The tests inside leave sockets open.
pytestmark = pytest.mark.zmq_leak_check(False)

VARIABLE = "EXPERIMANCE_ZMQ_FAULT_SEED"
SEED = 20_240_229
FAILING = """
import pytest

@pytest.mark.parametrize("number", [1, 2])
def test_fails(fault_proxy, number):
    first, second = (fault_proxy("tcp://127.0.0.1:9") for _ in range(2))
    print("seeds", first.seed, second.seed)
    assert False
"""


@pytest.fixture(autouse=True)
def settings(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.delenv(VARIABLE, raising=False)
    pytester.makeini("[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n")


def run(pytester: pytest.Pytester, code: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(code)
    return pytester.runpytest_inprocess("-p", "experimance_zmq_pytest", "-p", "no:cacheprovider", *options)


def seeds(result: pytest.RunResult) -> list[tuple[int, ...]]:
    """Those of the proxies, test by test."""
    return [tuple(map(int, found)) for found in re.findall(r"^seeds (\d+) (\d+)$", result.stdout.str(), re.MULTILINE)]


def shown(result: pytest.RunResult) -> list[int]:
    """The seeds that are told where tests failed."""
    return list(map(int, re.findall(r"^--fault-seed=(\d+) makes the same draws again$", result.stdout.str(), re.M)))


def test_proxies_are_closed_after_the_test(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
import pytest
from experimance_zmq import Puller, Pusher, ZMQClosedError

made = []

def test_of_a_user(fault_proxy):
    with Puller() as puller, Pusher() as pusher:
        made.append(fault_proxy(puller.bind("tcp://127.0.0.1:*"), listen="ipc://*", seed=7))
        assert made[0].endpoint.startswith("ipc://@")
        pusher.connect(made[0].endpoint, timeout=30)
        with made[0].latency(0.01):
            pusher.send(b"x")
            assert puller.recv(timeout=30) == b"x"
    assert made[0].seed == 7
    made.append(fault_proxy("tcp://127.0.0.1:9"))

def test_next():
    assert len(made) == 2
    for proxy in made:
        with pytest.raises(ZMQClosedError):
            proxy.stats
""",
    )
    result.assert_outcomes(passed=2)


def test_test_that_leaves_a_socket_open_fails(pytester: pytest.Pytester) -> None:
    result = run(
        pytester,
        """
from experimance_zmq import Puller

def test_leaks(fault_proxy):
    kept.append(Puller())

kept = []
""",
    )
    result.assert_outcomes(passed=1, errors=1)


def test_seed_is_new_for_each_test_and_shown_where_one_fails(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING)
    result.assert_outcomes(failed=2)
    (first, second), (third, fourth) = seeds(result)
    assert len({first, second, third, fourth}) == 4
    assert shown(result) == [first, third]


def test_seed_that_is_given_makes_the_same_draws(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    by_option = run(pytester, FAILING, f"--fault-seed={SEED}")
    assert shown(by_option) == [SEED, SEED]
    assert seeds(by_option) == [(SEED, SEED + 1)] * 2
    monkeypatch.setenv(VARIABLE, str(SEED))
    assert seeds(run(pytester, FAILING)) == seeds(by_option)
    # What is said last counts.
    assert shown(run(pytester, FAILING, "--fault-seed=5")) == [5, 5]


def test_largest_seed_has_successors(pytester: pytest.Pytester) -> None:
    largest = 2**64 - 1
    found = seeds(run(pytester, FAILING, f"--fault-seed={largest}"))
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


def test_seed_is_not_shown_where_none_fails(pytester: pytest.Pytester) -> None:
    result = run(pytester, FAILING.replace("assert False", "assert True"), "-rA")
    result.assert_outcomes(passed=2)
    assert "FAILED" not in result.stdout.str()


@pytest.mark.parametrize("given", ["", "0", "-1", str(2**64), "many"])
def test_seed_that_is_none_is_refused(given: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(pytester, FAILING, f"--fault-seed={given}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--fault-seed: a seed is a number from 1 to {2**64 - 1}, not {given}*"])
    if given:
        monkeypatch.setenv(VARIABLE, given)
        assert run(pytester, FAILING).ret == pytest.ExitCode.USAGE_ERROR
