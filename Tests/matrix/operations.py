# SPDX-License-Identifier: Apache-2.0
"""The operations: which socket makes each, which peer fits, and how the socket is shown to be usable afterwards."""

from dataclasses import dataclass

import zmq

from processes import PATIENCE, Door, Trouble
from stage import Stage

TOPIC = "topic"
PATIENCE_MS = int(PATIENCE * 1000)
NEWS = "news"


@dataclass(frozen=True)
class Operation:
    """An operation of the matrix."""

    verb: str
    # Of the socket that makes it, of its peers, of a peer that does not fit.
    kind: str
    peer: str
    wrong: str
    argument: str = "-"
    # What the peer has to be told again and again for the operation to succeed.
    told: str = ""
    # Before it there is something to be sent, where it can be.
    has_something_to_send: bool = False
    # The socket is to be opened again afterwards.
    ends: bool = False

    def open(self, door: Door) -> None:
        door.must("open", self.kind)
        if self.kind == "sub":
            door.must("subscribe", TOPIC)


OPERATIONS = {
    "bind": Operation("bind", "pull", "push", "sub"),
    "connect": Operation("connect", "push", "pull", "sub"),
    "send": Operation("send", "push", "pull", "sub", argument=NEWS),
    "recv": Operation("recv", "pull", "push", "pub", told=NEWS),
    "publish": Operation("publish", "pub", "sub", "pull", argument=NEWS),
    "wait_subscribers": Operation("wait_subscribers", "pub", "sub", "pull", argument=TOPIC, told=TOPIC),
    "wait_subscribed": Operation("wait_subscribed", "sub", "pub", "push"),
    "request": Operation("request", "req", "rep", "pull", argument=NEWS),
    "close": Operation("close", "push", "pull", "sub", has_something_to_send=True, ends=True),
    # Of a proxy; the peer is behind its back.
    "pause": Operation("pause", "proxy", "pull", "sub", has_something_to_send=True),
    "end": Operation("end", "proxy", "pull", "sub", has_something_to_send=True, ends=True),
}


def receive(door: Door, wanted: str) -> None:
    """Receives until that has come: something of the bad peer's may be in front of it."""
    while door.must("recv", timeout_ms=PATIENCE_MS).text != wanted:
        continue


def check_binding(stage: Stage, door: Door, endpoint: str) -> None:
    """A good client reaches the socket where it is bound."""
    client = stage.foreign(zmq.PUSH)
    client.connect(endpoint)
    client.send(b"a good message")
    receive(door, "a good message")


def check_usable(stage: Stage, door: Door, kind: str) -> None:
    """The socket exchanges messages with a good peer: one of pyzmq, but for what only this library answers."""
    if kind in ("push", "proxy"):
        peer, endpoint = stage.foreign_bound(zmq.PULL)
        door.must("connect", endpoint, PATIENCE_MS)
        door.must("send", "a good message", PATIENCE_MS)
        while peer.recv() != b"a good message":
            continue
    elif kind == "pull":
        peer, endpoint = stage.foreign_bound(zmq.PUSH)
        door.must("connect", endpoint, PATIENCE_MS)
        peer.send(b"a good message")
        receive(door, "a good message")
    elif kind == "pub":
        peer = stage.foreign(zmq.SUB)
        peer.setsockopt_string(zmq.SUBSCRIBE, TOPIC)
        peer.connect(door.must("bind", "tcp://127.0.0.1:*", PATIENCE_MS).text)
        door.must("wait_subscribers", TOPIC, PATIENCE_MS)
        door.must("publish", "a good message", PATIENCE_MS)
        while peer.recv_multipart()[-1] != b"a good message":
            continue
    elif kind == "sub":
        publisher, endpoint = stage.peer("pub")
        door.must("connect", endpoint, PATIENCE_MS)
        door.must("wait_subscribed", timeout_ms=PATIENCE_MS)
        publisher.tell("a good message")
        receive(door, "a good message")
    else:
        server, endpoint = stage.foreign_bound(zmq.REP)
        door.must("connect", endpoint, PATIENCE_MS)
        door.begin("request", "a good question", PATIENCE_MS)
        while (question := server.recv()) != b"a good question":
            server.send(b"an answer that nobody waits for")
        server.send(question[::-1])
        answer = door.answer()
        if answer.text != "a good question"[::-1]:
            raise Trouble(f"request answers {answer.status} {answer.text!r}")
