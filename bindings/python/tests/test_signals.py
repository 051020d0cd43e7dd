# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C ends every wait; other signals run their handlers and change nothing."""

import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    Context,
    Jitter,
    Poll,
    Puller,
    Pusher,
    Replier,
    Requester,
    RetryPolicy,
    Socket,
    SocketType,
    Subscriber,
    ZMQCanceledError,
    ZMQClosedError,
    ZMQRefusedError,
    ZMQTimeoutError,
    poll,
)
from limits import ends_within, fails_by
from peer_process import PeerProcess
from reserved_port import ReservedPort
from signal_waits import WAITS

PROGRAM = """
import signal
from experimance_zmq import *
from experimance_zmq.testing import *

# Of a program in the background the shell makes one that ignores Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)

def refuse():
    raise ZMQRefusedError

print("waiting", flush=True)
try:
    {wait}
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.parametrize("wait", WAITS)
def test_ctrl_c_ends_a_wait(
    wait: str,
    run_code: Callable[[str], PeerProcess],
    misbehaving_peer: Callable[[str], str],
    reserved_port: ReservedPort,
) -> None:
    silent = misbehaving_peer("silent") if "silent" in WAITS[wait] else ""
    call = WAITS[wait].format(silent=silent, refusing=reserved_port.endpoint)
    program = run_code(PROGRAM.format(wait=call))
    assert program.line() == "waiting"
    program.interrupt_in_wait()
    with ends_within(1):
        assert program.line() == "interrupted"
    with ends_within(1):
        assert program.wait() == 0


def test_a_wait_that_looks_up_is_seen_to_be_one(run_code: Callable[[str], PeerProcess]) -> None:
    program = run_code("""
import signal, time

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    while True:
        time.sleep(0.05)
except KeyboardInterrupt:
    print("interrupted", flush=True)
""")
    program.interrupt_in_wait()
    assert program.line() == "interrupted"


class Alarm:
    """Counts the signals of a timer."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    """A signal every 10 ms."""
    handler = Alarm()
    former = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    yield handler
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)


def test_signals_do_not_shorten_a_wait(alarm: Alarm) -> None:
    with Puller() as puller, fails_by(0.3, ZMQTimeoutError, early=False):
        puller.recv(timeout=0.3)
    assert alarm.count > 3


def test_signals_do_not_lengthen_a_wait(alarm: Alarm) -> None:
    with Subscriber() as subscriber:
        for _ in range(20):
            with fails_by(0.02, ZMQTimeoutError, early=False):
                subscriber.recv(timeout=0.02)
            with fails_by(0.02, ZMQTimeoutError, early=False):
                subscriber.wait_subscribed(timeout=0.02)


def test_connect_to_a_silent_peer_with_signals(alarm: Alarm, misbehaving_peer: Callable[[str], str]) -> None:
    endpoint = misbehaving_peer("silent")
    with Subscriber() as subscriber, fails_by(0.3, ZMQTimeoutError, early=False):
        subscriber.connect(endpoint, timeout=0.3)
    assert alarm.count > 3


def test_signals_do_not_add_attempts_to_a_connect(alarm: Alarm, reserved_port: ReservedPort) -> None:
    policy = RetryPolicy(max_attempts=3, initial_backoff=0.05, jitter=Jitter.NONE)
    with Puller(retry=policy) as puller:
        with pytest.raises(ZMQRefusedError) as caught:
            puller.connect(reserved_port.endpoint, timeout=3)
        assert caught.value.attempts == puller.stats.connect_attempts == 3
    assert alarm.count > 3


def test_signals_do_not_add_attempts_to_a_bind(alarm: Alarm, tcp: str) -> None:
    policy = RetryPolicy(max_attempts=3, initial_backoff=0.05, jitter=Jitter.NONE)
    with Puller() as holder, Puller(retry=policy) as puller:
        endpoint = holder.bind(tcp)
        with pytest.raises(OSError, match="listens there itself") as caught:
            puller.bind(endpoint, timeout=3)
        assert caught.value.attempts == 3  # type: ignore[attr-defined]
    assert alarm.count > 3


ASKING = """
import signal
from experimance_zmq import *

