# SPDX-License-Identifier: Apache-2.0
"""What a stranger sends ends no loop: a message that iterating can not give is used up, counted, and told of once."""

import asyncio
import itertools
import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import zmq

from both_loops import both_loops
from event_reader import PATIENCE
from experimance_zmq import (
    Publisher,
    Puller,
    Replier,
    Requester,
    Socket,
    SocketType,
    Subscriber,
    WireForm,
    ZMQProtocolError,
    ZMQSocketError,
    ZMQStateError,
    aio,
)
from experimance_zmq.zmq_utils import ZmqPullSocket
from foreign_sockets import Foreign, MakeForeign

LOGGER = "experimance_zmq"

Messages = list[list[bytes]]
BAD: Messages = [[b"two", b"parts"], [b"", b"", b""]]


def send_all(sender: Foreign, messages: Iterable[list[bytes]]) -> None:
    for message in messages:
        sender.send_multipart(message)


def some_of(socket: Iterable[Any], count: int) -> list[Any]:
    return list(itertools.islice(socket, count))


async def some_async(socket: Any, count: int) -> list[Any]:
    received = []
    async for message in socket:
        received.append(message)
        if len(received) == count:
            break
    return received


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == LOGGER and record.levelname == "WARNING"]


RECEIVERS: dict[str, tuple[Callable[[], Any], Callable[[], Any], int]] = {
    "a puller": (Puller, aio.Puller, zmq.PUSH),
    "a puller that receives nothing ahead": (lambda: Puller(prefetch=0), lambda: aio.Puller(prefetch=0), zmq.PUSH),
    "a pair": (lambda: Socket(SocketType.PAIR), lambda: aio.Socket(SocketType.PAIR), zmq.PAIR),
    "a dealer": (
        lambda: Socket(SocketType.DEALER, prefetch=9),
        lambda: aio.Socket(SocketType.DEALER, prefetch=9),
        zmq.DEALER,
    ),
}


@pytest.mark.parametrize("receiver", RECEIVERS)
def test_iterating_goes_on_after_messages_of_several_parts(
    receiver: str, tcp: str, pyzmq: MakeForeign, caplog: pytest.LogCaptureFixture
) -> None:
    make, _, kind = RECEIVERS[receiver]
    with make() as socket:
        stranger = pyzmq(kind)
        stranger.connect(socket.bind(tcp))
        with caplog.at_level(logging.WARNING, LOGGER):
            send_all(stranger, [[b"1"], *BAD, [b"2"], *BAD, [b"3"]])
            assert some_of(socket, 3) == [b"1", b"2", b"3"]
        assert socket.skipped == 4
        assert [line for line in lines(caplog) if "2 parts" in line] == lines(caplog)
        assert len(lines(caplog)) == 1


@pytest.mark.parametrize("receiver", RECEIVERS)
@both_loops
async def test_iterating_in_a_loop_goes_on_after_messages_of_several_parts(
    receiver: str, tcp: str, pyzmq: MakeForeign
) -> None:
    _, make, kind = RECEIVERS[receiver]
    async with make() as socket:
        stranger = pyzmq(kind)
        stranger.connect(await socket.bind(tcp))
        receiving = asyncio.create_task(some_async(socket, 3))
        send_all(stranger, [*BAD, [b"1"], *BAD, [b"2"], [b"3"]])
        assert await receiving == [b"1", b"2", b"3"]
        assert socket.skipped == 4


NOT_PUBLISHED: Messages = [[b"one frame"], [b"a", b"b", b"c"], [b"a", b"", b"", b""]]


@pytest.mark.parametrize("form", WireForm)
def test_iterating_a_subscriber_goes_on(
    form: WireForm, tcp: str, pyzmq: MakeForeign, caplog: pytest.LogCaptureFixture
) -> None:
    bad = NOT_PUBLISHED if form is WireForm.MULTIPART else NOT_PUBLISHED[1:]
    good = [[b"a", b"1"], [b"a", b"2"]] if form is WireForm.MULTIPART else [[b"a 1"], [b"a 2"]]
    with Subscriber(wire_form=form) as subscriber:
        subscriber.subscribe("")
        stranger = pyzmq(zmq.XPUB)
        stranger.connect(subscriber.bind(tcp))
        assert stranger.recv() == b"\1"
        with caplog.at_level(logging.WARNING, LOGGER):
            send_all(stranger, [*bad, good[0], *bad, good[1]])
            assert some_of(subscriber, 2) == [("a", b"1"), ("a", b"2")]
        assert subscriber.skipped == 2 * len(bad)
        assert len(lines(caplog)) == 1


