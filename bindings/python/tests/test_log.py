# SPDX-License-Identifier: Apache-2.0
"""The library's log comes out of a logger of Python's."""

import logging
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest

from event_reader import PATIENCE, events_until
from experimance_zmq import EventKind, Jitter, Puller, Pusher, RetryPolicy, ZMQInvalidError, set_log_level
from reserved_port import ReservedPort


@pytest.fixture
def level() -> Iterator[None]:
    """Puts the level back."""
    yield
    set_log_level(logging.WARNING)
    set_log_level(None)


def fail_to_connect(endpoint: str) -> None:
    policy = RetryPolicy(max_attempts=2, initial_backoff=0.001, jitter=Jitter.NONE)
    with Puller(retry=policy) as puller, pytest.raises(ConnectionRefusedError):
        puller.connect(endpoint, timeout=PATIENCE)


@pytest.mark.parametrize(
    ("threshold", "levels"),
    [
        (logging.DEBUG, {"DEBUG", "INFO"}),
        (logging.INFO, {"INFO"}),
        (logging.WARNING, set()),
        (logging.CRITICAL, set()),
        ("DEBUG", {"DEBUG", "INFO"}),
        ("NOTSET", {"DEBUG", "INFO"}),
        ("INFO", {"INFO"}),
        ("ERROR", set()),
    ],
)
@pytest.mark.usefixtures("level")
def test_lines_below_the_level_are_not_logged(
    threshold: int | str, levels: set[str], caplog: pytest.LogCaptureFixture, reserved_port: ReservedPort
) -> None:
    caplog.set_level(logging.DEBUG, logger="experimance_zmq")
    set_log_level(threshold)
    fail_to_connect(reserved_port.endpoint)
    assert {record.levelname for record in caplog.records} == levels
    assert all(record.name == "experimance_zmq" for record in caplog.records)
    if levels:
        assert any(reserved_port.endpoint in record.message for record in caplog.records)


@pytest.mark.parametrize(
    ("level", "error", "text"),
    [
        ("LOUD", ZMQInvalidError, "level is 'LOUD', it must be a number or one of CRITICAL, "),
        (b"DEBUG", TypeError, "level must be a number or a name of logging's, not bytes"),
        (1.5, TypeError, "not float"),
    ],
)
def test_level_that_is_none_changes_nothing(
    level: Any, error: type[Exception], text: str, caplog: pytest.LogCaptureFixture, reserved_port: ReservedPort
) -> None:
    with pytest.raises(error, match=text):
        set_log_level(level)
    # Still that of the logger.
    with caplog.at_level(logging.INFO):
        fail_to_connect(reserved_port.endpoint)
    assert {record.levelname for record in caplog.records} == {"INFO"}


def test_the_level_is_the_loggers_when_a_socket_is_opened(
    caplog: pytest.LogCaptureFixture, reserved_port: ReservedPort
) -> None:
    for level, expected in ((logging.DEBUG, {"DEBUG", "INFO"}), (logging.INFO, {"INFO"}), (logging.WARNING, set())):
        caplog.clear()
        with caplog.at_level(level):
            fail_to_connect(reserved_port.endpoint)
        assert {record.levelname for record in caplog.records} == expected


def test_pytest_shows_connection_events(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from experimance_zmq import Puller, Pusher

        def test_link(zmq_endpoint):
            with Puller() as puller, Pusher() as pusher:
                pusher.connect(puller.bind(zmq_endpoint), timeout=10)
        """
    )
    result = pytester.runpytest_subprocess("-p", "experimance_zmq_pytest", "--log-cli-level=DEBUG")
    result.assert_outcomes(passed=1)
    # Those that are written before the call that causes them is back.
    result.stdout.fnmatch_lines(["*INFO*experimance_zmq*listening*", "*DEBUG*experimance_zmq*connecting, attempt 1*"])


def test_lost_peer_is_a_warning(caplog: pytest.LogCaptureFixture, tcp: str) -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(tcp), timeout=PATIENCE)
        puller.wait_peers(timeout=PATIENCE)
        pusher.close()
        events_until(puller, EventKind.LOST)
        # The line follows its event.
        while not caplog.records:
            pass
    assert caplog.records[0].levelname == "WARNING"
    assert "lost" in caplog.records[0].message


def test_log_is_silent_unless_somebody_listens(capfd: pytest.CaptureFixture[str], reserved_port: ReservedPort) -> None:
    fail_to_connect(reserved_port.endpoint)
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("level")
def test_ctrl_c_while_a_line_is_written_is_not_lost(reserved_port: ReservedPort) -> None:
    class InterruptedHandler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            signal.raise_signal(signal.SIGINT)

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGINT, interrupt)
    handler = InterruptedHandler()
    logging.getLogger("experimance_zmq").addHandler(handler)
    logging.getLogger("experimance_zmq").setLevel(logging.DEBUG)
    set_log_level(logging.DEBUG)
    try:
        # The line of the first attempt is written on this thread.
        with Puller() as puller, pytest.raises(KeyboardInterrupt):
            puller.connect(reserved_port.endpoint, background=True)
    finally:
        set_log_level(logging.WARNING)
        logging.getLogger("experimance_zmq").setLevel(logging.NOTSET)
        logging.getLogger("experimance_zmq").removeHandler(handler)
        signal.signal(signal.SIGINT, former)
