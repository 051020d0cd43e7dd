# SPDX-License-Identifier: Apache-2.0
"""libzmq's options by their numbers, and the descriptor for loops of others."""

import asyncio
import itertools
import select
from collections.abc import Callable
from typing import Any

import pytest
import zmq

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import (
    BaseSocket,
    Context,
    Publisher,
    Puller,
    Pusher,
    Socket,
    SocketType,
    Subscriber,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQSecurityError,
    ZMQStateError,
    aio,
)
from peer_process import PeerProcess

_numbers = itertools.count()


@pytest.fixture(params=["blocking", "aio"])
def puller(request: pytest.FixtureRequest) -> Any:
    """A socket of either kind, which is closed by the one that blocks."""
    with BaseSocket(SocketType.PULL) as socket:
        yield socket if request.param == "blocking" else aio.BaseSocket._sharing(socket)


def test_numbers_are_set_and_read(puller: BaseSocket) -> None:
    for option, value in ((zmq.TOS, 16), (zmq.TCP_KEEPALIVE_IDLE, -1), (zmq.MULTICAST_HOPS, 3)):
        puller.set_option(option, value)
        assert puller.get_option(option) == value
    assert puller.get_option(zmq.TYPE) == SocketType.PULL


def test_number_of_64_bits_is_whole(puller: BaseSocket) -> None:
    puller.set_option(zmq.MAXMSGSIZE, 2**40)
    assert puller.get_option(zmq.MAXMSGSIZE) == 2**40


def test_bytes_are_set_and_read(puller: BaseSocket) -> None:
    assert puller.get_option_bytes(zmq.ROUTING_ID) == b""
    for identity in (b"me", b"with\0NUL", b"\xff" * 255):
        puller.set_option(zmq.ROUTING_ID, identity)
        assert puller.get_option_bytes(zmq.ROUTING_ID) == identity


def test_bytes_that_lie_of_their_length_are_set_as_they_are(puller: BaseSocket) -> None:
    class Liar(bytes):
        def __len__(self) -> int:
            return 200

    puller.set_option(zmq.ROUTING_ID, Liar(b"me"))
    assert puller.get_option_bytes(zmq.ROUTING_ID) == b"me"


def test_text_comes_with_its_nul(puller: BaseSocket) -> None:
    puller.set_option(zmq.PLAIN_USERNAME, b"u" * 200)
    assert puller.get_option_bytes(zmq.PLAIN_USERNAME) == b"u" * 200 + b"\0"


def test_long_value_is_whole(tcp: str) -> None:
    with Puller() as puller:
        endpoint = f"inproc://{'x' * 247}"
        assert len(endpoint) == 256
        puller.bind(endpoint)
        assert puller.get_option_bytes(zmq.LAST_ENDPOINT) == endpoint.encode() + b"\0"


@pytest.mark.skipif(not zmq.has("curve"), reason="libzmq has no CURVE")
def test_curve_encrypts_a_link(tcp: str) -> None:
    (server_public, server_secret), (public, secret) = zmq.curve_keypair(), zmq.curve_keypair()
    # A context of its own: one that has had an authenticator is asked about each key.
    with Context() as context, Puller(context=context) as puller, Pusher() as pusher, Pusher() as stranger:
        puller.set_option(zmq.ZAP_ENFORCE_DOMAIN, 0)  # else nobody comes in without an authenticator
        puller.set_option(zmq.CURVE_SERVER, 1)
        puller.set_option(zmq.CURVE_SECRETKEY, server_secret)
        pusher.set_option(zmq.CURVE_SERVERKEY, server_public)
        pusher.set_option(zmq.CURVE_PUBLICKEY, public)
        pusher.set_option(zmq.CURVE_SECRETKEY, secret)
        endpoint = puller.bind(tcp)
        pusher.connect(endpoint, timeout=PATIENCE)
        pusher.send(b"secret")
        assert puller.recv(timeout=PATIENCE) == b"secret"
        with pytest.raises(ZMQSecurityError):
            stranger.connect(endpoint, timeout=PATIENCE)


@pytest.mark.skipif(not zmq.has("curve"), reason="libzmq has no CURVE")
def test_key_is_its_32_bytes(puller: BaseSocket) -> None:
    key = bytes(range(1, 33))
    puller.set_option(zmq.CURVE_SERVERKEY, key)
    assert puller.get_option_bytes(zmq.CURVE_SERVERKEY) == key


REFUSED: list[tuple[int, Any, type[Exception]]] = [
    (zmq.RCVTIMEO, 1, ZMQNotSupportedError),
    (zmq.RECONNECT_IVL, 1, ZMQNotSupportedError),
    (zmq.IMMEDIATE, 1, ZMQNotSupportedError),
    (zmq.TOS, 256, ZMQInvalidError),
    (zmq.TOS, 2**31, ZMQInvalidError),
    (zmq.TOS, 2**64 + 1, ZMQInvalidError),
    (zmq.LINGER, -1, ZMQInvalidError),
    (zmq.LINGER, b"1", ZMQInvalidError),
    (zmq.ROUTING_ID, 5, ZMQInvalidError),
    (zmq.ROUTING_ID, b"\0", ZMQInvalidError),
    (9999, 1, ZMQInvalidError),
    (-1, 1, ZMQInvalidError),
    (2**32 + zmq.TOS, 1, ZMQInvalidError),
    (zmq.TOS, "1", TypeError),
    (zmq.TOS, 1.0, TypeError),
    (zmq.TOS, None, TypeError),
]


