# SPDX-License-Identifier: Apache-2.0
"""What pyzmq has around sockets, on this library: monitors, authenticators, proxies, devices."""

import struct
import threading

import pytest
import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.devices.basedevice import ThreadDevice
from zmq.devices.monitoredqueue import monitored_queue
from zmq.utils.monitor import recv_monitor_message

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, Socket, bound, new_context, of

# Monitors


def events_until(monitor: Socket, last: int) -> list[tuple[int, bytes]]:
    """Which events come until one of these does, and of which endpoint."""
    found: list[tuple[int, bytes]] = []
    while not found or found[-1][0] != last:
        event = recv_monitor_message(monitor)
        found.append((event["event"], event["endpoint"]))
    return found


@on_backend
def test_a_monitor_tells_what_happens_to_links() -> None:
    server, client = of(zmq.PULL), of(zmq.PUSH)
    accepts, connects = server.get_monitor_socket(), client.get_monitor_socket()
    accepts.RCVTIMEO = connects.RCVTIMEO = PATIENCE_MS
    endpoint = bound(server)
    client.connect(endpoint)
    place = endpoint.encode()
    assert (zmq.EVENT_CONNECTED, place) in events_until(connects, zmq.EVENT_HANDSHAKE_SUCCEEDED)
    seen = events_until(accepts, zmq.EVENT_HANDSHAKE_SUCCEEDED)
    assert [event for event, _ in seen] == [
        zmq.EVENT_LISTENING,
        zmq.EVENT_ACCEPTED,
        zmq.EVENT_HANDSHAKE_SUCCEEDED,
    ]
    server.close()
    assert events_until(accepts, zmq.EVENT_MONITOR_STOPPED)
    assert (zmq.EVENT_DISCONNECTED, place) in events_until(connects, zmq.EVENT_DISCONNECTED)
    client.disable_monitor()
    assert events_until(connects, zmq.EVENT_MONITOR_STOPPED)


@on_backend
def test_a_monitor_tells_only_what_is_asked_for_and_may_be_replaced() -> None:
    server = of(zmq.PULL)
    for name in ("first", "second"):
        listener = of(zmq.PAIR)
        server.monitor(f"inproc://{name}", zmq.EVENT_LISTENING)
        listener.connect(f"inproc://{name}")
        endpoint = bound(server)
        assert events_until(listener, zmq.EVENT_LISTENING) == [(zmq.EVENT_LISTENING, endpoint.encode())]
    with pytest.raises(zmq.ZMQError) as raised:
        server.monitor("tcp://127.0.0.1:*", zmq.EVENT_ALL)
    assert raised.value.errno == zmq.EPROTONOSUPPORT


# Who may come in


@on_backend
def test_curve_without_a_handler_lets_in_who_knows_the_servers_key() -> None:
    server_public, server_secret = zmq.curve_keypair()
    public, secret = zmq.curve_keypair()
    assert zmq.curve_public(secret) == public
    server, client = of(zmq.PULL), of(zmq.PUSH)
    server.CURVE_SERVER, server.CURVE_SECRETKEY = 1, server_secret
    client.CURVE_SERVERKEY, client.CURVE_PUBLICKEY, client.CURVE_SECRETKEY = server_public, public, secret
    client.connect(bound(server))
    client.send(b"secret")
    assert server.recv() == b"secret"


