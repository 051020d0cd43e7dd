# SPDX-License-Identifier: Apache-2.0
"""What Python says of numbers, names and defaults is what the header and the library say."""

import ctypes
import re
from typing import Any

import pytest

from experimance_zmq import (
    AuthenticatorStatistics,
    EventKind,
    Jitter,
    OnFull,
    ProxyState,
    ProxyStatistics,
    RetryPolicy,
    SocketOptions,
    SocketType,
    State,
    Status,
    WireForm,
    ZMQSocketError,
    _abi,
    errors,
    socket_options,
)
from experimance_zmq.testing import Direction, FaultCount, FaultProxy, FaultStatistics
from header import Header
from test_fault_fields import ASKED

HEADER = Header()


@pytest.mark.parametrize(
    ("initialise", "struct"),
    [
        (_abi.exz_retry_policy_init, _abi.exz_retry_policy),
        (_abi.exz_socket_options_init, _abi.exz_socket_options),
        (_abi.exz_fault_init, _abi.exz_fault),
        (_abi.exz_security_init, _abi.exz_security),
    ],
    ids=["exz_retry_policy", "exz_socket_options", "exz_fault", "exz_security"],
)
def test_struct_has_the_size_the_library_writes(initialise: Any, struct: Any) -> None:
    filled = struct()
    assert initialise(filled) == _abi.EXZ_OK
    assert filled.size == ctypes.sizeof(struct)


@pytest.mark.parametrize(
    ("enumeration", "prefix"),
    [
        (Status, "EXZ_ERR_"),
        (SocketType, "EXZ_"),
        (OnFull, "EXZ_ON_FULL_"),
        (WireForm, "EXZ_WIRE_"),
        (Jitter, "EXZ_JITTER_"),
        (State, "EXZ_STATE_"),
        (EventKind, "EXZ_EVENT_"),
        (FaultCount, "EXZ_FAULT_COUNT_"),
        (ProxyState, "EXZ_PROXY_"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_enumerations_are_complete(enumeration: Any, prefix: str) -> None:
    members = {member.name: member.value for member in enumeration}
    if enumeration is Status:
        assert members.pop("OK") == HEADER.constants["EXZ_OK"]
    if enumeration is SocketType:
        expected = {name: getattr(_abi, f"EXZ_{name}") for name in members}
        assert len(members) == 11
    else:
        expected = {
            name.removeprefix(prefix): value for name, value in HEADER.constants.items() if name.startswith(prefix)
        }
    assert members == expected


STATUSES = [name for name in HEADER.constants if name.startswith("EXZ_ERR_")]


@pytest.mark.parametrize("name", STATUSES)
def test_each_status_has_its_number_name_and_class(name: str) -> None:
    status = HEADER.constants[name]
    assert _abi.exz_status_name(status).decode() == name
    words = name.removeprefix("EXZ_ERR_").split("_")
    error = errors.class_of(status)
    assert error.__name__ == "ZMQ" + "".join(word.capitalize() for word in words) + "Error"
    assert error.status == status
    assert issubclass(error, ZMQSocketError)


def test_library_knows_no_further_status() -> None:
    assert len(STATUSES) == -min(HEADER.constants[name] for name in STATUSES)
    assert _abi.exz_status_name(-len(STATUSES) - 1) == b"EXZ_ERR_UNKNOWN"
    assert errors.class_of(-len(STATUSES) - 1) is errors.ZMQInternalError


@pytest.mark.parametrize("kind", EventKind, ids=lambda kind: kind.name)
def test_event_kinds_have_the_names_of_the_library(kind: EventKind) -> None:
    assert _abi.exz_event_name(kind).decode() == kind.name.lower()


def test_version_is_the_header_s() -> None:
    version = (_abi.EXZ_VERSION_MAJOR, _abi.EXZ_VERSION_MINOR, _abi.EXZ_VERSION_PATCH)
    assert _abi.exz_version_string().decode() == ".".join(map(str, version))
    assert _abi.exz_version() == version[0] * 10_000 + version[1] * 100 + version[2]


def test_default_policy_is_the_library_s() -> None:
    filled = _abi.exz_retry_policy()
    _abi.exz_retry_policy_init(filled)
    assert bytes(RetryPolicy()._as_struct()) == bytes(filled)


def test_every_fault_of_the_header_is_a_method_and_every_direction_a_member() -> None:
    names = {
        name.removeprefix("EXZ_FAULT_"): number
        for name, number in HEADER.constants.items()
        if name.startswith("EXZ_FAULT_") and not name.startswith("EXZ_FAULT_COUNT_")
    }
    directions = {member.name: names.pop(member.name) for member in Direction}
    assert directions == {member.name: member.value for member in Direction}
    methods = {"CLOSE": "close_connections"}
    assert [name for name in names if not hasattr(FaultProxy, methods.get(name, name.lower()))] == []
    assert set(names) == set(ASKED)


def test_every_field_of_the_statistics_of_faults_is_there() -> None:
    fields = [name for name, *_ in _abi.exz_fault_stats._fields_ if name != "size"]
    assert list(FaultStatistics.__annotations__) == fields


def test_every_field_of_the_statistics_of_proxies_is_there() -> None:
    fields = [name for name, *_ in _abi.exz_proxy_statistics._fields_ if name != "size"]
    assert list(ProxyStatistics.__annotations__) == fields


def test_every_field_of_the_statistics_of_authenticators_is_there() -> None:
    fields = [name for name, *_ in _abi.exz_authenticator_statistics._fields_ if name != "size"]
    assert list(AuthenticatorStatistics.__annotations__) == fields


def test_every_option_of_the_struct_can_be_set() -> None:
    fields = {name.removesuffix("_ms") for name, *_ in _abi.exz_socket_options._fields_}
    internal = {"size", "reserved", "identity_size", "interruptible"}
    assert set(SocketOptions.__annotations__) == fields - internal
    assert set(socket_options._SETTERS) == fields - internal


def test_every_error_is_exported_and_drawn() -> None:
    import experimance_zmq

    drawn = re.findall(r"── (\w+)(?: \((\w+)\))?", errors.__doc__ or "")
    expected = [("ZMQSocketError", "")]
    for status in list(Status)[1:]:
        error = errors.class_of(status)
        builtin = [base.__name__ for base in error.__bases__ if base is not ZMQSocketError]
        expected.append((error.__name__, builtin[0] if builtin else ""))
    assert drawn == expected
    assert {name for name, _ in expected} <= set(experimance_zmq.__all__)


def test_names_are_sorted_and_exist() -> None:
    import experimance_zmq

    assert experimance_zmq.__all__ == sorted(experimance_zmq.__all__)
    assert all(hasattr(experimance_zmq, name) for name in experimance_zmq.__all__)
