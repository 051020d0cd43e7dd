# SPDX-License-Identifier: Apache-2.0
"""The life of a fault proxy: what it tells, whom a fault strikes, how it ends, and that a seed repeats a run."""

import copy
import gc
import os
import pickle
import signal
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from event_reader import PATIENCE
from experimance_zmq import Status, ZMQAddressInUseError, ZMQClosedError, ZMQTimeoutError
from experimance_zmq.testing import Direction, FaultCount, FaultProxy, FaultStatistics
from limits import descriptors, ends_within, fails_by
from peer_process import PeerProcess
from reserved_port import ReservedPort
from wires import Greeter, Wire, hear

SEED = 20_240_229


@pytest.fixture
def line() -> Iterator[Wire]:
    with closing(Wire()) as made:
        yield made


@pytest.fixture
def greeter() -> Iterator[Greeter]:
    with closing(Greeter()) as made:
        yield made


@pytest.fixture
def proxy(line: Wire) -> Iterator[FaultProxy]:
    with FaultProxy(line.target, seed=SEED) as made:
        yield made


def test_without_a_fault_all_goes_through(line: Wire, proxy: FaultProxy) -> None:
    client = line.call(proxy)
    server = line.accept()
    client.sendall(b"question")
    assert hear(server, 8) == b"question"
    server.sendall(b"answer")
    assert hear(client, 6) == b"answer"
    client.close()
    assert server.recv(1) == b""
    server.close()
    proxy.wait(FaultCount.ENDED, timeout=PATIENCE)
    assert proxy.stats == FaultStatistics(
        faults=0,
        seed=SEED,
        connections=1,
        open=0,
        failed=0,
        bytes_to_target=8,
        bytes_to_client=6,
        struck=0,
        target_status=Status.OK,
        target_errno=0,
    )


def test_it_tells_where_it_is_between(line: Wire, proxy: FaultProxy) -> None:
    assert proxy.target == line.target
    assert proxy.seed == SEED
    assert proxy.endpoint.startswith("tcp://127.0.0.1:")
    assert proxy.endpoint != line.target
    with FaultProxy(line.target) as one, FaultProxy(line.target, seed=0) as other:
        assert 0 != one.seed != other.seed != 0
        assert one.stats.seed == one.seed


def test_paths_on_either_side(line: Wire, tmp_path: Path) -> None:
    listen = f"ipc://{tmp_path / 'proxy'}"
    with FaultProxy(line.target, listen=listen) as first, FaultProxy(first.endpoint) as second:
        assert first.endpoint == listen
        client = line.call(second)
        client.sendall(b"by a path")
        assert hear(line.accept(), 9) == b"by a path"
    assert not (tmp_path / "proxy").exists()


def test_target_that_is_absent_is_told(line: Wire, reserved_port: ReservedPort) -> None:
    with FaultProxy(reserved_port.endpoint) as proxy:
        with pytest.raises(ConnectionResetError):
            line.call(proxy).recv(1)
        proxy.wait(FaultCount.FAILED, timeout=PATIENCE)
        assert proxy.stats.target_status is Status.REFUSED
        assert proxy.stats.target_errno > 0


# Whom a fault strikes, and what a seed repeats


def test_only_the_next_ones_are_struck(greeter: Greeter) -> None:
    with FaultProxy(greeter.target) as proxy:
        assert greeter.is_greeted(proxy)
        with proxy.reset(count=2) as fault:
            assert [greeter.is_greeted(proxy) for _ in range(4)] == [False, False, True, True]
            fault.wait(2, timeout=PATIENCE)
            with pytest.raises(ZMQTimeoutError, match=r"3 connections that reset strikes; .*struck=2"):
                fault.wait(3, timeout=0)


def greeted(greeter: Greeter, seed: int) -> list[bool]:
    """Which of twenty connections a fault spares that strikes half of them."""
    with FaultProxy(greeter.target, seed=seed) as proxy, proxy.reset(share=0.5):
        return [greeter.is_greeted(proxy) for _ in range(20)]


def test_seed_chooses_whom_a_share_strikes(greeter: Greeter) -> None:
    first = greeted(greeter, SEED)
    assert 0 < sum(first) < 20
    assert greeted(greeter, SEED) == first
    assert greeted(greeter, SEED + 1) != first


def corrupted(line: Wire, seed: int) -> bytes:
    """A thousand zeros, of which one in ten has a flipped bit."""
    with FaultProxy(line.target, seed=seed) as proxy, proxy.corrupt(0.1, direction=Direction.TO_TARGET):
        line.call(proxy).sendall(bytes(1000))
        return hear(line.accept(), 1000)


def test_seed_chooses_which_bits_are_flipped(line: Wire) -> None:
    first = corrupted(line, SEED)
    assert 0 < sum(byte.bit_count() for byte in first) < 500
    assert max(byte.bit_count() for byte in first) == 1
    assert corrupted(line, SEED) == first
    assert corrupted(line, SEED + 1) != first


