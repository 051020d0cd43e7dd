# SPDX-License-Identifier: Apache-2.0
"""Sockets end when they should, whoever ends them, and nothing hangs."""

import _thread
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from event_reader import PATIENCE
from experimance_zmq import (
    Context,
    Jitter,
    Publisher,
    Puller,
    Pusher,
    RetryPolicy,
    Socket,
    SocketType,
    ZMQCanceledError,
    ZMQClosedError,
)
from limits import ends_within
from peer_process import PeerProcess
from reserved_port import ReservedPort

RunCode = Callable[[str], PeerProcess]

# Waits of one socket, which nobody ends but cancel and close. {silent} accepts and says nothing.
WAITS: dict[str, tuple[SocketType, Callable[[Socket, str], object]]] = {
    "recv": (SocketType.PULL, lambda socket, silent: socket.recv(timeout=PATIENCE)),
    "recv_parts": (SocketType.SUB, lambda socket, silent: socket.recv_parts(timeout=PATIENCE)),
    "send": (SocketType.PUSH, lambda socket, silent: socket.send(b"", timeout=PATIENCE)),
    "send_parts": (SocketType.PUSH, lambda socket, silent: socket.send_parts([b"", b""], timeout=PATIENCE)),
    "connect": (SocketType.PULL, lambda socket, silent: socket.connect(silent, timeout=PATIENCE)),
    "bind": (SocketType.PULL, lambda socket, silent: socket.bind(silent, timeout=PATIENCE)),
    "wait_peers": (SocketType.PULL, lambda socket, silent: socket.wait_peers(timeout=PATIENCE)),
    "wait_subscribers": (SocketType.PUB, lambda socket, silent: socket.wait_subscribers("", timeout=PATIENCE)),
    "wait_subscribed": (SocketType.SUB, lambda socket, silent: socket.wait_subscribed(timeout=PATIENCE)),
}
ENDLESS = RetryPolicy(max_attempts=0, initial_backoff=10, jitter=Jitter.NONE)


@pytest.mark.parametrize("wait", WAITS)
def test_cancel_ends_a_wait_and_the_socket_stays_usable(wait: str, misbehaving_peer: Callable[[str], str]) -> None:
    silent = misbehaving_peer("silent")
    socket_type, call = WAITS[wait]
    with Socket(socket_type, retry=ENDLESS) as socket, ThreadPoolExecutor() as executor, ends_within(5):
        waiting = executor.submit(call, socket, silent)
        # Only a wait that has begun is ended; when it has can not be seen from here.
        while not waiting.done():
            socket.cancel()
        with pytest.raises(ZMQCanceledError):
            waiting.result()
        assert socket.bind("tcp://127.0.0.1:*")


def test_cancel_ends_a_wait_for_events() -> None:
    with Puller() as puller, ThreadPoolExecutor() as executor, ends_within(5):
        waiting = executor.submit(puller.next_event, timeout=PATIENCE)
        while not waiting.done():
            puller.cancel()
        with pytest.raises(ZMQCanceledError):
            waiting.result()


@pytest.mark.parametrize("wait", WAITS)
def test_close_ends_a_wait(wait: str, misbehaving_peer: Callable[[str], str]) -> None:
    silent = misbehaving_peer("silent")
    socket_type, call = WAITS[wait]
    with ThreadPoolExecutor() as executor, ends_within(5):
        socket = Socket(socket_type, retry=ENDLESS)
        waiting = [executor.submit(call, socket, silent) for _ in range(2)]
        socket.close()
        for wait_ in waiting:
            with pytest.raises(ZMQClosedError):
                wait_.result()


def test_context_closes_its_sockets(tcp: str) -> None:
    with ThreadPoolExecutor() as executor, Context() as context, ends_within(5):
        puller, other = Puller(context=context), Pusher()
        waiting = executor.submit(puller.recv, timeout=PATIENCE)
        context.close()
        with pytest.raises(ZMQClosedError):
            waiting.result()
        assert puller.closed
        assert not other.closed
        other.close()
        context.close()
        with pytest.raises(ZMQClosedError):
            Puller(context=context)


def test_inproc_endpoints_belong_to_a_context() -> None:
    with Context() as context, Puller(context=context) as puller:
        puller.bind("inproc://here")
        with Pusher(context=context) as pusher:
            pusher.connect("inproc://here")
            pusher.send(b"within")
            assert puller.recv(timeout=PATIENCE) == b"within"
        with Pusher() as stranger, pytest.raises(ConnectionRefusedError):
            stranger.connect("inproc://here", timeout=0.05)