signal.signal(signal.SIGINT, {handler})
requester = Requester()
requester.connect({endpoint!r}, timeout=30)
print("ready", flush=True)
try:
    answer = requester.request(b"what", timeout=30)
except KeyboardInterrupt:
    print("interrupted", flush=True)
    answer = requester.request(b"what", timeout=30)
print(answer.decode(), flush=True)
"""


def test_a_request_goes_on_after_a_signal(tcp: str, run_code: Callable[[str], PeerProcess]) -> None:
    with Replier() as server:
        program = run_code(ASKING.format(handler="lambda *_: print('signal', flush=True)", endpoint=server.bind(tcp)))
        assert program.line() == "ready"
        assert server.recv(timeout=PATIENCE) == b"what"
        program.interrupt_in_wait()
        assert program.line() == "signal"
        server.send(b"that", timeout=PATIENCE)
        assert program.line() == "that"
        with pytest.raises(ZMQTimeoutError):
            server.recv(timeout=0)


def test_the_same_request_after_an_interruption_is_a_new_one(tcp: str, run_code: Callable[[str], PeerProcess]) -> None:
    with Replier() as server:
        program = run_code(ASKING.format(handler="signal.default_int_handler", endpoint=server.bind(tcp)))
        assert program.line() == "ready"
        assert server.recv(timeout=PATIENCE) == b"what"
        program.interrupt_in_wait()
        assert program.line() == "interrupted"
        server.send(b"to the first", timeout=PATIENCE)
        assert server.recv(timeout=PATIENCE) == b"what"
        server.send(b"to the second", timeout=PATIENCE)
        assert program.line() == "to the second"


@pytest.fixture
def storm() -> Iterator[Alarm]:
    """Signals that come faster than a clock of milliseconds counts."""
    handler = Alarm()
    former = signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
    yield handler
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, former)


STORMED: dict[str, Callable[[Socket], object]] = {
    "recv": lambda socket: socket.recv(timeout=0.05),
    "recv_many": lambda socket: socket.recv_many(timeout=0.05),
    "recv_parts": lambda socket: socket.recv_parts(timeout=0.05),
    "send": lambda socket: socket.send(b"", timeout=0.05),
    "send_many": lambda socket: socket.send_many([b""], timeout=0.05),
    "send_parts": lambda socket: socket.send_parts([b""], timeout=0.05),
    "wait_peers": lambda socket: socket.wait_peers(timeout=0.05),
    "next_event": lambda socket: socket.next_event(timeout=0.05),
}


@pytest.mark.parametrize("call", STORMED)
def test_no_storm_of_signals_keeps_a_call(call: str, storm: Alarm) -> None:
    with Socket(SocketType.PAIR) as socket:
        for _ in range(3):
            with fails_by(0.05, ZMQTimeoutError, early=False):
                STORMED[call](socket)
        stats = socket.stats
        assert stats.timeouts == 3
        assert stats.sends_refused == (3 if call.startswith("send") else 0)
    assert storm.count > 3


def test_no_storm_of_signals_keeps_other_calls(storm: Alarm, tcp: str) -> None:
    with Requester() as requester, Subscriber() as subscriber, Puller() as holder, Puller() as puller:
        with fails_by(0.05, ZMQTimeoutError, early=False):
            requester.request(b"", timeout=0.05)
        with fails_by(0.05, ZMQTimeoutError, early=False):
            subscriber.wait_subscribed(timeout=0.05)
        endpoint = holder.bind(tcp)
        with ends_within(0.05), pytest.raises(OSError, match="listens there itself"):
            puller.bind(endpoint, timeout=0.05)
        with ends_within(0.05):
            assert poll({puller: Poll.IN}, timeout=0.05) == {}


def test_no_storm_of_signals_ends_a_call_that_does_not_wait(storm: Alarm) -> None:
    began = storm.count
    for number in range(200):
        context = Context()
        with Puller(context=context) as puller, Pusher(context=context) as pusher:
            endpoint = puller.bind(f"inproc://{number}" if number % 2 else "tcp://127.0.0.1:*", timeout=PATIENCE)
            pusher.connect(endpoint, timeout=PATIENCE)
            assert pusher.stats.peers == 1
            pusher.send(b"x", timeout=PATIENCE)
            assert puller.recv(timeout=PATIENCE) == b"x"
            pusher.disconnect(endpoint)
            puller.unbind(endpoint)
        context.close(linger=0)
    assert storm.count > began


def test_requests_of_threads_are_made_once_whatever_signals_come(tcp: str, alarm: Alarm) -> None:
    executed: list[bytes] = []
    wanted = [b"%d" % number for number in range(60)]
    with Requester() as requester, Replier() as server:
        requester.connect(server.bind(tcp), timeout=PATIENCE)

        def serve() -> None:
            for _ in wanted:
                executed.append(server.recv(timeout=PATIENCE))
                # So that requests are waited for when a signal comes.
                count = alarm.count
                while alarm.count == count:
                    pass
                server.send(executed[-1], timeout=PATIENCE)

        def ask(messages: list[bytes]) -> None:
            for message in messages:
                assert requester.request(message, timeout=PATIENCE) == message

        threads = [threading.Thread(target=serve), threading.Thread(target=ask, args=(wanted[::2],))]
        for thread in threads:
            thread.start()
        ask(wanted[1::2])
        for thread in threads:
            thread.join()
        assert requester.stats.messages_sent == len(wanted)
    assert sorted(executed) == sorted(wanted)


def during(call: Callable[[], object], handler: Callable[[], object]) -> None:
    """Has a signal's handler do something while a call waits."""
    former = signal.signal(signal.SIGALRM, lambda *_: handler())
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def test_handler_may_use_the_socket_that_waits(tcp: str) -> None:
    with Replier() as server, Requester() as requester:
        requester.connect(server.bind(tcp), timeout=PATIENCE)
        with pytest.raises(ZMQCanceledError):
            during(lambda: requester.request(b"once", timeout=PATIENCE), requester.cancel)
        assert server.recv(timeout=PATIENCE) == b"once"
        server.send(b"", timeout=PATIENCE)
        with pytest.raises(ZMQTimeoutError):
            server.recv(timeout=0)

        def ask_again() -> None:
            with fails_by(0.01, ZMQTimeoutError, early=False):
                requester.request(b"inner", timeout=0.01)

        with pytest.raises(ZMQTimeoutError):
            during(lambda: requester.request(b"outer", timeout=0.1), ask_again)
        assert server.recv(timeout=PATIENCE) == b"outer"
    with Puller() as puller:
        with pytest.raises(ZMQCanceledError):
            during(lambda: puller.recv(timeout=PATIENCE), puller.cancel)
        with pytest.raises(ZMQClosedError):
            during(lambda: puller.recv(timeout=PATIENCE), puller.close)


