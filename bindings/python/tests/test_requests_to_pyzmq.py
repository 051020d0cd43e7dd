# SPDX-License-Identifier: Apache-2.0
"""Requests to servers that are pyzmq: in processes of their own, late, dying, and back again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from event_reader import PATIENCE, events_until
from experimance_zmq import EventKind, Requester, RetryPolicy, ZMQPeerLostError, ZMQRefusedError
from peer_process import PeerProcess
from reserved_port import ReservedPort

StartPeer = Callable[..., PeerProcess]
QUICK = RetryPolicy(max_attempts=0, initial_backoff=0.01, max_backoff=0.05)


def start(start_peer: StartPeer, endpoint: str) -> tuple[PeerProcess, str]:
    """A server, and where it is."""
    server = start_peer("pyzmq_server", endpoint)
    return server, server.line()


def test_answers(start_peer: StartPeer, tcp: str) -> None:
    _, endpoint = start(start_peer, tcp)
    with Requester() as requester:
        requester.connect(endpoint, timeout=PATIENCE)
        for request in (b"", b"abc", b"abc" * 100_000):
            assert requester.request(request, timeout=PATIENCE) == request[::-1]


def test_what_was_given_up_is_not_executed(start_peer: StartPeer, reserved_port: ReservedPort) -> None:
    with Requester(retry=QUICK) as requester:
        requester.connect(reserved_port.endpoint, background=True)
        events_until(requester, EventKind.FAILED)
        for _ in range(5):
            with pytest.raises(ZMQRefusedError):
                requester.request(b"in vain", timeout=0.02)
        server, _ = start(start_peer, reserved_port.endpoint)
        assert requester.request(b"sixth", timeout=PATIENCE) == b"htxis"
        assert server.line() == "sixth"


def test_a_server_that_dies(start_peer: StartPeer, reserved_port: ReservedPort) -> None:
    server, endpoint = start(start_peer, reserved_port.endpoint)
    with Requester(retry=QUICK) as requester:
        requester.connect(endpoint, timeout=PATIENCE)
        with pytest.raises(ZMQPeerLostError):
            requester.request(b"die", timeout=100 * PATIENCE)
        assert server.line() == "die"
        server, _ = start(start_peer, endpoint)
        assert requester.request(b"next", timeout=PATIENCE) == b"txen"
        assert server.line() == "next"


def test_an_idempotent_request_finds_the_next_server(start_peer: StartPeer, reserved_port: ReservedPort) -> None:
    server, endpoint = start(start_peer, reserved_port.endpoint)
    with Requester(retry=QUICK) as requester, ThreadPoolExecutor() as executor:
        requester.connect(endpoint, timeout=PATIENCE)
        answer = executor.submit(requester.request, b"die", timeout=PATIENCE, idempotent=True)
        for _ in range(2):
            assert server.line() == "die"
            server.wait(PATIENCE)
            assert not answer.done()
            server, _ = start(start_peer, endpoint)
        assert server.line() == "die"
        requester.close(linger=0)
        assert answer.exception() is not None
