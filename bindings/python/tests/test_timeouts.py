# SPDX-License-Identifier: Apache-2.0
"""Every call that takes a time-out: it ends with the right error, never early, within its deadline."""

from collections.abc import Callable, Iterator

import pytest

from experimance_zmq import (
    OnFull,
    Publisher,
    Puller,
    Pusher,
    RetryPolicy,
    Socket,
    SocketType,
    Subscriber,
    ZMQAddressInUseError,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQPeerLostError,
    ZMQProtocolError,
    ZMQRefusedError,
    ZMQResolveError,
    ZMQSecurityError,
    ZMQSocketError,
    ZMQTimeoutError,
    retry,
)
from limits import ends_within, fails_by
from reserved_port import ReservedPort

Wait = Callable[[float | None], object]


@pytest.fixture(scope="module")
def full_publisher() -> Iterator[Publisher]:
    """A publisher that waits for a subscriber which does not read and whose queues are full."""
    with (
        Publisher(on_full=OnFull.WAIT, send_hwm=1, send_buffer=4096) as publisher,
        Subscriber(receive_hwm=1, receive_buffer=4096) as subscriber,
    ):
        subscriber.subscribe("")
        subscriber.connect(publisher.bind("tcp://127.0.0.1:*"), timeout=30)
        publisher.wait_subscribers("", timeout=30)
        with pytest.raises(ZMQTimeoutError):
            while True:
                publisher.publish("", bytes(65536), timeout=0.2)
        yield publisher


@pytest.fixture(scope="module")
def sockets(full_publisher: Publisher) -> Iterator[dict[str, Wait]]:
    """Every call that waits, so that it waits in vain; with the time-out as its argument."""
    with (
        Publisher() as publisher,
        Subscriber() as subscriber,
        Pusher() as pusher,
        Puller() as puller,
        Socket(SocketType.DEALER) as dealer,
    ):
        publisher.bind("tcp://127.0.0.1:*")
        while publisher.next_event(timeout=30).endpoint != publisher.endpoint:
            pass
        yield {
            "recv": lambda timeout: puller.recv(timeout=timeout),
            "recv_json": lambda timeout: puller.recv_json(timeout=timeout),
            "recv of a subscriber": lambda timeout: subscriber.recv(timeout=timeout),
            "recv_json of a subscriber": lambda timeout: subscriber.recv_json(timeout=timeout),
            "recv_parts": lambda timeout: dealer.recv_parts(timeout=timeout),
            "send": lambda timeout: pusher.send(b"", timeout=timeout),
            "send_json": lambda timeout: pusher.send_json(1, timeout=timeout),
            "send_parts": lambda timeout: dealer.send_parts([b"", b""], timeout=timeout),
            "publish": lambda timeout: full_publisher.publish("", bytes(65536), timeout=timeout),
            "publish_json": lambda timeout: full_publisher.publish_json("", "x" * 65536, timeout=timeout),
            "wait_peers": lambda timeout: subscriber.wait_peers(timeout=timeout),
            "wait_subscribers": lambda timeout: publisher.wait_subscribers("topic", timeout=timeout),
            "wait_subscribed": lambda timeout: subscriber.wait_subscribed(timeout=timeout),
            "next_event": lambda timeout: publisher.next_event(timeout=timeout),
        }


WAITS = [
    "recv",
    "recv_json",
    "recv of a subscriber",
    "recv_json of a subscriber",
    "recv_parts",
    "send",
    "send_json",
    "send_parts",
    "publish",
    "publish_json",
    "wait_peers",
    "wait_subscribers",
    "wait_subscribed",
    "next_event",
]


@pytest.mark.parametrize("timeout", [0, 0.001, 0.0203, 0.1])
@pytest.mark.parametrize("name", WAITS)
def test_wait_ends_with_its_deadline(name: str, timeout: float, sockets: dict[str, Wait]) -> None:
    with fails_by(timeout, ZMQTimeoutError, early=False) as caught:
        sockets[name](timeout)
    assert isinstance(caught.value, TimeoutError)


@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan"), float("inf"), -float("inf"), 2147483.648, 10**400])
@pytest.mark.parametrize("name", WAITS)
def test_senseless_timeout_is_refused(name: str, timeout: float, sockets: dict[str, Wait]) -> None:
    with pytest.raises(ZMQInvalidError, match="timeout is") as caught:
        sockets[name](timeout)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", WAITS)
def test_timeout_of_another_type_is_refused(name: str, sockets: dict[str, Wait]) -> None:
    with pytest.raises(TypeError, match="timeout must be a number of seconds, not str"):
        sockets[name]("1")  # type: ignore[arg-type]


def test_default_timeout_is_the_socket_s() -> None:
    with Puller(default_timeout=0.15) as puller, fails_by(0.15, ZMQTimeoutError, early=False):
        puller.recv()


def test_default_timeout_is_one_second() -> None:
    with Puller() as puller, fails_by(1.0, ZMQTimeoutError, early=False):
        puller.recv()


def test_bind_ends_with_its_deadline(tcp: str) -> None:
    endless = RetryPolicy(max_attempts=0, initial_backoff=0.01, max_backoff=0.02)
    with Publisher() as holder, Publisher(retry=endless) as publisher:
        endpoint = holder.bind(tcp)
        with fails_by(0.2, ZMQAddressInUseError, early=False) as caught:
            publisher.bind(endpoint, timeout=0.2)
    assert caught.value.attempts > 1