@on_backend
def test_an_authenticator_of_pyzmqs_says_who_may_come_in() -> None:
    authenticator = ThreadAuthenticator()
    authenticator.start()
    authenticator.configure_plain(domain="*", passwords={"admin": "right"})
    server = of(zmq.PULL)
    server.PLAIN_SERVER = 1
    endpoint = bound(server)
    stranger = of(zmq.PUSH)
    stranger.PLAIN_USERNAME, stranger.PLAIN_PASSWORD = b"admin", b"wrong"
    monitor = stranger.get_monitor_socket()
    monitor.RCVTIMEO = PATIENCE_MS
    stranger.connect(endpoint)
    assert events_until(monitor, zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    friend = of(zmq.PUSH)
    friend.PLAIN_USERNAME, friend.PLAIN_PASSWORD = b"admin", b"right"
    friend.connect(endpoint)
    friend.send(b"from a friend")
    frame = server.recv(copy=False)
    assert (frame.bytes, frame["User-Id"]) == (b"from a friend", "admin")
    # Of sockets without a domain libzmq asks nobody.
    authenticator.deny("127.0.0.1")
    plain, other = of(zmq.PULL), of(zmq.PUSH)
    other.connect(bound(plain))
    other.send(b"unasked")
    assert plain.recv() == b"unasked"
    authenticator.stop()
    last, newer = of(zmq.PULL), of(zmq.PUSH)
    newer.connect(bound(last))
    newer.send(b"without a handler")
    assert last.recv() == b"without a handler"


@on_backend
def test_a_handler_that_is_a_router_is_asked_by_the_domains_that_the_program_has_set() -> None:
    handler = of(zmq.ROUTER)
    handler.bind("inproc://zeromq.zap.01")
    unasked, named = of(zmq.PULL), of(zmq.PULL)
    named.ZAP_DOMAIN = b"home"
    assert named.getsockopt(zmq.ZAP_DOMAIN) == b"home"
    assert unasked.getsockopt(zmq.ZAP_DOMAIN) == b""
    senders = of(zmq.PUSH), of(zmq.PUSH)
    for sender, receiver in zip(senders, (unasked, named), strict=True):
        sender.connect(bound(receiver))
    question = handler.recv_multipart()
    assert question[4:] == [b"home", b"127.0.0.1", b"", b"NULL"]
    handler.send_multipart([*question[:4], b"200", b"OK", b"me", b"\4Room\0\0\0\7kitchen"])
    for sender in senders:
        sender.send(b"in")
    assert unasked.recv() == b"in"
    frame = named.recv(copy=False)
    assert (frame.bytes, frame["User-Id"], frame["Room"]) == (b"in", "me", "kitchen")
    assert handler.poll(0) == 0


# Proxies


@on_backend
def test_a_device_forwards_until_its_context_ends() -> None:
    device = ThreadDevice(zmq.QUEUE, zmq.ROUTER, zmq.DEALER)
    front = f"tcp://127.0.0.1:{device.bind_in_to_random_port('tcp://127.0.0.1')}"
    back = f"tcp://127.0.0.1:{device.bind_out_to_random_port('tcp://127.0.0.1')}"
    device.start()
    client, worker = of(zmq.REQ), of(zmq.REP)
    client.connect(front)
    worker.connect(back)
    for number in range(3):
        client.send(b"%d" % number)
        worker.send(b"answer to " + worker.recv())
        assert client.recv() == b"answer to %d" % number


def proxied(kinds: tuple[int, int], capture: int | None) -> tuple[Socket, Socket, Socket | None, threading.Thread]:
    """The outer ends of a proxy, what hears its copies, and its thread; `context` ends it."""
    context = new_context()
    front, back = of(kinds[0], context), of(kinds[1], context)
    copies = None if capture is None else of(capture, context)
    ends = of(zmq.PUSH), of(zmq.PULL)
    ends[0].connect(bound(front))
    ends[1].connect(bound(back))
    listener = None
    if copies is not None:
        listener = of(zmq.PULL)
        listener.connect(bound(copies))

    def run() -> None:
        with pytest.raises(zmq.ContextTerminated):
            zmq.proxy(front, back, copies)
        for socket in (front, back, copies):
            if socket is not None:
                socket.close()

    thread = threading.Thread(target=run)
    thread.start()

    def end() -> None:
        context.term()
        thread.join()

    return *ends, listener, threading.Thread(target=end)


@on_backend
def test_a_proxy_forwards_with_a_capture_and_without() -> None:
    for capture in (None, zmq.PUSH):
        sender, receiver, listener, end = proxied((zmq.PULL, zmq.PUSH), capture)
        for number in range(200):
            sender.send_multipart([b"%d" % number, b"rest"])
        assert [receiver.recv_multipart() for _ in range(200)] == [[b"%d" % n, b"rest"] for n in range(200)]
        if listener is not None:
            assert [listener.recv_multipart()[0] for _ in range(200)] == [b"%d" % n for n in range(200)]
        end.start()
        end.join()


@on_backend
def test_a_proxy_is_steered() -> None:
    front, back, control, steering = of(zmq.PULL), of(zmq.PUSH), of(zmq.REP), of(zmq.REQ)
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.connect(bound(front))
    receiver.connect(bound(back))
    steering.connect(bound(control))
    steered = threading.Thread(target=zmq.proxy_steerable, args=(front, back, None, control))
    steered.start()

    def told(command: bytes) -> list[bytes]:
        steering.send(command)
        return steering.recv_multipart()

    sender.send(b"hello")
    assert receiver.recv() == b"hello"
    assert [struct.unpack("=Q", number)[0] for number in told(b"STATISTICS")] == [1, 5, 0, 0, 0, 0, 1, 5]
    assert told(b"PAUSE") == [b""]
    sender.send(b"later")
    assert receiver.poll(50) == 0
    assert told(b"RESUME") == [b""]
    assert receiver.recv() == b"later"
    assert told(b"TERMINATE") == [b""]
    steered.join()


@on_backend
def test_a_monitored_queue_swaps_the_names_of_routers() -> None:
    context = new_context()
    first, second, copies = of(zmq.ROUTER, context), of(zmq.ROUTER, context), of(zmq.PUB, context)
    ends = of(zmq.DEALER), of(zmq.DEALER)
    for name, end, router in zip((b"a", b"b"), ends, (first, second), strict=True):
        end.ROUTING_ID = name
        end.connect(bound(router))
    listener = of(zmq.XSUB)
    listener.connect(bound(copies))
    listener.send(b"\x01")

    def run() -> None:
        with pytest.raises(zmq.ContextTerminated):
            monitored_queue(first, second, copies)
        for socket in (first, second, copies):
            socket.close()

    queue = threading.Thread(target=run)
    queue.start()
    # The other router knows its peer when it has shaken hands.
    while not ends[1].poll(10):
        ends[0].send_multipart([b"b", b"hello"])
    assert ends[1].recv_multipart() == [b"a", b"hello"]
    ends[1].send_multipart([b"a", b"back"])
    assert ends[0].recv_multipart() == [b"b", b"back"]
    context.term()
    queue.join()