@both_loops
async def test_iterating_a_subscriber_in_a_loop_goes_on(tcp: str, pyzmq: MakeForeign) -> None:
    async with aio.Subscriber() as subscriber:
        subscriber.subscribe("")
        stranger = pyzmq(zmq.XPUB)
        stranger.connect(await subscriber.bind(tcp))
        assert stranger.recv() == b"\1"
        send_all(stranger, [*NOT_PUBLISHED, [b"a", b"1"], *NOT_PUBLISHED, [b"a", b"2"]])
        assert await some_async(subscriber, 2) == [("a", b"1"), ("a", b"2")]
        assert subscriber.skipped == 2 * len(NOT_PUBLISHED)


def test_a_message_that_recv_of_a_subscriber_refuses_can_be_received(tcp: str, pyzmq: MakeForeign) -> None:
    with Subscriber() as subscriber:
        subscriber.subscribe("")
        stranger = pyzmq(zmq.XPUB)
        stranger.connect(subscriber.bind(tcp))
        assert stranger.recv() == b"\1"
        send_all(stranger, [*NOT_PUBLISHED, [b"\xff", b"1"], [b"a", b"2"], [b"\xff", b"3"]])
        for frames in NOT_PUBLISHED:
            assert subscriber.recv_parts(timeout=PATIENCE) == frames
        assert subscriber.recv(timeout=PATIENCE) == ("\udcff", b"1")
        assert [subscriber.recv_parts(timeout=PATIENCE) for _ in "23"] == [[b"a", b"2"], [b"\xff", b"3"]]
        send_all(stranger, [[b"one"]])
        with pytest.raises(ZMQProtocolError, match="recv_parts receives what comes as it is"):
            subscriber.recv(timeout=PATIENCE)


@both_loops
async def test_a_message_that_recv_of_a_subscriber_refuses_can_be_received_in_a_loop(
    tcp: str, pyzmq: MakeForeign
) -> None:
    async with aio.Subscriber() as subscriber:
        subscriber.subscribe("")
        stranger = pyzmq(zmq.XPUB)
        stranger.connect(await subscriber.bind(tcp))
        assert stranger.recv() == b"\1"
        send_all(stranger, [[b"a", b"b", b"c"], [b"a", b"1"], [b"\xff", b"2"]])
        received = [await subscriber.recv_parts(timeout=PATIENCE) for _ in "123"]
        assert received == [[b"a", b"b", b"c"], [b"a", b"1"], [b"\xff", b"2"]]


# Replies


def test_a_server_goes_on_after_a_request_of_several_parts(tcp: str, pyzmq: MakeForeign) -> None:
    with Replier() as replier, Requester() as good:

        def serve() -> None:
            for question in replier:
                replier.send(question.upper())

        endpoint = replier.bind(tcp)
        server = threading.Thread(target=serve)
        server.start()
        stranger = pyzmq(zmq.REQ)
        stranger.connect(endpoint)
        good.connect(endpoint, timeout=PATIENCE)
        for parts in BAD:
            stranger.send_multipart(parts)
            assert stranger.recv_multipart() == [b""]
            assert good.request(b"hello", timeout=PATIENCE) == b"HELLO"
        # One that does not wait for its answer.
        gone = pyzmq(zmq.DEALER)
        gone.connect(endpoint)
        gone.send_multipart([b"", b"two", b"parts"])
        gone.close()
        assert good.request(b"again", timeout=PATIENCE) == b"AGAIN"
        replier.close()
        server.join(PATIENCE)
        assert not server.is_alive()


@both_loops
async def test_a_server_in_a_loop_goes_on_after_a_request_of_several_parts(tcp: str, pyzmq: MakeForeign) -> None:
    async with aio.Replier() as replier, aio.Requester() as good:

        async def serve() -> None:
            async for question in replier:
                await replier.send(question.upper())

        endpoint = await replier.bind(tcp)
        server = asyncio.create_task(serve())
        stranger = pyzmq(zmq.REQ)
        stranger.connect(endpoint)
        await good.connect(endpoint, timeout=PATIENCE)
        stranger.send_multipart(BAD[0])
        assert await good.request(b"hello", timeout=PATIENCE) == b"HELLO"
        # The server needs the loop for it.
        assert await asyncio.to_thread(stranger.recv_multipart) == [b""]
        assert replier.skipped == 1
        await replier.close()
        await server


