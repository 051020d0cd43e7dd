# SPDX-License-Identifier: Apache-2.0
"""PubSubService: handlers by topic, what they may do, and how it ends."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from json import JSONDecodeError
from typing import Any

import pytest

from event_reader import PATIENCE
from experimance_zmq import WireForm, ZMQAddressInUseError, ZMQInvalidError, ZMQStateError, aio
from experimance_zmq.services import BYTES, HandlerCanceledError, PubSubService, ServiceState
from limits import ends_within

Messages = asyncio.Queue[tuple[str, Any]]


@pytest.fixture
async def publisher(tcp: str) -> AsyncIterator[aio.Publisher]:
    async with aio.Publisher() as publisher:
        await publisher.bind(tcp)
        yield publisher


def keep(messages: Messages) -> Callable[[str, Any], None]:
    return lambda topic, payload: messages.put_nowait((topic, payload))


async def next_of(messages: Messages) -> tuple[str, Any]:
    return await asyncio.wait_for(messages.get(), PATIENCE)


async def test_services_talk_to_each_other_whoever_starts_first(reserved_port: Any) -> None:
    heard: Messages = asyncio.Queue()
    async with (
        PubSubService(subscribe_to=reserved_port.endpoint, handlers={"weather": keep(heard)}),
        PubSubService(publish_at=reserved_port.endpoint) as speaker,
    ):
        await speaker.publisher.wait_subscribers("weather", timeout=PATIENCE)
        await speaker.publish("weather", {"sky": "blue"})
        assert await next_of(heard) == ("weather", {"sky": "blue"})
        assert speaker.health.peers == {"publisher": 1}


async def test_messages_go_to_the_longest_topic_and_else_to_the_default(publisher: aio.Publisher) -> None:
    weather, storm, rest = asyncio.Queue[Any](), asyncio.Queue[Any](), asyncio.Queue[Any]()

    async def on_storm(topic: str, payload: Any) -> None:
        await asyncio.sleep(0)
        await storm.put((topic, payload))

    async with PubSubService(
        subscribe_to=publisher.endpoint,
        handlers={"weather": keep(weather), "weather/storm": on_storm},
        default_handler=keep(rest),
    ) as service:
        await publisher.wait_subscribers("anything", timeout=PATIENCE)
        await publisher.wait_subscribers("weather/storm", timeout=PATIENCE)
        for topic in ("weather/rain", "weather/storm/far", "news", "weather"):
            await publisher.publish_json(topic, topic.upper())
        assert await next_of(weather) == ("weather/rain", "WEATHER/RAIN")
        assert await next_of(weather) == ("weather", "WEATHER")
        assert await next_of(storm) == ("weather/storm/far", "WEATHER/STORM/FAR")
        assert await next_of(rest) == ("news", "NEWS")
        assert service.health.failed == 0
    assert service.health.handled == 4
    assert weather.empty()


async def test_handlers_can_be_added_and_replaced_while_it_runs(publisher: aio.Publisher) -> None:
    first, second = asyncio.Queue[Any](), asyncio.Queue[Any]()
    async with PubSubService(subscribe_to=publisher.endpoint) as service:
        service.handle("late", keep(first))
        await publisher.wait_subscribers("late", timeout=PATIENCE)
        await publisher.publish_json("late", 1)
        assert await next_of(first) == ("late", 1)
        service.handle("late", keep(second))
        await publisher.publish_json("late", 2)
        assert await next_of(second) == ("late", 2)
        assert first.empty()


async def test_what_fails_is_reported_and_ends_nothing(
    publisher: aio.Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    errors: list[tuple[Exception, Any]] = []
    heard: Messages = asyncio.Queue()

    def report(error: Exception, subject: Any) -> None:
        errors.append((error, subject))
        raise LookupError("the reporter is broken, too")

    async def cancels_itself(topic: str, payload: Any) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    def raises(topic: str, payload: Any) -> None:
        raise KeyError(payload)

    handlers = {"good": keep(heard), "raises": raises, "cancels": cancels_itself}
    async with PubSubService(subscribe_to=publisher.endpoint, handlers=handlers, on_error=report) as service:
        for topic in handlers:
            await publisher.wait_subscribers(topic, timeout=PATIENCE)
        await publisher.publish_json("raises", 5)
        await publisher.publish_json("cancels", 6)
        await publisher.publish("good", b"{no JSON")
        await publisher.publish_json("good", "still here")
        assert await next_of(heard) == ("good", "still here")
        health = service.health
    assert [type(error) for error, _ in errors] == [KeyError, HandlerCanceledError, JSONDecodeError]
    assert [subject for _, subject in errors] == [("raises", 5), ("cancels", 6), ("good", b"{no JSON")]
    assert (health.failed, health.last_error) == (3, errors[2][0])
    ours = [record.message for record in caplog.records if record.name == "experimance_zmq.services"]
    assert len(ours) == 6
    assert sum("on_error raised" in message for message in ours) == 3


async def test_message_of_another_form_is_reported(publisher: aio.Publisher) -> None:
    heard: Messages = asyncio.Queue()
    reported: Messages = asyncio.Queue()
    async with (
        aio.Publisher(wire_form=WireForm.SPACE) as other,
        PubSubService(
            subscribe_to=[publisher.endpoint, await other.bind("tcp://127.0.0.1:*")],
            default_handler=keep(heard),
            on_error=lambda error, subject: reported.put_nowait((type(error).__name__, subject)),
        ),
    ):
        await other.wait_subscribers("x", timeout=PATIENCE)
        await publisher.wait_subscribers("x", timeout=PATIENCE)
        await other.publish("x", b"1")
        assert await next_of(reported) == ("ZMQProtocolError", None)
        await publisher.publish_json("x", 2)
        assert await next_of(heard) == ("x", 2)


async def test_bytes_and_the_other_wire_form(tcp: str) -> None:
    heard: Messages = asyncio.Queue()
    async with (
        PubSubService(subscribe_to=f"@{tcp}", handlers={"": keep(heard)}, codec=BYTES, wire_form=WireForm.SPACE) as ear,
        PubSubService(publish_at=f">{ear.subscriber.endpoint}", codec=BYTES, wire_form=WireForm.SPACE) as mouth,
    ):
        await mouth.publisher.wait_subscribers("a", timeout=PATIENCE)
        await mouth.publish("a", memoryview(b"\0 \xff"))
        assert await next_of(heard) == ("a", b"\0 \xff")
        with pytest.raises(TypeError):
            await mouth.publish("a", 5)


class Slow:
    """A handler that is in hand until it is told to end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()
        self.ended: list[Any] = []

    async def __call__(self, topic: str, payload: Any) -> None:
        self.begun.set()
        await self.may_end.wait()
        self.ended.append(payload)


