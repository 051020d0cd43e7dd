# SPDX-License-Identifier: Apache-2.0
"""One call ends everything, and the package can be used again after it."""

import logging
import threading
from pathlib import Path

import pytest

import experimance_zmq
from experimance_zmq import Context, Puller, Pusher, ZMQClosedError, ZMQInvalidError


def own_threads() -> list[str]:
    """The names of the library's threads that there are."""
    names = [path.read_text().strip() for path in Path("/proc/self/task").glob("*/comm")]
    return [name for name in names if name.startswith("exz-")]


def test_everything_ends_and_starts_afresh() -> None:
    for _ in range(10):
        own = Context()
        puller, pusher = Puller(context=own), Pusher()
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=20)
        ended: list[ZMQClosedError] = []

        def receive(puller: Puller = puller, ended: list[ZMQClosedError] = ended) -> None:
            try:
                puller.recv(timeout=20)
            except ZMQClosedError as error:
                ended.append(error)

        thread = threading.Thread(target=receive)
        thread.start()
        experimance_zmq.shutdown(timeout=20)
        thread.join(20)
        assert ended
        assert own_threads() == []
        with pytest.raises(ZMQClosedError):
            pusher.send(b"x", timeout=0)
        own.close()
        pusher.close()
        puller.close()


def test_a_context_that_is_forgotten_ends_with_its_sockets() -> None:
    context = Context()
    puller = Puller(context=context)
    puller.bind("tcp://127.0.0.1:*")
    with pytest.warns(ResourceWarning, match="unclosed Context"):
        # What is collected together comes in no order.
        context.__del__()
    experimance_zmq.shutdown(timeout=20)
    assert own_threads() == []
    with pytest.raises(ZMQClosedError):
        puller.recv(timeout=0)


def test_the_log_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    experimance_zmq.set_log_level(logging.INFO)
    try:
        experimance_zmq.shutdown(timeout=20)
        with caplog.at_level(logging.INFO, "experimance_zmq"), Puller() as puller:
            puller.bind("tcp://127.0.0.1:*")
        assert "listening" in caplog.text
    finally:
        experimance_zmq.set_log_level(None)


def test_a_time_that_makes_no_sense_is_refused() -> None:
    with Puller() as puller:
        with pytest.raises(ZMQInvalidError):
            experimance_zmq.shutdown(timeout=-1)
        puller.bind("tcp://127.0.0.1:*")
