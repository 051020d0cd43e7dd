# SPDX-License-Identifier: Apache-2.0
"""Contexts and sockets that are forgotten: they are closed, say where they come from, and swallow no Ctrl-C."""

import gc
import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from event_reader import PATIENCE
from experimance_zmq import Context, Puller, Pusher, ZMQTimeoutError, _open_sockets, aio
from limits import descriptors
from peer_process import PeerProcess
from reserved_port import ReservedPort

CONTEXTS: dict[str, Callable[[], Context | aio.Context]] = {"Context": Context, "aio.Context": aio.Context}


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


@contextmanager
def leaving_nothing_behind() -> Iterator[None]:
    """What the block begins in the background ends soon."""
    # The process-wide context stays.
    Puller().close()
    gc.collect()
    before = descriptors(), threads()
    yield
    while (descriptors(), threads()) > before:
        # The watchdog ends it.
        os.sched_yield()


@contextmanager
def warning_of(what: str) -> Iterator[None]:
    with pytest.warns(ResourceWarning, match=f"unclosed {what}, opened at {__file__}:"):
        yield
        gc.collect()


@contextmanager
def no_warning() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
        gc.collect()


@pytest.mark.parametrize("name", CONTEXTS)
def test_forgotten_contexts_are_closed(name: str) -> None:
    with leaving_nothing_behind():
        for _ in range(20):
            context = CONTEXTS[name]()
            with Pusher(context=context) as pusher:
                pusher.bind("tcp://127.0.0.1:*")
            del pusher
            with warning_of(name):
                del context


def test_a_forgotten_context_without_a_socket_is_closed() -> None:
    with leaving_nothing_behind(), warning_of("Context"):
        Context()


@pytest.mark.parametrize("name", CONTEXTS)
def test_a_context_in_a_cycle_is_closed(name: str) -> None:
    with leaving_nothing_behind(), warning_of(name):
        context = CONTEXTS[name]()
        context.myself = context  # type: ignore[union-attr]
        del context


def test_a_closed_context_warns_of_nothing() -> None:
    with no_warning():
        with Context() as context:
            pass
        del context


def test_a_socket_keeps_its_context(tcp: str) -> None:
    with leaving_nothing_behind():
        with no_warning():
            puller = Puller(context=Context())
        with puller, Pusher() as pusher:
            pusher.connect(puller.bind(tcp), timeout=PATIENCE)
            pusher.send(b"here")
            assert puller.recv(timeout=PATIENCE) == b"here"
        with warning_of("Context"):
            del puller


# More than the queues of a slow receiver and of the kernel hold.
NUMBERS = range(300)
PADDING = 100_000


@pytest.mark.zmq_leak_check(False)
@pytest.mark.parametrize("is_cycle", [False, True], ids=["one after the other", "in a cycle"])
def test_what_a_forgotten_context_has_is_still_sent(is_cycle: bool, tcp: str) -> None:
    with Puller(receive_hwm=1) as puller:
        context = Context()
        pusher = Pusher(context=context, linger=PATIENCE, send_hwm=0)
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        for number in NUMBERS:
            pusher.send(str(number).rjust(PADDING, "-").encode(), timeout=PATIENCE)
        if is_cycle:
            context.pusher = pusher  # type: ignore[attr-defined]
        if is_cycle:
            with pytest.warns(ResourceWarning, match="unclosed <Pusher"), warning_of("Context"):
                del context, pusher
        else:
            # A warning that is recorded has its socket, which has the context.
            with pytest.warns(ResourceWarning, match="unclosed <Pusher"):
                del pusher
            with warning_of("Context"):
                del context
        assert [int(puller.recv(timeout=PATIENCE).lstrip(b"-")) for _ in NUMBERS] == list(NUMBERS)


def test_a_child_of_a_fork_leaves_its_parent_s_context(run_code: Callable[[str], PeerProcess]) -> None:
    program = run_code("""
import gc, os, warnings
from experimance_zmq import *

warnings.simplefilter("error")
context = Context()
puller = Puller(context=context)
endpoint = puller.bind("tcp://127.0.0.1:*")
child = os.fork()
if child == 0:
    del context, puller
    gc.collect()
    os._exit(0)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
with puller, Pusher(context=context) as pusher:
    pusher.connect(endpoint, timeout=30)
    pusher.send(b"still here")
    print(puller.recv(timeout=30).decode(), flush=True)
context.close()
""")
    assert [program.line(), program.line()] == ["0", "still here"]
    assert program.wait() == 0


def test_an_interpreter_ends_with_a_context(run_code: Callable[[str], PeerProcess]) -> None:
    program = run_code("""
from experimance_zmq import *

context = Context()
puller = Puller(context=context)
print("ends", flush=True)
""")
    assert program.line() == "ends"
    assert program.wait() == 0


@pytest.mark.zmq_leak_check(False)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_registry_does_not_grow_with_forgotten_sockets() -> None:
    def forget(count: int) -> list[_open_sockets.OpenSocket]:
        before = set(_open_sockets._open)
        for _ in range(count):
            Puller(linger=0)
        gc.collect()
        return [_open_sockets._open[number] for number in set(_open_sockets._open) - before]

    forgotten = forget(40)
    assert forgotten
    # Their ends can be known of when their lingers have passed.
    while any(each.linger_end is not None and each.linger_end.elapsed < 0.2 for each in forgotten):
        os.sched_yield()
    forget(len(_open_sockets._open) + 1)
    assert not set(forgotten) & set(_open_sockets._open.values())


# Ctrl-C


@pytest.fixture
def ctrl_c_while_collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Ctrl-C comes just when the next socket is being forgotten."""
    gc.collect()
    forget = _open_sockets.forget

    def meet(socket_id: int, what: str) -> str:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGINT)
        return forget(socket_id, what)

    monkeypatch.setattr(_open_sockets, "forget", meet)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.zmq_leak_check(False)
def test_a_ctrl_c_that_meets_a_collection_is_raised(ctrl_c_while_collected: None, reserved_port: ReservedPort) -> None:
    with Puller() as other:
        puller = Puller()
        endpoint = puller.bind(reserved_port.endpoint)
        del puller
        gc.collect()
        with pytest.raises(KeyboardInterrupt):
            other.recv(timeout=0)
        with pytest.raises(ZMQTimeoutError):
            other.recv(timeout=0)
        # It was closed all the same.
        assert other.bind(endpoint, timeout=PATIENCE) == endpoint
