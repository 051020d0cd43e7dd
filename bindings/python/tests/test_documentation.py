# SPDX-License-Identifier: Apache-2.0
"""What `help` shows names every field, and says of each what holds; the page on Python says the same."""

import ast
import enum
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import experimance_zmq
from experimance_zmq import (
    AuthenticatorCount,
    AuthenticatorStatistics,
    Backoff,
    BaseSocket,
    Event,
    EventKind,
    Jitter,
    OnFull,
    Poll,
    RetryPolicy,
    SocketOptions,
    SocketType,
    State,
    Statistics,
    WireForm,
    ZMQInvalidError,
    _abi,
    socket_options,
)
from experimance_zmq.testing import Direction, FaultCount, FaultStatistics
from header import HEADER, Header

PAGE = HEADER.parents[1] / "docs" / "python.md"
SOURCES = Path(experimance_zmq.__file__).parent
DOCUMENTED: list[Any] = [
    SocketOptions,
    RetryPolicy,
    Statistics,
    Event,
    EventKind,
    Jitter,
    WireForm,
    OnFull,
    State,
    Poll,
    Direction,
    FaultCount,
    FaultStatistics,
    AuthenticatorCount,
    AuthenticatorStatistics,
]


def attributes(documented: type) -> dict[str, str]:
    """The list of attributes in a docstring."""
    listed = (inspect.getdoc(documented) or "").partition("Attributes:\n")[2]
    entries = re.findall(r"^    (\w+): (.*(?:\n        .*)*)", listed, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in entries}


def values_and_defaults(documented: type) -> dict[str, tuple[str, str, str]]:
    """What each may be, its default, and what it does."""
    parts = re.compile(r"(.*?); default (.*?)\. ([A-Z].*)")
    found = {name: parts.fullmatch(text) for name, text in attributes(documented).items()}
    assert all(found.values()), found
    return {name: (match[1], match[2], match[3]) for name, match in found.items() if match}


@pytest.mark.parametrize("documented", DOCUMENTED, ids=lambda cls: cls.__name__)
def test_every_field_is_documented_at_run_time(documented: Any) -> None:
    names = documented.__members__ if issubclass(documented, enum.Enum) else documented.__annotations__
    assert list(attributes(documented)) == list(names)


def test_no_public_class_has_text_that_is_not_there_at_run_time() -> None:
    for source in sorted(SOURCES.glob("[!_]*.py")):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                texts = [ast.unparse(line) for line in node.body[1:] if isinstance(line, ast.Expr)]
                assert texts == [], f"{source.name}, {node.name}: put it into the docstring"


# The options of sockets


def c_fields() -> dict[str, str]:
    """The fields of the header's struct that are options, under Python's names, with those of C."""
    struct = next(struct for struct in Header().structs if struct.name == "exz_socket_options")
    not_for_users = {"size", "reserved", "identity_size", "interruptible"}
    return {name.removesuffix("_ms"): name for _, name in struct.fields if name not in not_for_users}


