# SPDX-License-Identifier: Apache-2.0
"""Events name the peer they are about: its address, its process, its identity."""

import os
import socket as sockets
from pathlib import Path

from event_reader import PATIENCE, events_until, of_kind
from experimance_zmq import EventKind, Publisher, Puller, Pusher, Socket, SocketType, Subscriber


def test_a_peer_that_comes_and_goes_is_named_by_its_address(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        endpoint = puller.bind(tcp)
        pusher.connect(endpoint.replace("127.0.0.1", "localhost"), timeout=PATIENCE)
        [connected] = of_kind(events_until(pusher, EventKind.HANDSHAKEN), EventKind.HANDSHAKEN)
        pusher.close()
        story = events_until(puller, EventKind.LOST)
    [joined], [lost] = of_kind(story, EventKind.HANDSHAKEN), of_kind(story, EventKind.LOST)
    assert connected.peer == endpoint
    assert joined.peer.startswith("tcp://127.0.0.1:")
    assert joined.peer != endpoint
    assert lost.peer == joined.peer
    assert joined.identity == lost.identity == b""


def test_a_local_peer_is_named_by_its_process(tmp_path: Path) -> None:
    process = f"localhost:{os.getuid()}:{os.getgid()}:{os.getpid()}"
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(f"ipc://{tmp_path}/socket"), timeout=PATIENCE)
        pusher.send(b"hello")
        sender = puller.recv(timeout=PATIENCE, copy=False).peer_address
        [joined] = of_kind(events_until(puller, EventKind.HANDSHAKEN), EventKind.HANDSHAKEN)
    assert joined.peer == process == sender


def test_a_stranger_that_is_turned_away_is_named(tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        endpoint = puller.bind(tcp)
        host, port = endpoint.removeprefix("tcp://").split(":")
        with sockets.create_connection((host, int(port))) as stranger:
            address = "tcp://{}:{}".format(*stranger.getsockname())
            # Events come in order: the stranger has been looked at when somebody later is there.
            pusher.connect(endpoint, timeout=PATIENCE)
            events_until(puller, EventKind.HANDSHAKEN)
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            rejected = events_until(puller, EventKind.PEER_REJECTED)[-1]
    assert rejected.peer == address


def test_a_router_names_whom_it_has_heard_by_all_of_its_identity(tcp: str) -> None:
    identity = b"cam\x00\xff1"
    with Socket(SocketType.ROUTER) as router, Socket(SocketType.DEALER, identity=identity) as dealer:
        dealer.connect(router.bind(tcp), timeout=PATIENCE)
        dealer.send(b"hello")
        assert router.recv_parts(timeout=PATIENCE) == [identity, b"hello"]
        dealer.close()
        story = events_until(router, EventKind.LOST)
    [joined], [lost] = of_kind(story, EventKind.HANDSHAKEN), of_kind(story, EventKind.LOST)
    assert (lost.peer, lost.identity) == (joined.peer, identity)


def test_a_subscriber_is_named_when_it_comes_and_goes(tcp: str) -> None:
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_peers(timeout=PATIENCE)
        subscriber.subscribe("topic")
        publisher.wait_subscribers("topic", timeout=PATIENCE)
        subscriber.close()
        story = events_until(publisher, EventKind.SUBSCRIBER_LEFT)
    named = {event.peer for event in story if event.kind in {EventKind.SUBSCRIBER_JOINED, EventKind.SUBSCRIBER_LEFT}}
    assert len(named) == 1
    assert named.pop().startswith("tcp://127.0.0.1:")
