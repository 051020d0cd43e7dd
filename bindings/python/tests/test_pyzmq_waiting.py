# SPDX-License-Identifier: Apache-2.0
"""Waits of pyzmq's programs on this library, which may be without an end: what ends them."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zmq

from foreign_sockets import MakeForeign
from on_backend import environment, on_backend
from peer_process import PeerProcess
from pyzmq_sockets import PATIENCE_MS, bound, events, new_context, of, pair
from reserved_port import ReservedPort


@on_backend
def test_a_receive_ends_with_its_time() -> None:
    first, _ = pair()
    first.RCVTIMEO = 30
    start = time.monotonic()
    with pytest.raises(zmq.Again) as raised:
        first.recv()
    assert time.monotonic() - start >= 0.03
    assert raised.value.errno == zmq.EAGAIN
    with pytest.raises(zmq.Again):
        first.recv(zmq.DONTWAIT)


@on_backend
def test_a_send_to_nobody_waits_and_goes_on_when_somebody_comes() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.SNDTIMEO = -1
    endpoint = bound(sender)
    with pytest.raises(zmq.Again):
        sender.send(b"early", zmq.DONTWAIT)
    sends = threading.Thread(target=sender.send, args=(b"message",))
    sends.start()
    receiver.connect(endpoint)
    assert receiver.recv() == b"message"
    sends.join()


@on_backend
def test_a_send_to_a_peer_that_is_not_there_yet_waits_for_it() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.SNDTIMEO = -1
    with ReservedPort() as port:
        sender.connect(port.endpoint)
        with pytest.raises(zmq.Again):
            sender.send(b"early", zmq.DONTWAIT)
        assert not events(sender) & zmq.POLLOUT
        sends = threading.Thread(target=sender.send, args=(b"message",))
        sends.start()
        receiver.bind(port.endpoint)
        assert receiver.recv() == b"message"
        sends.join()


@on_backend
def test_a_send_that_waits_for_a_peer_without_an_end_says_so_once() -> None:
    from experimance_zmq.pyzmq._exchange import Exchange

    Exchange.tells_after_ms = 20
    lines: list[str] = []
    told = threading.Event()

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())
            told.set()

    logging.getLogger("experimance_zmq").addHandler(Lines())
    context = new_context()
    sender = of(zmq.PUSH, context)
    sender.SNDTIMEO = -1
    with ReservedPort() as port:
        endpoint = port.endpoint
        sender.connect(endpoint)
        thread, raised = outcome_of(lambda: sender.send(b""))
        assert told.wait(PATIENCE_MS / 1000)
    end = threading.Thread(target=context.term)
    end.start()
    thread.join()
    assert [type(error) for error in raised] == [zmq.ContextTerminated]
    sender.close()
    end.join()
    assert len(lines) == 1
    assert f"PUSH {endpoint}" in lines[0]
    assert "SNDTIMEO" in lines[0]


def outcome_of(wait: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Has another thread wait; what it raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            wait()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


@on_backend
def test_the_end_of_a_context_ends_every_wait_and_waits_for_its_sockets() -> None:
    context = new_context()
    sockets = [of(zmq.PULL, context) for _ in range(3)]
    sockets[0].RCVTIMEO = -1
    poller = zmq.Poller()
    poller.register(sockets[2], zmq.POLLIN)
    waits = [outcome_of(wait) for wait in (sockets[0].recv, lambda: sockets[1].poll(-1), poller.poll)]
    end = threading.Thread(target=context.term)
    end.start()
    for thread, raised in waits:
        thread.join()
        assert [type(error) for error in raised] == [zmq.ContextTerminated]
    with pytest.raises(zmq.ContextTerminated):
        sockets[0].recv(zmq.DONTWAIT)
    assert end.is_alive()
    for socket in sockets:
        socket.close()
    end.join()
    assert context.closed


@on_backend
def test_a_socket_that_is_closed_ends_the_waits_on_it() -> None:
    socket = of(zmq.PULL)
    socket.RCVTIMEO = -1
    thread, raised = outcome_of(socket.recv)
    socket.close()
    thread.join()
    assert [getattr(error, "errno", None) for error in raised] == [zmq.ENOTSOCK]


@on_backend
def test_a_close_does_not_wait_and_the_end_of_the_context_does() -> None:
    context = new_context()
    sender, receiver = of(zmq.PUSH, context), of(zmq.PULL, context)
    sender.connect(bound(receiver))
    for number in range(500):
        sender.send(b"%d" % number)
    sender.close()
    assert sender.closed
    assert [int(receiver.recv()) for _ in range(500)] == list(range(500))
    receiver.close()
    context.term()


CTRL_C = """
import sys, zmq
socket = zmq.Context.instance().socket(zmq.PULL)
poller = zmq.Poller()
poller.register(socket, zmq.POLLIN)
waits = {"recv": socket.recv, "poll": poller.poll, "send": lambda: zmq.Context.instance().socket(zmq.PUSH).send(b"")}
print("ready", flush=True)
try:
    waits[sys.argv[1]]()
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("name", ["recv", "poll", "send"])
def test_ctrl_c_ends_a_wait_without_an_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for key, value in environment().items():
        monkeypatch.setenv(key, value)
    program = PeerProcess([sys.executable, "-c", CTRL_C.replace("sys.argv[1]", repr(name))])
    try:
        assert program.line() == "ready"
        program.interrupt_in_wait()
        assert program.line() == "interrupted"
        assert program.wait(20) == 0
    finally:
        program.end()