def test_others_go_on_while_a_handler_runs(tcp: str) -> None:
    """Another thread that waits for messages of the socket gets them."""
    received: list[bytes] = []
    with Puller(prefetch=0) as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        waiting = threading.Event()

        def receive() -> None:
            waiting.set()
            received.append(puller.recv(timeout=PATIENCE))

        thread = threading.Thread(target=receive)

        def hand_over() -> None:
            thread.start()
            waiting.wait()
            pusher.send(b"for the thread", timeout=PATIENCE)
            thread.join()

        with pytest.raises(ZMQTimeoutError):
            during(lambda: puller.recv(timeout=0.1), hand_over)
        assert received == [b"for the thread"]


def test_signals_do_not_lengthen_a_request(alarm: Alarm) -> None:
    with Requester() as requester:
        for _ in range(5):
            with fails_by(0.05, ZMQTimeoutError, early=False):
                requester.request(b"", timeout=0.05)
        assert requester.stats.timeouts == 5
    assert alarm.count > 5


def test_what_a_handler_raises_ends_the_wait() -> None:
    class AlarmRangError(Exception):
        pass

    def ring(number: int, frame: FrameType | None) -> None:
        raise AlarmRangError

    former = signal.signal(signal.SIGALRM, ring)
    try:
        with Puller() as puller:
            signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
            with ends_within(1), pytest.raises(AlarmRangError):
                puller.recv(timeout=PATIENCE)
            signal.setitimer(signal.ITIMER_REAL, 0)
            with pytest.raises(ZMQTimeoutError):
                puller.recv(timeout=0.01)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
