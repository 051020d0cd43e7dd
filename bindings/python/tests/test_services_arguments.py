# SPDX-License-Identifier: Apache-2.0
"""Services that make no sense are refused where they are made, by the name of the argument."""

from typing import Any

import pytest

from experimance_zmq import ZMQInvalidError
from experimance_zmq.services import ControllerService, PubSubService, WorkerService

ENDPOINT = "tcp://127.0.0.1:1"


def pub_sub(**arguments: Any) -> PubSubService:
    return PubSubService(**arguments)


def worker(handler: Any = print, **arguments: Any) -> WorkerService:
    usual: dict[str, Any] = {"work_from": ENDPOINT}
    return WorkerService(handler, **(usual | arguments))


def controller(**arguments: Any) -> ControllerService:
    usual: dict[str, Any] = {"pools": {"a": ENDPOINT}, "results_at": ENDPOINT}
    return ControllerService(**(usual | arguments))


@pytest.mark.parametrize(
    ("make", "arguments", "named"),
    [
        (pub_sub, {}, "neither a publish_at nor a subscribe_to"),
        (pub_sub, {"publish_at": (), "subscribe_to": ()}, "neither a publish_at nor a subscribe_to"),
        (pub_sub, {"publish_at": ENDPOINT, "default_handler": print}, "is a default_handler, and no subscribe_to"),
        (pub_sub, {"publish_at": ENDPOINT, "handlers": {"": print}}, "there are handlers, and no subscribe_to"),
        (pub_sub, {"subscribe_to": ENDPOINT, "handlers": {"\ud800": print}}, "topic"),
        (worker, {"work_from": ()}, "work_from"),
        (worker, {"concurrency": 0}, "concurrency"),
        (worker, {"concurrency": -1}, "concurrency"),
        (worker, {"concurrency": 2**31}, "concurrency"),
        (worker, {"stop_timeout": float("nan")}, "stop_timeout"),
        (controller, {"pools": {}}, "pools"),
        (controller, {"pools": {"a": ENDPOINT, "b": ()}}, r"pools\['b'\]"),
        (controller, {"results_at": ()}, "results_at"),
        (pub_sub, {"publish_at": ENDPOINT, "send_hwm": -1}, "send_hwm"),
        (worker, {"linger": -1}, "linger"),
        (controller, {"default_timeout": float("inf")}, "default_timeout"),
    ],
    ids=str,
)
def test_arguments_that_make_no_sense(make: Any, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(ZMQInvalidError, match=named):
        make(**arguments)


@pytest.mark.parametrize(
    ("make", "arguments", "named"),
    [
        (pub_sub, {"publish_at": None}, "publish_at"),
        (pub_sub, {"subscribe_to": [ENDPOINT, None]}, "subscribe_to"),
        (pub_sub, {"subscribe_to": ENDPOINT, "default_handler": 1}, "default_handler"),
        (pub_sub, {"subscribe_to": ENDPOINT, "default_handler": print, "default_topics": [b""]}, "default_topics"),
        (pub_sub, {"subscribe_to": ENDPOINT, "handlers": [print]}, "handlers"),
        (pub_sub, {"subscribe_to": ENDPOINT, "handlers": {"a": None}}, r"handlers\['a'\]"),
        (pub_sub, {"subscribe_to": ENDPOINT, "handlers": {b"a": print}}, "topic"),
        (pub_sub, {"subscribe_to": ENDPOINT, "on_error": []}, "on_error"),
        (pub_sub, {"subscribe_to": ENDPOINT, "stop_timeout": "5"}, "stop_timeout"),
        (worker, {"handler": None}, "handler"),
        (worker, {"work_from": None}, "work_from"),
        (worker, {"work_from": b"tcp://127.0.0.1:1"}, "work_from"),
        (worker, {"results_to": 5}, "results_to"),
        (worker, {"concurrency": "2"}, "concurrency"),
        (worker, {"concurrency": 1.5}, "concurrency"),
        (worker, {"concurrency": None}, "concurrency"),
        (controller, {"pools": [ENDPOINT]}, "pools"),
        (controller, {"pools": {"a": None}}, r"pools\['a'\]"),
        (controller, {"results_at": None}, "results_at"),
        (controller, {"submit_timeout": None}, "submit_timeout"),
        (pub_sub, {"publish_at": ENDPOINT, "foo": 1}, "there is no socket option 'foo'"),
        (worker, {"foo": 1}, "there is no socket option 'foo'"),
        (controller, {"foo": 1}, "there is no socket option 'foo'"),
        (worker, {"send_hwm": "1"}, "send_hwm"),
        (pub_sub, {"publish_at": ENDPOINT, "context": 5}, "context"),
        (controller, {"codec": "json"}, "codec"),
    ],
    ids=str,
)
def test_arguments_of_a_wrong_type(make: Any, arguments: dict[str, Any], named: str) -> None:
    with pytest.raises(TypeError, match=named):
        make(**arguments)


def test_handler_that_is_added_later_is_checked() -> None:
    service = PubSubService(subscribe_to=ENDPOINT)
    nothing: Any = None
    with pytest.raises(TypeError, match="handler"):
        service.handle("a", nothing)
    with pytest.raises(TypeError, match="topic"):
        service.handle(nothing, print)


def test_default_topics_may_be_one() -> None:
    service = PubSubService(subscribe_to=ENDPOINT, default_handler=print, default_topics="news")
    assert service._default_topics == ("news",)