def test_bind_with_no_time_tries_once(tcp: str) -> None:
    with Publisher() as holder, Publisher() as publisher:
        endpoint = holder.bind(tcp)
        with fails_by(0, ZMQAddressInUseError) as caught:
            publisher.bind(endpoint, timeout=0)
        assert caught.value.attempts == 1
        assert publisher.bind(tcp, timeout=0).startswith("tcp://127.0.0.1:")


def test_retry_ends_with_its_deadline() -> None:
    def refuse() -> None:
        raise ZMQRefusedError

    endless = RetryPolicy(max_attempts=0, initial_backoff=0.01, max_backoff=0.02)
    with fails_by(0.2, ZMQTimeoutError, early=False):
        retry(refuse, policy=endless, timeout=0.2)


@pytest.mark.parametrize("linger", [0, 0.2])
def test_close_ends_with_its_linger(linger: float, misbehaving_peer: Callable[[str], str]) -> None:
    puller = Puller()
    pusher = Pusher()
    pusher.connect(puller.bind("tcp://127.0.0.1:*"))
    while pusher.stats.sends_refused == 0:
        try:
            pusher.send(bytes(65536), timeout=0)
        except ZMQTimeoutError:
            break
    with ends_within(linger):
        pusher.close(linger=linger)
    puller.close(linger=0)


# What a verified connect answers to peers that misbehave. TIMEOUT is for those who say nothing until the end.

BAD_PEERS: dict[str, type[ZMQSocketError]] = {
    "refuses": ZMQRefusedError,
    "closes": ZMQPeerLostError,
    "resets": ZMQPeerLostError,
    "silent": ZMQTimeoutError,
    "drops": ZMQTimeoutError,
    "http": ZMQProtocolError,
    "http-after-line": ZMQProtocolError,
    "zmtp1": ZMQProtocolError,
    "zmtp2": ZMQProtocolError,
    "curve": ZMQSecurityError,
    "garbage": ZMQProtocolError,
    "stops-after-greeting": ZMQTimeoutError,
}


@pytest.mark.parametrize("role", [Subscriber, Pusher], ids=lambda role: role.__name__)
@pytest.mark.parametrize("manner", BAD_PEERS)
def test_connect_to_a_bad_peer(
    manner: str, role: type[Subscriber | Pusher], misbehaving_peer: Callable[[str], str]
) -> None:
    expected = BAD_PEERS[manner]
    # Whoever says nothing takes all the time there is; for the others there is more than enough.
    timeout = 0.5 if expected is ZMQTimeoutError else 10.0
    endpoint = misbehaving_peer(manner)
    with role(retry=RetryPolicy(max_attempts=2, initial_backoff=0.01)) as socket:
        with fails_by(timeout, expected, early=expected is not ZMQTimeoutError) as caught:
            socket.connect(endpoint, timeout=timeout)
        assert caught.value.endpoint == endpoint
        if expected is not ZMQTimeoutError:
            assert caught.value.attempts == (2 if expected in (ZMQRefusedError, ZMQPeerLostError) else 1)
        assert endpoint in str(caught.value)
        assert socket.stats.peers == 0


@pytest.mark.parametrize(("manner", "expected"), [("silent", ZMQTimeoutError), ("drops", ZMQTimeoutError)])
@pytest.mark.parametrize("timeout", [0.05, 0.3])
def test_connect_to_a_silent_peer_is_never_early(
    manner: str, expected: type[ZMQSocketError], timeout: float, misbehaving_peer: Callable[[str], str]
) -> None:
    endpoint = misbehaving_peer(manner)
    with Subscriber() as subscriber, fails_by(timeout, expected, early=False):
        subscriber.connect(endpoint, timeout=timeout)


def test_connect_where_the_ipc_path_is_missing(tmp_path: object) -> None:
    with Subscriber() as subscriber, fails_by(0.3, ZMQRefusedError):
        subscriber.connect(f"ipc://{tmp_path}/nobody", timeout=0.3)


def test_connect_to_a_name_that_does_not_exist() -> None:
    with Subscriber() as subscriber, fails_by(5, ZMQResolveError) as caught:
        subscriber.connect("tcp://no-such-host.invalid:5555", timeout=5)
    assert "no-such-host.invalid" in str(caught.value)


def test_connect_to_a_socket_type_that_does_not_fit(tcp: str) -> None:
    with Puller() as puller, Subscriber() as subscriber:
        endpoint = puller.bind(tcp)
        with fails_by(5, ZMQProtocolError):
            subscriber.connect(endpoint, timeout=5)


def test_connect_by_an_unknown_transport() -> None:
    with Subscriber() as subscriber, fails_by(0, ZMQNotSupportedError):
        subscriber.connect("carrier-pigeon://loft:1", timeout=1)


@pytest.mark.parametrize("manner", BAD_PEERS)
def test_other_calls_wait_in_vain_for_a_bad_peer(manner: str, misbehaving_peer: Callable[[str], str]) -> None:
    """A background connect to a bad peer gives no peer, takes no message and brings none."""
    with Socket(SocketType.DEALER) as dealer:
        dealer.connect(misbehaving_peer(manner), background=True)
        with fails_by(0.05, ZMQTimeoutError, early=False):
            dealer.wait_peers(timeout=0.05)
        with fails_by(0.05, ZMQTimeoutError, early=False):
            dealer.send(b"lost?", timeout=0.05)
        with fails_by(0.05, ZMQTimeoutError, early=False):
            dealer.recv(timeout=0.05)


def test_connect_with_no_time_fails_at_once(reserved_port: ReservedPort) -> None:
    with Subscriber() as subscriber, ends_within(0), pytest.raises((ZMQTimeoutError, ZMQRefusedError)) as caught:
        subscriber.connect(reserved_port.endpoint, timeout=0)
    assert caught.value.attempts == 1
