# SPDX-License-Identifier: Apache-2.0
"""Options and policies that make no sense are refused by name."""

from decimal import Decimal
from typing import Any

import pytest

from data_lines import DataLine, data_lines
from experimance_zmq import Backoff, Publisher, Puller, RetryPolicy, Socket, SocketType, ZMQInvalidError, retry
from experimance_zmq.errors import class_of

BAD_OPTIONS = data_lines("bad-options.tsv", columns=5)


def value(line: DataLine, name: str, written: str) -> Any:
    """The value in Python's type and unit."""
    if name == "identity":
        return line.text(written).encode("utf-8", "surrogateescape")
    if name.endswith("_ms"):
        return float(written) / 1000
    return float(written) if name in ("multiplier", "jitter_ratio") else int(written)


def changes(line: DataLine) -> dict[str, Any]:
    """What the line changes."""
    pairs = [change.split("=", 1) for change in line.columns[1].split(" ")]
    return {name.removesuffix("_ms"): value(line, name, written) for name, written in pairs}


@pytest.mark.parametrize("line", [line for line in BAD_OPTIONS if line.columns[0] != "policy"], ids=str)
def test_bad_option(line: DataLine) -> None:
    with pytest.raises(class_of(line.status(line.columns[2]))) as caught:
        Socket(SocketType[line.columns[0]], **changes(line))
    assert line.columns[3] in str(caught.value)


@pytest.mark.parametrize("line", [line for line in BAD_OPTIONS if line.columns[0] == "policy"], ids=str)
def test_bad_policy(line: DataLine) -> None:
    error, policy = class_of(line.status(line.columns[2])), RetryPolicy(**changes(line))
    for use in (
        lambda: Puller(retry=policy),
        lambda: Backoff(policy),
        lambda: retry(lambda: pytest.fail("it was called"), policy=policy),
    ):
        with pytest.raises(error) as caught:
            use()
        assert line.columns[3] in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("send_hwm", "1"),
        ("default_timeout", None),
        ("identity", "text"),
        ("retry", None),
        ("context", 5),
        ("timeout", 5),
    ],
)
def test_option_of_another_type(option: str, value: Any) -> None:
    with pytest.raises(TypeError, match=option):
        Publisher(**{option: value})


@pytest.mark.parametrize(
    ("options", "members"),
    [
        ({"on_full": 9}, r"on_full is 9, it must be one of OnFull\.DROP, OnFull\.WAIT$"),
        ({"wire_form": 7}, r"wire_form is 7, it must be one of WireForm\.MULTIPART, WireForm\.SPACE$"),
        ({"retry": RetryPolicy(jitter=9)}, r"jitter is 9, it must be one of Jitter\.NONE, .*, Jitter\.PROPORTIONAL$"),  # type: ignore[arg-type]
    ],
)
def test_errors_name_the_members(options: Any, members: str) -> None:
    with pytest.raises(ZMQInvalidError, match=members):
        Publisher(**options)


def test_numbers_that_are_hard_to_convert_are_out_of_range() -> None:
    for number in (10**5000, Decimal("sNaN")):
        with pytest.raises(ZMQInvalidError, match="multiplier"):
            Puller(retry=RetryPolicy(multiplier=number))  # type: ignore[arg-type]


@pytest.mark.parametrize(("number", "error"), [(-1, ZMQInvalidError), (11, ZMQInvalidError), ("PUB", TypeError)])
def test_senseless_socket_type(number: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        Socket(number)


def test_error_names_the_socket_type() -> None:
    with pytest.raises(ZMQInvalidError, match="77"):
        Socket(77)  # type: ignore[arg-type]