async def started_with(slow: Slow, publisher: aio.Publisher, *payloads: Any) -> PubSubService:
    service = PubSubService(subscribe_to=publisher.endpoint, handlers={"work": slow})
    await service.start(timeout=PATIENCE)
    await publisher.wait_subscribers("work", timeout=PATIENCE)
    for payload in payloads:
        await publisher.publish_json("work", payload)
    await asyncio.wait_for(slow.begun.wait(), PATIENCE)
    return service


async def test_stop_lets_a_handler_finish(publisher: aio.Publisher) -> None:
    slow = Slow()
    service = await started_with(slow, publisher, 1)
    assert service.health.in_hand == 1
    stopping = asyncio.create_task(service.stop(timeout=PATIENCE))
    await asyncio.sleep(0)
    assert service.health.state is ServiceState.STOPPING
    slow.may_end.set()
    assert await stopping == []
    assert slow.ended == [1]
    assert await service.stop() == []


async def test_stop_hands_back_what_is_not_finished_in_time(publisher: aio.Publisher) -> None:
    slow = Slow()
    service = await started_with(slow, publisher, 1)
    with ends_within(1):
        assert await service.stop(timeout=0) == [("work", 1)]
    assert slow.ended == []
    assert (service.health.handled, service.health.failed, service.health.in_hand) == (0, 0, 0)