def test_port_is_free_after_close(reserved_port: ReservedPort) -> None:
    for _ in range(50):
        with Publisher(retry=RetryPolicy(max_attempts=1)) as publisher:
            publisher.bind(reserved_port.endpoint)


@pytest.mark.zmq_leak_check(False)
def test_forgotten_socket_is_closed_with_a_warning(reserved_port: ReservedPort) -> None:
    puller = Puller()
    endpoint = puller.bind(reserved_port.endpoint)
    with pytest.warns(ResourceWarning, match=f"unclosed <Puller {endpoint} listening>, opened at {__file__}:"):
        del puller
        gc.collect()
    # That happens in the background.
    with Puller() as other:
        assert other.bind(endpoint, timeout=PATIENCE) == endpoint


# More than the queues of a slow receiver and of the kernel hold.
NUMBERS = range(300)
PADDING = 100_000


def receive_numbers(puller: Puller) -> list[int]:
    return [int(puller.recv(timeout=PATIENCE).lstrip(b"-")) for _ in NUMBERS]


@pytest.mark.zmq_leak_check(False)
def test_forgotten_socket_still_sends_what_it_has(tcp: str) -> None:
    with Puller(receive_hwm=1) as puller:
        pusher = Pusher(linger=PATIENCE, send_hwm=0)
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        for number in NUMBERS:
            pusher.send(str(number).rjust(PADDING, "-").encode(), timeout=PATIENCE)
        with pytest.warns(ResourceWarning):
            del pusher
            gc.collect()
        # Nobody has received yet, so whoever waited for the linger would not come here before its end.
        assert receive_numbers(puller) == list(NUMBERS)


