# SPDX-License-Identifier: Apache-2.0
"""Options that pyzmq's programs set on this library: each is in the table, and does what it says there."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
import zmq

from on_backend import TESTS, on_backend
from pyzmq_sockets import PATIENCE_MS, bound, events, new_context, of

# What can only be read, is another type's, or does not take a value of 1 byte, or 1.
NOT_FOR_A_DEALER = {
    *("RCVMORE", "FD", "EVENTS", "TYPE", "LAST_ENDPOINT", "THREAD_SAFE", "MECHANISM"),
    *("SUBSCRIBE", "UNSUBSCRIBE", "INVERT_MATCHING", "ROUTER_HANDOVER"),
    *("XPUB_VERBOSE", "XPUB_VERBOSER", "XPUB_NODROP", "XPUB_MANUAL", "XPUB_WELCOME_MSG"),
    *("TCP_ACCEPT_FILTER", "CURVE_PUBLICKEY", "CURVE_SECRETKEY", "CURVE_SERVERKEY"),
}
PAGE = Path(TESTS).parents[2] / "docs" / "pyzmq.md"


def table() -> Any:
    """The rows, which are only there on the backend."""
    from experimance_zmq.pyzmq._options import OPTIONS

    return OPTIONS


@on_backend
def test_every_option_that_pyzmq_names_is_in_the_table() -> None:
    names = {name: int(member) for name, member in zmq.SocketOption.__members__.items()}
    assert [name for name, number in names.items() if number not in table()] == []


@on_backend
def test_the_page_shows_the_table() -> None:
    shown = re.findall(r"^\| `(\w+)` \| ([^|]*?) \| ([^|]*?) \| ([^|]*?) \|$", PAGE.read_text(encoding="utf-8"), re.M)
    rows = []
    for row in table().values():
        usual = "" if row.usual is None else f"`{row.usual!r}`"
        rows.append((row.name, row.how.value, usual, row.note))
    assert shown == rows


def refusal_of(option: int, value: int | bytes) -> zmq.ZMQError | None:
    try:
        of(zmq.DEALER).set(option, value)
    except zmq.ZMQError as error:
        return error
    return None


@on_backend
def test_every_option_can_be_set_or_says_why_not() -> None:
    for number, row in table().items():
        value = b"x" if zmq.SocketOption(number)._opt_type.value == "bytes" else 1
        refusal = refusal_of(number, value)
        is_refused = row.how.value == "refused"
        says = "" if refusal is None else str(refusal)
        assert refusal is None or refusal.errno == zmq.EINVAL, row
        assert (says.endswith(f"{row.name} is refused: {row.note} (docs/pyzmq.md)")) == is_refused, (row, says)
        if row.note != "where libzmq was built with it":
            assert (refusal is None) == (not is_refused and row.name not in NOT_FOR_A_DEALER), (row, says)


def logged() -> list[str]:
    """The lines of the log, from now on."""
    lines: list[str] = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    logging.getLogger("experimance_zmq").addHandler(Lines())
    return lines


@on_backend
def test_what_is_refused_is_said_once() -> None:
    lines = logged()
    refused = [number for number, row in table().items() if row.how.value == "refused"]
    for _ in range(2):
        for number in refused:
            assert refusal_of(number, b"x" if zmq.SocketOption(number)._opt_type.value == "bytes" else 1)
    shown = [f"zmq.{table()[number].name} is refused: {table()[number].note} (docs/pyzmq.md)" for number in refused]
    assert lines == shown


@on_backend
def test_what_has_no_effect_is_said_once() -> None:
    lines = logged()
    for _ in range(2):
        socket = of(zmq.PUSH)
        socket.AFFINITY = 3
        socket.IMMEDIATE = 1
        socket.IPV6 = 1
        assert (socket.AFFINITY, socket.IMMEDIATE, socket.IPV6) == (3, 1, 1)
    assert [line.split()[0] for line in lines] == ["zmq.AFFINITY", "zmq.IPV6"]
    assert all("docs/pyzmq.md" in line for line in lines)


@on_backend
def test_values_that_make_no_sense_are_refused() -> None:
    socket = of(zmq.PULL)
    for option, value in ((zmq.LINGER, -2), (zmq.RCVHWM, -5), (zmq.EVENTS, 1), (zmq.CONFLATE, 2), (9999, 1)):
        with pytest.raises(zmq.ZMQError) as raised:
            socket.set(option, value)
        assert raised.value.errno == zmq.EINVAL
    for option, wrong in ((zmq.LINGER, b"1"), (zmq.ROUTING_ID, 5), (zmq.SUBSCRIBE, "text")):
        with pytest.raises(TypeError):
            socket.set(option, wrong)  # type: ignore[arg-type]


@on_backend
def test_high_water_marks_count_until_the_first_link() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    sender.SNDHWM = receiver.RCVHWM = 1
    sender.SNDTIMEO = 0
    receiver.bind("inproc://marks")
    sender.connect("inproc://marks")
    assert sender.poll(PATIENCE_MS, zmq.POLLOUT)
    sent = 0
    with pytest.raises(zmq.Again):
        while sent < 10:
            sender.send(b"")
            sent += 1
    assert 1 <= sent <= 3


@on_backend
def test_conflate_keeps_the_newest_with_spaces_in_it() -> None:
    publisher, subscriber = of(zmq.XPUB), of(zmq.SUB)
    subscriber.CONFLATE = 1
    subscriber.SUBSCRIBE = b""
    subscriber.connect(bound(publisher))
    assert publisher.recv() == b"\x01"
    for number in range(50):
        publisher.send(b"a b %d" % number)
    received = subscriber.recv()
    while received != b"a b 49":
        received = subscriber.recv()
    assert subscriber.poll(0) == 0


@on_backend
def test_options_that_are_fixed_with_the_first_link_may_be_set_in_any_order() -> None:
    publisher, subscriber = of(zmq.XPUB), of(zmq.SUB)
    watched = subscriber.FD
    subscriber.SUBSCRIBE = b"a"
    subscriber.TCP_KEEPALIVE_IDLE = 77
    subscriber.RECONNECT_IVL = 50
    subscriber.RCVHWM = 7
    subscriber.connect(bound(publisher))
    assert publisher.recv() == b"\x01a"
    publisher.send(b"a message")
    assert watched == subscriber.FD
    assert subscriber.TCP_KEEPALIVE_IDLE == 77
    assert zmq.zmq_poll([(watched, zmq.POLLIN)], PATIENCE_MS) == [(watched, zmq.POLLIN)]
    assert events(subscriber) & zmq.POLLIN
    assert subscriber.recv() == b"a message"


@on_backend
def test_the_descriptor_tells_of_room_to_send() -> None:
    sender, receiver = of(zmq.PUSH), of(zmq.PULL)
    endpoint = bound(receiver)
    assert events(sender) == 0
    watched = sender.FD
    sender.connect(endpoint)
    while not events(sender) & zmq.POLLOUT:
        assert zmq.zmq_poll([(watched, zmq.POLLIN)], PATIENCE_MS)


@on_backend
def test_contexts_have_their_options() -> None:
    context = new_context()
    context.set(zmq.IO_THREADS, 2)
    assert context.get(zmq.IO_THREADS) == 2
    context.set(zmq.MAX_SOCKETS, 3)
    sockets = [context.socket(zmq.PULL)]
    with pytest.raises(zmq.ZMQError) as raised:
        while len(sockets) < 10:
            sockets.append(context.socket(zmq.PULL))
    assert raised.value.errno == 24  # EMFILE
    with pytest.raises(zmq.ZMQError):
        context.set(4711, 1)
    context.destroy()
    with pytest.raises(RuntimeError):
        context.get(zmq.IO_THREADS)


@on_backend
def test_a_link_is_made_again_as_soon_as_programs_count_on_unless_they_say_otherwise() -> None:
    from experimance_zmq.pyzmq._settings import Settings

    settings = Settings(int(zmq.SUB), lingers_not=False)
    assert 0 < settings.as_struct().retry.max_backoff_ms <= 250
    settings[zmq.RECONNECT_IVL_MAX] = 5000
    assert settings.as_struct().retry.max_backoff_ms == 5000


@on_backend
def test_numbers_that_are_out_of_range_are_refused() -> None:
    socket, context = of(zmq.PULL), new_context()
    usual = socket.get(zmq.SNDBUF)
    for option, value in (
        (2**32 + zmq.SNDBUF, 4096),
        (zmq.MAXMSGSIZE, 2**70),
        (zmq.MAXMSGSIZE, -(2**70)),
        (zmq.SNDBUF, 2**31),
        (-(2**40), 1),
    ):
        with pytest.raises(OverflowError):
            socket.set(option, value)
    with pytest.raises(OverflowError):
        socket.get(2**32 + zmq.SNDBUF)
    assert socket.get(zmq.SNDBUF) == usual
    assert socket.get(zmq.MAXMSGSIZE) == -1
    for option in (zmq.IO_THREADS, zmq.THREAD_PRIORITY, zmq.THREAD_AFFINITY_CPU_ADD, 2**33):
        with pytest.raises(OverflowError):
            context.set(option, 2**40)
    names: tuple[Any, ...] = ("4", 4.7)
    for name in names:
        with pytest.raises(TypeError):
            socket.get(name)
        with pytest.raises(TypeError):
            socket.set(name, 1)
