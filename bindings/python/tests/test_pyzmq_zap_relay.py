# SPDX-License-Identifier: Apache-2.0
"""What stands between libzmq and a program's handler of who may come in goes on, whatever happens to one question."""

import logging
from typing import Any

import zmq

from on_backend import on_backend
from pyzmq_sockets import PATIENCE_MS, bound, of


@on_backend
def test_a_question_for_which_there_is_no_socket_is_refused_and_the_next_one_is_asked() -> None:
    from experimance_zmq import _abi
    from experimance_zmq.pyzmq import _zap_relay
    from experimance_zmq.pyzmq._errors import failure_of

    module: Any = _zap_relay
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logging.getLogger("experimance_zmq").addHandler(Lines())
    handler = of(zmq.REP)
    handler.bind("inproc://zeromq.zap.01")
    receiver = of(zmq.PULL)
    receiver.ZAP_DOMAIN = b"domain"
    question = module._Question
    left = [_abi.EXZ_ERR_LIMIT]

    def asks(*arguments: Any) -> Any:
        if left:
            raise failure_of(left.pop())
        return question(*arguments)

    module._Question = asks
    endpoint = bound(receiver)
    refused = of(zmq.PUSH)
    watched = refused.get_monitor_socket(zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_AUTH)
    refused.RECONNECT_IVL = -1
    refused.connect(endpoint)
    assert watched.poll(PATIENCE_MS)
    let_in = of(zmq.PUSH)
    let_in.connect(endpoint)
    version, number, domain, *_ = handler.recv_multipart()
    assert domain == b"domain"
    handler.send_multipart([version, number, b"200", b"OK", b"", b""])
    let_in.send(b"message")
    assert receiver.recv() == b"message"
    assert [line for line in lines if "a peer is refused" in line]


@on_backend
def test_what_is_no_question_is_passed_over() -> None:
    handler, stranger = of(zmq.REP), of(zmq.DEALER)
    handler.bind("inproc://zeromq.zap.01")
    stranger.connect("inproc://zeromq.zap.01")
    stranger.send(b"")
    stranger.send_multipart([b"", b"1.0", b"1", b"", b"127.0.0.1", b"", b"PLAIN"])
    assert handler.recv_multipart()[0] == b"1.0"
