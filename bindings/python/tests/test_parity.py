# SPDX-License-Identifier: Apache-2.0
"""The declarations in Python are those of the header."""

import ctypes
import re
from pathlib import Path
from typing import Any

import pytest

from experimance_zmq import (
    EventKind,
    Jitter,
    OnFull,
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
from header import Function, Header, Struct

HEADER = Header()

C_TYPES: dict[str, Any] = {
    "char": ctypes.c_char,
    "const char *": ctypes.c_char_p,
    "const void *": ctypes.c_void_p,
    "void *": ctypes.c_void_p,
    "double": ctypes.c_double,
    "int": ctypes.c_int,
    "int32_t": ctypes.c_int32,
    "int64_t": ctypes.c_int64,
    "size_t": ctypes.c_size_t,
    "uint16_t": ctypes.c_uint16,
    "uint32_t": ctypes.c_uint32,
    "uint64_t": ctypes.c_uint64,
}


def type_of(text: str) -> Any:
    """The ctypes type for a C type."""
    if array := re.fullmatch(r"(.*)\[(\d+)\]", text):
        return type_of(array[1]) * int(array[2])
    if text in C_TYPES:
        return C_TYPES[text]
    if text.endswith(" *"):
        return ctypes.POINTER(type_of(text.removesuffix(" *").removeprefix("const ")))
    return getattr(_abi, text)


def abi_order(prefix: str) -> list[str]:
    """The names that `_abi` defines, in its order."""
    assert _abi.__file__
    source = Path(_abi.__file__).read_text(encoding="utf-8")
    return re.findall(rf"^(?:class )?({prefix}\w+)\b", source, re.MULTILINE)


def test_header_was_read() -> None:
    assert len(HEADER.functions) == HEADER_FUNCTION_COUNT
    assert len(HEADER.structs) > 8
    assert len(HEADER.constants) > 70


# Every exported function ends like this, so a declaration that the reader misses is seen.
HEADER_FUNCTION_COUNT = len(re.findall(r"\bexz_\w+\((?:(?!;|\{).)*\);", HEADER._code, re.DOTALL))


def test_all_are_declared_in_header_order() -> None:
    functions = {function.name for function in HEADER.functions}
    assert [name for name in abi_order("exz_") if name in functions] == [f.name for f in HEADER.functions]


def test_nothing_else_is_declared() -> None:
    known = {f.name for f in HEADER.functions} | {s.name for s in HEADER.structs}
    known |= set(re.findall(r"typedef \w+ (\w+);", HEADER._code)) | {"exz_log_callback", "exz_retry_attempt"}
    assert set(abi_order("exz_")) == known


@pytest.mark.parametrize("function", HEADER.functions, ids=lambda f: f.name)
def test_function_has_the_types_of_the_header(function: Function) -> None:
    declared = getattr(_abi, function.name)
    assert list(declared.argtypes) == [type_of(parameter) for parameter in function.parameters]
    assert declared.restype is type_of(function.result)


@pytest.mark.parametrize("function", HEADER.functions, ids=lambda f: f.name)
def test_functions_that_wait_release_the_lock(function: Function) -> None:
    keeps_the_lock = bool(getattr(_abi, function.name)._flags_ & ctypes._FUNCFLAG_PYTHONAPI)  # type: ignore[attr-defined]
    assert keeps_the_lock == function.never_waits


@pytest.mark.parametrize("struct", HEADER.structs, ids=lambda s: s.name)
def test_struct_has_the_fields_of_the_header(struct: Struct) -> None:
    declared = getattr(_abi, struct.name)
    assert [(type_of(kind), name) for kind, name in struct.fields] == [(kind, name) for name, kind in declared._fields_]


@pytest.mark.parametrize(
    ("initialise", "struct"),
    [
        (_abi.exz_retry_policy_init, _abi.exz_retry_policy),
        (_abi.exz_socket_options_init, _abi.exz_socket_options),
    ],
    ids=["exz_retry_policy", "exz_socket_options"],
)
def test_struct_has_the_size_the_library_writes(initialise: Any, struct: Any) -> None:
    filled = struct()
    assert initialise(filled) == _abi.EXZ_OK
    assert filled.size == ctypes.sizeof(struct)


def test_constants_are_those_of_the_header() -> None:
    # A macro that is no number has no constant, except the handle of the default context.
    declared = {name: getattr(_abi, name) for name in abi_order("EXZ_") if name != "EXZ_DEFAULT_CONTEXT"}
    assert list(declared.items()) == list(HEADER.constants.items())


def test_no_constant_of_the_header_was_missed() -> None:
    # Initialisers fill a struct and have functions in place of them.
    macros = {name for name in HEADER.macros if not name.endswith("_INIT")} - {"EXZ_DEFAULT_CONTEXT"}
    assert macros <= HEADER.constants.keys()


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
