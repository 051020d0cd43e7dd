# SPDX-License-Identifier: Apache-2.0
"""Every pattern with pyzmq on the other side: both directions, each side binding, each side blocking and not."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
import zmq

from event_reader import PATIENCE
from experimance_zmq import SocketType, WireForm
from interop_sides import Ours, Theirs, link

MESSAGES = [b"", b"\0", b"short", bytes(range(256)) * 4096, b"last"]
PARTS = [[b"a", b"", b"c"], [b"", b""], [b"\0" * 100_000, b"end"]]

pytestmark = [
    pytest.mark.parametrize("zmq_transport", ["tcp", "ipc"]),
    pytest.mark.parametrize("we_bind", [True, False], ids=["we bind", "they bind"]),
    pytest.mark.parametrize("they_are_async", [True, False], ids=["zmq.asyncio", "zmq"]),
    pytest.mark.parametrize("we_are_async", [True, False], ids=["our aio", "ours"]),
]
WIRE_FORMS = pytest.mark.parametrize("form", WireForm, ids=lambda form: form.name)

Linked = Callable[[Ours, Theirs], Coroutine[Any, Any, tuple[Ours, Theirs]]]


@pytest.fixture
async def linked(zmq_endpoint: str, we_bind: bool) -> AsyncIterator[Linked]:
    """Links two sockets, and closes them after the test."""
    pairs: list[tuple[Ours, Theirs]] = []

    async def make(ours: Ours, theirs: Theirs) -> tuple[Ours, Theirs]:
        pairs.append((ours, theirs))
        await link(ours, theirs, zmq_endpoint, we_bind)
        return ours, theirs

    yield make
    for ours, theirs in pairs:
        await ours.close()
        theirs.close()


def frames(form: WireForm, topic: bytes, payload: bytes) -> list[bytes]:
    """A published message on the wire."""
    return [topic, payload] if form is WireForm.MULTIPART else [topic + b" " + payload]


@WIRE_FORMS
async def test_pub_to_sub(form: WireForm, linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(
        Ours.of_role("Publisher", we_are_async, wire_form=form), Theirs(zmq.SUB, they_are_async, SUBSCRIBE=b"weather")
    )
    # A SUB that is bound sends its subscriptions only while its thread is in a call on it.
    receiving = asyncio.create_task(theirs.receive())
    await ours.do(ours.socket.wait_subscribers, "weather", timeout=PATIENCE)
    await ours.do(ours.socket.publish, "ignored", b"x")
    for message in MESSAGES:
        await ours.do(ours.socket.publish, "weather/now", message)
    received = [await receiving, *[await theirs.receive() for _ in MESSAGES[1:]]]
    assert received == [frames(form, b"weather/now", message) for message in MESSAGES]


@WIRE_FORMS
async def test_sub_to_pub(form: WireForm, linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(
        Ours.of_role("Subscriber", we_are_async, wire_form=form), Theirs(zmq.PUB, they_are_async)
    )
    ours.socket.subscribe("weather")
    receiving = asyncio.create_task(ours.receive())
    number = 0
    # A PUB of another library does not tell when a subscription has arrived: publish until it has.
    numbers = itertools.count()
    while True:
        number = next(numbers)
        await theirs.send(*frames(form, b"ignored", b"x"))
        await theirs.send(*frames(form, b"weather", b"%d" % number))
        if (await asyncio.wait((receiving,), timeout=0.01))[0]:
            break
    topic, first = await receiving
    assert topic == "weather"
    for following in range(int(first) + 1, number + 1):
        assert await ours.receive() == ("weather", b"%d" % following)
    for message in MESSAGES:
        await theirs.send(*frames(form, b"weather now" if form is WireForm.MULTIPART else b"weather", message))
    assert [(await ours.receive())[1] for _ in MESSAGES] == MESSAGES


async def test_push_to_pull(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_role("Pusher", we_are_async), Theirs(zmq.PULL, they_are_async))
    for message in MESSAGES:
        await ours.send(message)
    assert [await theirs.receive() for _ in MESSAGES] == [[message] for message in MESSAGES]


async def test_pull_from_push(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_role("Puller", we_are_async), Theirs(zmq.PUSH, they_are_async))
    for message in MESSAGES:
        await theirs.send(message)
    assert [await ours.receive() for _ in MESSAGES] == MESSAGES


async def test_parts_of_push_and_pull(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_type(SocketType.PULL, we_are_async), Theirs(zmq.PUSH, they_are_async))
    for parts in PARTS:
        await theirs.send(*parts)
    assert [await ours.receive() for _ in PARTS] == PARTS


@pytest.mark.parametrize("idempotent", [False, True], ids=["once", "idempotent"])
async def test_req_to_rep(idempotent: bool, linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_role("Requester", we_are_async), Theirs(zmq.REP, they_are_async))
    for message in MESSAGES:
        asking = asyncio.create_task(
            ours.do(ours.socket.request, message, timeout=PATIENCE, idempotent=idempotent),
        )
        assert await theirs.receive() == [message]
        await theirs.send(message[::-1])
        assert await asking == message[::-1]


async def test_rep_to_req(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_role("Replier", we_are_async), Theirs(zmq.REQ, they_are_async))
    for message in MESSAGES:
        await theirs.send(message)
        assert await ours.receive() == message
        await ours.send(message[::-1])
        assert await theirs.receive() == [message[::-1]]


async def test_dealer_to_router(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(
        Ours.of_type(SocketType.DEALER, we_are_async, identity=b"our name"), Theirs(zmq.ROUTER, they_are_async)
    )
    for parts in PARTS:
        await ours.send(*parts)
        assert await theirs.receive() == [b"our name", *parts]
        await theirs.send(b"our name", *parts, b"seen")
        assert await ours.receive() == [*parts, b"seen"]


async def test_router_to_dealer(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(
        Ours.of_type(SocketType.ROUTER, we_are_async), Theirs(zmq.DEALER, they_are_async, ROUTING_ID=b"their name")
    )
    for parts in PARTS:
        await theirs.send(*parts)
        assert await ours.receive() == [b"their name", *parts]
        await ours.send(b"their name", *parts, b"seen")
        assert await theirs.receive() == [*parts, b"seen"]


async def test_requests_through_router_and_dealer(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    """The frames that a REQ puts before its message are the same in both libraries."""
    ours, theirs = await linked(Ours.of_role("Requester", we_are_async), Theirs(zmq.ROUTER, they_are_async))
    asking = asyncio.create_task(ours.do(ours.socket.request, b"question", timeout=PATIENCE))
    *envelope, question = await theirs.receive()
    assert question == b"question"
    await theirs.send(*envelope, b"answer")
    assert await asking == b"answer"


async def test_pair(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_type(SocketType.PAIR, we_are_async), Theirs(zmq.PAIR, they_are_async))
    for parts in PARTS:
        await ours.send(*parts)
        assert await theirs.receive() == parts
        await theirs.send(*reversed(parts))
        assert await ours.receive() == parts[::-1]


@pytest.mark.parametrize("kind", [zmq.SUB, zmq.XSUB], ids=["SUB", "XSUB"])
async def test_xpub_to_sub(kind: int, linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    theirs = Theirs(kind, they_are_async, **({"SUBSCRIBE": b"weather"} if kind == zmq.SUB else {}))
    ours, theirs = await linked(Ours.of_type(SocketType.XPUB, we_are_async), theirs)
    if kind == zmq.XSUB:
        await theirs.send(b"\x01weather")
    receiving = asyncio.create_task(theirs.receive())
    assert await ours.receive() == [b"\x01weather"]
    await ours.send(b"ignored", b"x")
    await ours.send(b"weather", b"", b"sunny")
    assert await receiving == [b"weather", b"", b"sunny"]
    if kind == zmq.XSUB:
        await theirs.send(b"\x00weather")
        assert await ours.receive() == [b"\x00weather"]


async def test_xsub_to_xpub(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_type(SocketType.XSUB, we_are_async), Theirs(zmq.XPUB, they_are_async))
    await ours.send(b"\x01weather")
    assert await theirs.receive() == [b"\x01weather"]
    await theirs.send(b"ignored", b"x")
    for parts in PARTS:
        await theirs.send(b"weather", *parts)
    assert [await ours.receive() for _ in PARTS] == [[b"weather", *parts] for parts in PARTS]
    await ours.send(b"\x00weather")
    assert await theirs.receive() == [b"\x00weather"]


async def test_subscriptions_reach_xpub(linked: Linked, we_are_async: bool, they_are_async: bool) -> None:
    ours, theirs = await linked(Ours.of_role("Subscriber", we_are_async), Theirs(zmq.XPUB, they_are_async))
    ours.socket.subscribe("weather")
    assert await theirs.receive() == [b"\x01weather"]
    ours.socket.unsubscribe("weather")
    assert await theirs.receive() == [b"\x00weather"]