async def test_stop_that_is_cancelled_closes_all_the_same(publisher: aio.Publisher) -> None:
    slow = Slow()
    service = await started_with(slow, publisher, 1)
    subscriber = service.subscriber
    stopping = asyncio.create_task(service.stop(timeout=PATIENCE))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    assert subscriber.closed
    assert service.health.state is ServiceState.STOPPED
    assert service.health.in_hand == 0


async def test_handler_that_can_not_be_cancelled_does_not_hold_the_stop(publisher: aio.Publisher) -> None:
    slow = Slow()

    async def stubborn(topic: str, payload: Any) -> None:
        try:
            await slow(topic, payload)
        except asyncio.CancelledError:
            await slow(topic, payload)

    service = PubSubService(subscribe_to=publisher.endpoint, handlers={"work": stubborn})
    await service.start()
    await publisher.wait_subscribers("work", timeout=PATIENCE)
    await publisher.publish_json("work", 1)
    await asyncio.wait_for(slow.begun.wait(), PATIENCE)
    with ends_within(1):
        assert await service.stop(timeout=0) == [("work", 1)]
    slow.may_end.set()


async def test_end_of_a_with_statement_tells_of_what_is_lost(
    publisher: aio.Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    slow = Slow()
    async with PubSubService(subscribe_to=publisher.endpoint, handlers={"work": slow}, stop_timeout=0):
        await publisher.wait_subscribers("work", timeout=PATIENCE)
        await publisher.publish_json("work", 1)
        await asyncio.wait_for(slow.begun.wait(), PATIENCE)
    assert "ended with 1 unfinished" in caplog.text


async def test_misuse_is_an_error(publisher: aio.Publisher) -> None:
    with pytest.raises(ZMQInvalidError, match="subscribe_to"):
        PubSubService(handlers={"": print})
    with pytest.raises(ZMQInvalidError, match="stop_timeout"):
        PubSubService(stop_timeout=-1)
    service = PubSubService(publish_at="tcp://127.0.0.1:*")
    with pytest.raises(ZMQStateError, match="new"):
        await service.publish("a", 1)
    async with service:
        with pytest.raises(ZMQStateError, match="running"):
            await service.start()
        with pytest.raises(ZMQStateError, match="no socket for subscriber"):
            _ = service.subscriber
    with pytest.raises(ZMQStateError, match="stopped"):
        await service.start()
    with pytest.raises(ZMQStateError):
        await service.publish("a", 1)


async def test_start_that_failed_can_be_made_again(publisher: aio.Publisher) -> None:
    taken = publisher.endpoint
    # No port beside it: the system may choose the very one that has just become free.
    service = PubSubService(publish_at=["inproc://start-again", taken])
    with pytest.raises(ZMQAddressInUseError):
        await service.start(timeout=0.05)
    assert service.health.state is ServiceState.NEW
    assert service.health.peers == {}
    publisher.unbind(taken)
    await service.start(timeout=PATIENCE)
    assert service.publisher.endpoint == taken
    await service.stop()


async def test_service_whose_context_is_closed_says_so(
    publisher: aio.Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    async with aio.Context() as context:
        service = PubSubService(subscribe_to=publisher.endpoint, handlers={"": print}, context=context)
        await service.start()
        receiving = service._receiving
        assert receiving
        await context.close()
        await asyncio.wait((receiving,), timeout=PATIENCE)
        assert service.health.state is ServiceState.FAILED
        assert type(service.health.last_error).__name__ == "ZMQClosedError"
        assert await service.stop() == []
    assert service.health.state.value == "stopped"
    assert "can not receive any more" in caplog.text
