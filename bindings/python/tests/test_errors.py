# SPDX-License-Identifier: Apache-2.0
"""Errors carry what happened, whatever they are besides."""

import copy
import errno
import pickle

import pytest

from experimance_zmq import (
    Status,
    ZMQInternalError,
    ZMQPeerLostError,
    ZMQRefusedError,
    ZMQSocketError,
    ZMQTimeoutError,
)
from experimance_zmq.errors import class_of

CLASSES = [class_of(status) for status in list(Status)[1:]]


@pytest.mark.parametrize("error_class", CLASSES, ids=lambda cls: cls.__name__)
def test_error_carries_its_fields(error_class: type[ZMQSocketError]) -> None:
    error = error_class(
        "what to do", errno=errno.EPIPE, attempts=3, elapsed=1.5, endpoint="tcp://host:1", cause=Status.REFUSED
    )
    for instance in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(instance) is error_class
        assert instance.status is error_class.status
        assert instance.errno == errno.EPIPE
        assert instance.attempts == 3
        assert instance.elapsed == 1.5
        assert instance.endpoint == "tcp://host:1"
        assert instance.message == str(instance) == "what to do"
        assert instance.cause is Status.REFUSED


@pytest.mark.parametrize("error_class", CLASSES, ids=lambda cls: cls.__name__)
def test_error_without_a_message_explains_its_status(error_class: type[ZMQSocketError]) -> None:
    error = error_class()
    assert str(error) == error.message != ""
    assert (error.errno, error.attempts, error.elapsed, error.endpoint, error.cause) == (0, 0, 0.0, "", None)


def test_python_s_own_errors_catch_them() -> None:
    with pytest.raises(TimeoutError):
        raise ZMQTimeoutError
    with pytest.raises(ConnectionRefusedError):
        raise ZMQRefusedError
    with pytest.raises(ConnectionError):
        raise ZMQPeerLostError


def test_number_that_is_no_status_is_internal() -> None:
    assert class_of(-1000) is ZMQInternalError


def test_own_subclass_keeps_the_status() -> None:
    class OwnError(ZMQTimeoutError):
        pass

    assert OwnError().status is Status.TIMEOUT
    assert class_of(Status.TIMEOUT) is ZMQTimeoutError