@on_backend
def test_signal_handlers_run_during_a_wait_which_goes_on() -> None:
    first, second = pair()
    noted: list[int] = []

    def note(number: int, _frame: object) -> None:
        noted.append(number)
        second.send(b"from the handler")

    signal.signal(signal.SIGUSR1, note)
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGUSR1)).start()
    assert first.recv() == b"from the handler"
    assert noted == [signal.SIGUSR1]


@on_backend
def test_a_child_of_a_fork_is_told_that_sockets_are_its_parents_and_makes_its_own() -> None:
    first, second = pair()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            with pytest.raises(zmq.ZMQError, match="parent"):
                first.recv(zmq.DONTWAIT)
            first.close()
            ours, theirs = pair()
            theirs.send(b"in the child")
            status = 0 if ours.recv() == b"in the child" else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    second.send(b"still")
    assert first.recv() == b"still"


ENDS = """
import sys, threading, zmq
context = zmq.Context.instance()
sender, waits, polled = context.socket(zmq.PUSH), context.socket(zmq.PULL), context.socket(zmq.PULL)
sender.SNDHWM, sender.LINGER = 0, 20_000
sender.connect(sys.argv[1])
poller = zmq.Poller()
poller.register(polled)
for wait in (waits.recv, poller.poll):
    threading.Thread(target=wait, daemon=True).start()
for number in range(1000):
    sender.send_multipart([b"%d" % number, bytes(20_000)])
print("queued", flush=True)
"""


def test_a_program_that_ends_sends_what_is_queued_and_its_daemons_say_nothing(
    pyzmq: MakeForeign, tmp_path: Path
) -> None:
    receiver = pyzmq(zmq.PULL)
    receiver.RCVHWM = 1
    port = receiver.bind_to_random_port("tcp://127.0.0.1")
    errors = tmp_path / "errors"
    with errors.open("w", encoding="utf-8") as stream:
        command = [sys.executable, "-c", ENDS, f"tcp://127.0.0.1:{port}"]
        program = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=stream)
    try:
        assert program.stdout
        assert program.stdout.readline() == b"queued\n"
        assert [int(receiver.recv_multipart()[0]) for _ in range(1000)] == list(range(1000))
        assert program.wait(20) == 0
    finally:
        program.kill()
        program.communicate()
    assert errors.read_text(encoding="utf-8") == ""