# A socket that is closed at that very moment


class ClosedMeanwhile(Replier):
    """Another thread closes it when a message that iterating can not give has come."""

    def _skip(self, error: ZMQSocketError) -> bytes | None:
        self.close()
        return super()._skip(error)


class ClosedMeanwhileInALoop(aio.Replier):
    """The same."""

    def _skip(self, error: ZMQSocketError) -> bytes | None:
        # As another task does that closes it.
        self._core.close(0)
        return super()._skip(error)


def test_a_loop_ends_when_its_socket_is_closed_before_the_message_is_skipped(tcp: str, pyzmq: MakeForeign) -> None:
    with ClosedMeanwhile(default_timeout=PATIENCE) as replier:
        stranger = pyzmq(zmq.REQ)
        stranger.connect(replier.bind(tcp))
        stranger.send_multipart(BAD[0])
        assert list(replier) == []


@both_loops
async def test_a_loop_of_a_task_ends_when_its_socket_is_closed_before_the_message_is_skipped(
    tcp: str, pyzmq: MakeForeign
) -> None:
    async with ClosedMeanwhileInALoop(default_timeout=PATIENCE) as replier:
        stranger = pyzmq(zmq.REQ)
        stranger.connect(await replier.bind(tcp))
        stranger.send_multipart(BAD[0])
        assert [question async for question in replier] == []


# What is no stranger's fault


def test_a_server_that_does_not_answer_is_told(tcp: str) -> None:
    with Replier(default_timeout=PATIENCE) as replier, Socket(SocketType.REQ) as asking:
        asking.connect(replier.bind(tcp), timeout=PATIENCE)
        asking.send(b"question")
        requests = iter(replier)
        assert next(requests) == b"question"
        with pytest.raises(ZMQStateError, match="has to be answered first"):
            next(requests)
        assert replier.skipped == 0


def test_who_gets_nothing_but_several_parts_is_told(tcp: str, pyzmq: MakeForeign) -> None:
    with Socket(SocketType.ROUTER, default_timeout=PATIENCE) as router:
        dealer = pyzmq(zmq.DEALER)
        dealer.connect(router.bind(tcp))
        dealer.send(b"x")
        with pytest.raises(ZMQStateError, match="for recv_parts"):
            next(iter(router))
        assert router.recv_parts()[1:] == [b"x"]


def test_who_gets_nothing_but_two_frames_is_told(tcp: str) -> None:
    with Publisher() as publisher, Socket(SocketType.SUB, default_timeout=PATIENCE) as subscriber:
        subscriber.subscribe("")
        subscriber.connect(publisher.bind(tcp), timeout=PATIENCE)
        publisher.wait_subscribers("a", timeout=PATIENCE)
        publisher.publish("a", b"1")
        with pytest.raises(ZMQStateError, match="for recv_parts"):
            next(iter(subscriber))
        assert subscriber.recv_parts() == [b"a", b"1"]


# JSON

BAD_JSON = [b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5000, b"\xff", b'"\xed', b"", b"{", b"nan"]


def test_bad_json_is_a_value_error(tcp: str, pyzmq: MakeForeign) -> None:
    with Puller() as puller:
        stranger = pyzmq(zmq.PUSH)
        stranger.connect(puller.bind(tcp))
        send_all(stranger, [[text] for text in BAD_JSON])
        for _ in BAD_JSON:
            with pytest.raises(ValueError):  # noqa: PT011
                puller.recv_json(timeout=PATIENCE)


def test_bad_json_is_dropped_by_the_old_classes(tcp: str, pyzmq: MakeForeign) -> None:
    stranger = pyzmq(zmq.PUSH)
    stranger.bind(tcp)
    with ZmqPullSocket(stranger.getsockopt_string(zmq.LAST_ENDPOINT), use_asyncio=False) as puller:
        send_all(stranger, [[text] for text in BAD_JSON])
        send_all(stranger, [[b'{"two":', b"1}"], [b"[1]"]])
        assert [puller.pull() for _ in BAD_JSON] == [{}] * len(BAD_JSON)
        assert puller.pull() == {"two": 1}
        not_an_object: Any = puller.pull()
        assert not_an_object == [1]