@pytest.mark.parametrize(("option", "value", "error"), REFUSED)
def test_what_makes_no_sense_is_refused(option: int, value: Any, error: type[Exception], puller: BaseSocket) -> None:
    with pytest.raises(error):
        puller.set_option(option, value)


def test_high_water_mark_can_be_too_late(puller: BaseSocket) -> None:
    puller.set_option(zmq.RCVHWM, 5)
    assert puller.get_option(zmq.RCVHWM) == 5
    with Puller() as used:
        used.bind(f"inproc://too-late-{next(_numbers)}")
        with pytest.raises(ZMQStateError):
            used.set_option(zmq.RCVHWM, 5)


@pytest.mark.parametrize("option", [zmq.FD, zmq.RCVMORE])
def test_what_is_not_to_be_read(option: int, puller: BaseSocket) -> None:
    with pytest.raises(ZMQNotSupportedError):
        puller.get_option(option)


def test_kinds_of_options_are_not_confused(puller: BaseSocket) -> None:
    with pytest.raises(ZMQInvalidError):
        puller.get_option(zmq.LAST_ENDPOINT)
    with pytest.raises(ZMQInvalidError):
        puller.get_option_bytes(9999)


def test_binary_topic_can_be_subscribed_to(tcp: str) -> None:
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.set_option(zmq.SUBSCRIBE, b"a\xff")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        topic = b"a\xff\xfe".decode("utf-8", "surrogateescape")
        publisher.wait_subscribers(topic, timeout=PATIENCE)
        publisher.publish(topic, b"payload")
        assert subscriber.recv(timeout=PATIENCE) == (topic, b"payload")


def test_linger_set_by_number_holds_when_the_interpreter_ends(tcp: str, run_code: Callable[[str], PeerProcess]) -> None:
    """The peer reads nothing before the program is at its end, and far too little fits into the system's buffers."""
    with Puller(receive_hwm=1, receive_buffer=4096) as puller:
        program = run_code(f"""
from experimance_zmq import Pusher
pusher = Pusher(linger=0, send_buffer=4096)
pusher.set_option(17, 30_000)
pusher.connect({puller.bind(tcp)!r}, timeout=30)
for number in range(100):
    pusher.send(bytes(65536), timeout=30)
print("sent", flush=True)
""")
        assert program.line() == "sent"
        for _ in range(100):
            assert len(puller.recv(timeout=PATIENCE)) == 65536
        assert program.wait() == 0


# The descriptor


def test_descriptor_is_readable_while_there_is_a_message(tcp: str) -> None:
    with Puller(prefetch=0) as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        assert select.select([puller], [], [], 0) == ([], [], [])
        pusher.send_many([b"1", b"2"])
        for expected in (b"1", b"2"):
            assert select.select([puller], [], [], PATIENCE) == ([puller], [], [])
            assert puller.recv(timeout=PATIENCE) == expected
        assert select.select([puller], [], [], 0) == ([], [], [])
        assert puller.fileno() == puller.fileno()


def test_descriptor_does_not_see_what_was_received_ahead(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        pusher.send_many([b"1", b"2", b"3"])
        received: list[bytes] = []
        while len(received) < 3:
            assert select.select([puller], [], [], PATIENCE)[0]
            while True:
                try:
                    received.append(puller.recv(timeout=0))
                except TimeoutError:
                    break
        assert received == [b"1", b"2", b"3"]


@both_loops
async def test_descriptor_works_in_a_loop_of_others(tcp: str) -> None:
    with Puller(prefetch=0) as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(puller.fileno(), readable.set)
        try:
            pusher.send(b"x")
            await asyncio.wait_for(readable.wait(), PATIENCE)
            assert puller.recv(timeout=0) == b"x"
        finally:
            loop.remove_reader(puller.fileno())


def test_what_receives_nothing_has_no_descriptor() -> None:
    for socket_type in (SocketType.PUB, SocketType.PUSH):
        with Socket(socket_type) as socket, pytest.raises(ZMQNotSupportedError):
            socket.fileno()


def test_descriptor_for_sending_is_readable_while_there_is_room(tcp: str) -> None:
    with Puller(prefetch=0, receive_hwm=1) as puller, Pusher(send_hwm=1) as pusher:
        room = pusher.send_fileno()
        assert select.select([room], [], [], 0) == ([], [], [])
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        assert select.select([room], [], [], PATIENCE) == ([room], [], [])
        sent = 0
        with pytest.raises(TimeoutError):
            while True:
                pusher.send(bytes(100_000), timeout=0)
                sent += 1
        for _ in range(sent):
            puller.recv(timeout=PATIENCE)
        assert select.select([room], [], [], PATIENCE) == ([room], [], [])
        assert pusher.send_fileno() == room


def test_what_sends_nothing_has_no_descriptor_for_sending() -> None:
    for socket_type in (SocketType.SUB, SocketType.PULL):
        with Socket(socket_type) as socket, pytest.raises(ZMQNotSupportedError):
            socket.send_fileno()