@pytest.mark.zmq_leak_check(False)
def test_forgotten_socket_is_closed_where_there_are_no_threads(tcp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def start_new_thread(*_: object) -> None:
        raise RuntimeError("can't start new thread")

    puller = Puller()
    endpoint = puller.bind(tcp)
    monkeypatch.setattr(_thread, "start_new_thread", start_new_thread)
    with pytest.warns(ResourceWarning):
        del puller
        gc.collect()
    with Puller(retry=RetryPolicy(max_attempts=1)) as other:
        assert other.bind(endpoint) == endpoint


@pytest.mark.zmq_leak_check(False)
def test_forgotten_socket_in_a_cycle_is_closed() -> None:
    puller = Puller()
    puller.myself = puller  # type: ignore[attr-defined]
    with pytest.warns(ResourceWarning, match="unclosed <Puller idle>"):
        del puller
        gc.collect()


def test_closed_and_unopened_sockets_warn_of_nothing() -> None:
    puller = Puller()
    puller.close()
    del puller
    with pytest.raises(TypeError):
        Puller(nonsense=1)  # type: ignore[call-arg]
    gc.collect()


# The interpreter ends while sockets are open.

OPEN_AT_EXIT = {
    "idle": "puller = Puller()",
    "bound": "puller = Puller(); puller.bind('tcp://127.0.0.1:*')",
    "connecting": "puller = Puller(); puller.connect({refusing!r}, background=True)",
    "in a cycle": "puller = Puller(); puller.myself = puller",
    "of a context": "context = Context(); puller = Puller(context=context)",
    "a thread waits": """
puller = Puller()
thread = threading.Thread(target=lambda: list(puller), daemon=True)
thread.start()
""",
    "threads wait for events and the log talks": """
logging.basicConfig(level=logging.DEBUG, stream=open(os.devnull, "w"))
set_log_level(logging.DEBUG)
policy = RetryPolicy(initial_backoff=0.001, max_backoff=0.001)
for _ in range(5):
    puller = Puller(retry=policy)
    puller.connect({refusing!r}, background=True)
    threading.Thread(target=list, args=[puller.events], daemon=True).start()
""",
    "forgotten": "Puller(linger=30).bind('tcp://127.0.0.1:*')",
    "sys.exit": "puller = Puller(); puller.bind('tcp://127.0.0.1:*'); sys.exit(0)",
}


@pytest.mark.parametrize("case", OPEN_AT_EXIT)
def test_interpreter_ends_with_open_sockets(case: str, run_code: RunCode, reserved_port: ReservedPort) -> None:
    lines = OPEN_AT_EXIT[case].format(refusing=reserved_port.endpoint)
    program = run_code(
        f"import logging, os, sys, threading\nfrom experimance_zmq import *\nprint('started', flush=True)\n{lines}"
    )
    assert program.line() == "started"
    with ends_within(2):
        assert program.wait() == 0


FORGETS = {
    "open": "",
    "forgotten": "del pusher",
    "forgotten with its face for asyncio": "face = aio.Pusher._sharing(pusher); del pusher, face",
}


@pytest.mark.parametrize("last", FORGETS.values(), ids=FORGETS)
def test_interpreter_ends_and_what_was_sent_arrives(last: str, tcp: str, run_code: RunCode) -> None:
    with Puller(receive_hwm=1) as puller:
        endpoint = puller.bind(tcp)
        program = run_code(f"""
from experimance_zmq import Pusher, aio
pusher = Pusher(linger=30)
pusher.connect({endpoint!r}, timeout=30)
for number in {NUMBERS!r}:
    pusher.send(str(number).rjust({PADDING}, "-").encode(), timeout=30)
{last}
print("sent", flush=True)
""")
        assert program.line() == "sent"
        assert receive_numbers(puller) == list(NUMBERS)
        assert program.wait() == 0


INTERRUPTED = """
closing = False
def interrupt(*_):
    if closing:
        raise KeyboardInterrupt
signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
closing = True
try:
    {close}
    print("closed", flush=True)
except KeyboardInterrupt:
    closing = False
    signal.setitimer(signal.ITIMER_REAL, 0)
    print("broken off", flush=True)
"""
BREAKS_OFF = {
    "a signal": INTERRUPTED.format(close="pusher.close()"),
    "a signal, and closed again": INTERRUPTED.format(close="pusher.close()") + "pusher.close()",
    "a task that is cancelled": """
async def close():
    closing = asyncio.create_task(aio.Pusher._sharing(pusher).close())
    while not pusher.closed:
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    print("broken off" if closing.cancelled() else "closed", flush=True)
asyncio.run(close())
""",
    "a task that is cancelled, and the socket is collected": """
async def close():
    socket = aio.Pusher._sharing(pusher)
    del globals()["pusher"]
    closing = asyncio.create_task(socket.close())
    while not socket.closed:
        await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([closing])
    print("broken off" if closing.cancelled() else "closed", flush=True)
asyncio.run(close())
""",
    "the end of the interpreter": """
threading.Thread(target=pusher.close, daemon=True).start()
while not pusher.closed:
    pass
print("broken off", flush=True)
""",
}


@pytest.mark.parametrize("breaks_off", BREAKS_OFF.values(), ids=BREAKS_OFF)
def test_what_was_sent_arrives_after_a_close_that_is_broken_off(breaks_off: str, tcp: str, run_code: RunCode) -> None:
    with Puller(receive_hwm=1) as puller:
        endpoint = puller.bind(tcp)
        program = run_code(f"""
import asyncio, signal, threading
from experimance_zmq import Pusher, aio
pusher = Pusher(linger=30)
pusher.connect({endpoint!r}, timeout=30)
for number in {NUMBERS!r}:
    pusher.send(str(number).rjust({PADDING}, "-").encode(), timeout=30)
{breaks_off}
""")
        assert program.line() == "broken off"
        # libzmq may lose its last portion of 8 KiB to a slow peer, once nobody waits for the kernel to have room.
        assert [int(puller.recv(timeout=PATIENCE).lstrip(b"-")) for _ in NUMBERS[:-1]] == list(NUMBERS[:-1])
        with ends_within(2):
            assert program.wait() == 0


def test_interpreter_does_not_wait_longer_than_the_linger(tcp: str, run_code: RunCode) -> None:
    """Ten sockets whose peer does not read: their lingers run at the same time."""
    with Puller(receive_hwm=1, receive_buffer=4096) as puller:
        endpoint = puller.bind(tcp)
        program = run_code(f"""
from experimance_zmq import Pusher
pushers = [Pusher(linger=1.5, send_buffer=4096) for _ in range(10)]
for pusher in pushers:
    pusher.connect({endpoint!r}, timeout=30)
    try:
        while True:
            pusher.send(bytes(65536), timeout=0.05)
    except TimeoutError:
        pass
print("full", flush=True)
""")
        assert program.line() == "full"
        with ends_within(1.5):
            assert program.wait() == 0


def test_many_sockets_leave_nothing_behind(run_code: RunCode) -> None:
    program = run_code("""
import os, time
from experimance_zmq import *

def resources():
    return len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))

def round_trip():
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=30)
        pusher.send(b"x")
        puller.recv(timeout=30)

def has_grown():
    return any(now > then for now, then in zip(resources(), once))

round_trip()
once = resources()
for _ in range(300):
    round_trip()
end = time.monotonic() + 10
while has_grown() and time.monotonic() < end:
    pass
print((once, resources()) if has_grown() else "no growth", flush=True)
""")
    assert program.line() == "no growth"