def test_faults_are_numbered_and_counted(proxy: FaultProxy) -> None:
    first, second = proxy.blackhole(), proxy.latency(1)
    assert (first.id, first.name, repr(second)) == (1, "blackhole", "<Fault 2: latency>")
    assert proxy.stats.faults == 2
    first.remove()
    first.remove()
    with second:
        assert proxy.stats.faults == 1
    assert proxy.stats.faults == 0


# Waiting


def test_wait_that_is_in_vain_ends_by_its_deadline_and_tells_why(proxy: FaultProxy) -> None:
    with fails_by(0.2, ZMQTimeoutError, early=False) as caught:
        proxy.wait(FaultCount.CONNECTIONS, 2, timeout=0.2)
    assert caught.match("in vain for 2 of CONNECTIONS; FaultStatistics.*connections=0")
    proxy.wait(FaultCount.CONNECTIONS, 0, timeout=0)


def test_wait_ends_when_the_fault_is_removed_or_the_proxy_closed(proxy: FaultProxy) -> None:
    with ThreadPoolExecutor() as executor:
        for end in (lambda fault: fault.remove(), lambda _fault: proxy.close()):
            fault = proxy.latency(1)
            waiting = executor.submit(fault.wait, timeout=PATIENCE)
            end(fault)
            with pytest.raises(ZMQClosedError, match="the fault is removed, or its proxy closed"):
                waiting.result()
    with pytest.raises(ZMQClosedError, match="the fault proxy is closed"):
        proxy.wait(FaultCount.STRUCK)


class WaitInterruptedError(Exception):
    """What a handler of a signal raises."""


def test_what_a_signal_handler_raises_ends_a_wait(proxy: FaultProxy) -> None:
    def interrupt(_signal: int, _frame: object) -> None:
        raise WaitInterruptedError

    former = signal.signal(signal.SIGUSR1, interrupt)
    try:
        with ends_within(1), pytest.raises(WaitInterruptedError):
            threading.Timer(0.05, signal.raise_signal, [signal.SIGUSR1]).start()
            proxy.wait(FaultCount.STRUCK, timeout=PATIENCE)
    finally:
        signal.signal(signal.SIGUSR1, former)


# The end


def test_closed_proxy_gives_all_back(line: Wire) -> None:
    with FaultProxy(line.target):
        pass
    before = descriptors()
    proxy = FaultProxy(line.target)
    fault = proxy.blackhole()
    line.call(proxy)
    proxy.wait(FaultCount.CONNECTIONS, timeout=PATIENCE)
    line.hang_up()
    proxy.close()
    proxy.close()
    # Its thread may end a moment later.
    while descriptors() > before:
        os.sched_yield()
    for use in (proxy.blackhole, proxy.drop, fault.remove, fault.wait, lambda: proxy.stats):
        with pytest.raises(ZMQClosedError):
            use()
    with fault:
        pass


def test_down_proxy_is_refused_and_keeps_its_port(line: Wire, proxy: FaultProxy) -> None:
    with proxy.down() as fault:
        fault.wait(timeout=0)
        with pytest.raises(ConnectionRefusedError):
            line.call(proxy)
        with pytest.raises(ZMQAddressInUseError):
            FaultProxy(line.target, listen=proxy.endpoint)
    line.call(proxy).sendall(b"again")
    assert hear(line.accept(), 5) == b"again"


def test_forgotten_proxy_is_closed_with_a_warning(line: Wire) -> None:
    proxy = FaultProxy(line.target)
    endpoint = proxy.endpoint
    fault = proxy.blackhole()
    del proxy
    gc.collect()
    # The fault is a way to it.
    fault.remove()
    with pytest.warns(ResourceWarning, match=f"unclosed FaultProxy {endpoint}, opened at .*test_fault_proxy.py:"):
        del fault
        gc.collect()
    with FaultProxy(line.target, listen=endpoint):
        pass


def test_closed_proxy_is_forgotten_without_a_warning(line: Wire) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with FaultProxy(line.target) as proxy:
            pass
        del proxy
        gc.collect()


def test_child_of_a_fork_leaves_the_proxy_alone(run_code: Callable[[str], PeerProcess]) -> None:
    peer = run_code(
        """
import os
from experimance_zmq import ZMQForkedError
from experimance_zmq.testing import FaultProxy

with FaultProxy("tcp://127.0.0.1:1") as proxy, proxy.blackhole() as fault:
    child = os.fork()
    if child == 0:
        for use in (proxy.blackhole, proxy.drop, proxy.close, fault.remove, fault.wait, lambda: proxy.stats):
            try:
                use()
            except ZMQForkedError:
                print("forked", flush=True)
    else:
        os.waitpid(child, 0)
        print(proxy.stats.faults, flush=True)
print("left", flush=True)
"""
    )
    assert [peer.line() for _ in range(9)] == ["forked"] * 6 + ["left", "1", "left"]


def test_proxy_and_fault_are_not_copied(proxy: FaultProxy) -> None:
    for each in (proxy, proxy.blackhole()):
        for make in (copy.copy, copy.deepcopy, pickle.dumps):
            with pytest.raises(TypeError, match="can not be copied"):
                make(each)
