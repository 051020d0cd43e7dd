# SPDX-License-Identifier: Apache-2.0
"""Endpoints that are none are refused with a word of why, and change nothing."""

from collections.abc import Callable
from typing import Any

import pytest

from data_lines import DataLine, data_lines
from event_reader import PATIENCE
from experimance_zmq import Puller, Pusher, State, ZMQInvalidError, ZMQNotSupportedError, ZMQSocketError, ZMQStateError
from experimance_zmq.errors import class_of

BAD_ENDPOINTS = data_lines("bad-endpoints.tsv", columns=5)

USES: dict[str, dict[str, Callable[[Pusher, str], object]]] = {
    "bind": {"bind": Pusher.bind},
    "connect": {
        "connect": Pusher.connect,
        "connect in the background": lambda pusher, endpoint: pusher.connect(endpoint, background=True),
    },
}


def refuse(method: Callable[[Pusher, str], object], line: DataLine) -> ZMQSocketError:
    """The method raises the error of the line."""
    error = class_of(line.status(line.columns[2]))
    with Pusher() as pusher:
        with pytest.raises(error) as caught:
            method(pusher, line.text(line.columns[0]))
        assert type(caught.value) is error
        assert pusher.state is State.IDLE
        assert pusher.stats.connect_attempts == 0
    return caught.value


@pytest.mark.parametrize("line", BAD_ENDPOINTS, ids=str)
def test_bad_endpoint(line: DataLine) -> None:
    uses = list(USES) if line.columns[1] == "both" else [line.columns[1]]
    for use in uses:
        for name, method in USES[use].items():
            assert line.columns[3] in str(refuse(method, line)), f"{name}, {line}"
    if line.columns[1] == "both":
        refuse(Pusher.unbind, line)
        refuse(Pusher.disconnect, line)


@pytest.mark.parametrize("endpoint", [None, 5, b"tcp://127.0.0.1:1", ["tcp://127.0.0.1:1"]], ids=str)
@pytest.mark.parametrize("method", ["bind", "connect", "unbind", "disconnect"])
def test_endpoint_of_another_type(endpoint: Any, method: str) -> None:
    with Pusher() as pusher, pytest.raises(TypeError, match="endpoint must be a str"):
        getattr(pusher, method)(endpoint)


@pytest.mark.parametrize("method", ["unbind", "disconnect"])
@pytest.mark.parametrize(
    ("endpoint", "error", "reason"),
    [
        ("nonsense", ZMQInvalidError, "from nonsense on PUSH failed: that is no endpoint; one is tcp://"),
        ("tcp://127.0.0.1:65536", ZMQInvalidError, "that is no endpoint; one is tcp://"),
        ("udp://127.0.0.1:5", ZMQNotSupportedError, "the transports are tcp, ipc and inproc"),
        ("tcp://127.0.0.1:5", ZMQStateError, "the socket is not (bound|connected) to it"),
    ],
)
def test_link_that_there_is_not_is_not_ended(
    endpoint: str, error: type[ZMQSocketError], reason: str, method: str
) -> None:
    with Pusher() as pusher, pytest.raises(error, match=reason):
        getattr(pusher, method)(endpoint)


@pytest.mark.parametrize("name", ["a b", " ", "größe und maß"])
def test_a_path_may_have_what_paths_have(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("s")
    for endpoint in (f"ipc://{folder / name}", f"inproc://{name}"):
        with Puller() as puller, Pusher() as pusher:
            assert puller.bind(endpoint) == endpoint
            pusher.connect(endpoint, timeout=PATIENCE)
            pusher.send(b"here")
            assert puller.recv(timeout=PATIENCE) == b"here"
            assert pusher.endpoint == endpoint