def table() -> dict[str, tuple[str, str, str]]:
    """The rows of the page's table."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Socket options\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    return {name: (values, default, meaning) for name, values, default, meaning in rows}


def test_table_of_options_is_that_of_the_docstring_and_of_the_header() -> None:
    assert list(SocketOptions.__annotations__) == list(c_fields())
    assert table() == values_and_defaults(SocketOptions)
    assert list(table()) == list(c_fields())


def test_options_that_are_milliseconds_in_c_are_seconds_here() -> None:
    in_seconds = {name for name, (values, *_) in table().items() if values.startswith("seconds")}
    assert in_seconds == {name for name, field in c_fields().items() if field.endswith("_ms")}


def test_defaults_of_options_are_the_library_s() -> None:
    struct = socket_options.default_options()
    said = {name: default for name, (_, default, _) in table().items()}
    assert struct.heartbeat_interval_ms == struct.heartbeat_timeout_ms == _abi.EXZ_HEARTBEAT_DEFAULT
    assert said.pop("heartbeat_interval") == "1.0 for REQ, 0 for others"
    assert said.pop("heartbeat_timeout") == "four intervals"
    expected: dict[str, str] = {}
    for name in said:
        value = getattr(struct, c_fields()[name])
        match name:
            case "on_full":
                expected[name] = f"`OnFull.{OnFull(value).name}`"
            case "wire_form":
                expected[name] = f"`WireForm.{WireForm(value).name}`"
            case "conflate":
                expected[name] = str(bool(value))
            case "identity":
                expected[name] = '`b""`' if value is None else str(value)
            case "security":
                expected[name] = str(value or None)
            case "retry":
                same = bytes(value) == bytes(RetryPolicy()._as_struct())
                expected[name] = "`RetryPolicy()`" if same else str(value)
            case _ if c_fields()[name].endswith("_ms"):
                expected[name] = str(value / 1000)
            case _:
                expected[name] = str(value)
    assert said == expected


def bounds(documented: type) -> list[tuple[str, float, float, float]]:
    """The fields that have a range of numbers; the last number is the smallest step beyond it."""
    found = []
    for name, (values, *_) in values_and_defaults(documented).items():
        if match := re.fullmatch(r"[a-z ]+, ([\d.]+) to ([\d.]+)", values):
            number = float if "." in match[2] else int
            found.append((name, number(match[1]), number(match[2]), 0.001 if number is float else 1))
    return found


@pytest.mark.parametrize(("name", "low", "high", "step"), bounds(SocketOptions))
def test_ranges_of_options_are_the_library_s(name: str, low: float, high: float, step: float) -> None:
    options: Any = {name: low}
    with BaseSocket(SocketType.PULL, **options):
        options[name] = high
    with BaseSocket(SocketType.PULL, **options):
        pass
    for beyond in (low - step, high + step):
        options[name] = beyond
        with pytest.raises(ZMQInvalidError):
            BaseSocket(SocketType.PULL, **options)


# The names of the three languages


def declared_in(folder: str, pattern: str) -> str:
    """All the sources of one language."""
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((HEADER.parents[1] / folder).rglob(pattern)))


def test_names_of_the_three_languages_exist() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("\n## Names in C and Swift\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*) \| (.*) \| (.*) \|$", section, re.MULTILINE)
    assert len(rows) > 10
    sources = (
        declared_in("bindings/python/src", "*.py"),
        declared_in("include", "*.h"),
        declared_in("Sources/ExperimanceZMQ", "*.swift") + declared_in("Sources/ExperimanceZMQTesting", "*.swift"),
    )
    for row in rows:
        for cell, source in zip(row, sources, strict=True):
            words = re.findall(r"[A-Za-z_]\w+", " ".join(re.findall("`([^`]*)`", cell)))
            assert words, row
            assert [word for word in words if not re.search(rf"\b{word}\b", source)] == [], row


# The policy for retries


@pytest.mark.parametrize(("name", "low", "high", "step"), bounds(RetryPolicy))
def test_ranges_of_the_policy_are_the_library_s(name: str, low: float, high: float, step: float) -> None:
    usual = RetryPolicy(initial_backoff=0, jitter=Jitter.PROPORTIONAL)
    for within in (low, high):
        Backoff(usual.__replace__(**{name: within})).close()
    for beyond in (low - step, high + step):
        with pytest.raises(ZMQInvalidError):
            Backoff(usual.__replace__(**{name: beyond}))


def test_defaults_of_the_policy_are_those_said() -> None:
    said = {name: default for name, (_, default, _) in values_and_defaults(RetryPolicy).items()}
    assert said.pop("jitter") == f"`Jitter.{RetryPolicy().jitter.name}`"
    assert said == {name: str(getattr(RetryPolicy(), name)) for name in said}
