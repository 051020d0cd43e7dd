# SPDX-License-Identifier: Apache-2.0
"""How a context is set up: its threads, and how many sockets it may have."""

import asyncio
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import experimance_zmq as exz
from experimance_zmq import aio


def threads_named(prefix: str) -> dict[str, int]:
    """The numbers of this process's threads by their names."""
    found = {}
    for task in Path("/proc/self/task").iterdir():
        try:
            name = (task / "comm").read_text().rstrip("\n")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if name.startswith(prefix):
            found[name] = int(task.name)
    return found


def check_works(context: exz.Context) -> None:
    with exz.Puller(context=context) as puller, exz.Pusher(context=context) as pusher:
        pusher.connect(puller.bind("tcp://127.0.0.1:0"))
        pusher.send(b"works")
        assert puller.recv() == b"works"


def test_threads_have_the_names_and_processors_that_were_asked_for() -> None:
    processor = min(os.sched_getaffinity(0))
    with exz.Context(io_threads=2, cpus=[processor], thread_name_prefix="cam") as context:
        check_works(context)
        threads = threads_named("cam-")
        assert set(threads) == {"cam-supervisor", "cam-reaper", "cam-io-0", "cam-io-1"}
        for number in threads.values():
            assert os.sched_getaffinity(number) == {processor}
    assert threads_named("cam-") == {}


def test_threads_are_scheduled_as_was_asked_for() -> None:
    with exz.Context(sched_policy=os.SCHED_BATCH, thread_name_prefix="bat") as context:
        check_works(context)
        for number in threads_named("bat-").values():
            assert os.sched_getscheduler(number) == os.SCHED_BATCH
    assert os.sched_getscheduler(0) == os.SCHED_OTHER


def test_a_context_has_as_many_sockets_as_was_asked_for() -> None:
    with exz.Context(max_sockets=1) as context, exz.Puller(context=context), pytest.raises(exz.ZMQLimitError):
        exz.Puller(context=context)


def statistics_at(path: Path) -> Any:
    with socket.socket(socket.AF_UNIX) as reader:
        reader.settimeout(20)
        reader.connect(str(path))
        return json.loads(b"".join(iter(lambda: reader.recv(65536), b"")))


def test_operators_may_look_at_what_was_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "stats"
    endpoint = f"ipc://{path}"
    with exz.Context(stats_endpoint=endpoint) as context, exz.Puller(context=context) as puller:
        puller.bind("tcp://127.0.0.1:0")
        told = statistics_at(path)
        assert told["pid"] == os.getpid()
        assert [found["bound"] for found in told["sockets"]] == [[puller.endpoint]]
        with pytest.raises(exz.ZMQAddressInUseError, match="this process serves the path itself"):
            exz.Context(stats_endpoint=endpoint)
    assert not path.exists()


async def _open_with_asyncio() -> None:
    async with aio.Context(thread_name_prefix="aio") as context, aio.Puller(context=context):
        assert "aio-io-0" in threads_named("aio-")


def test_contexts_for_asyncio_take_the_same() -> None:
    asyncio.run(_open_with_asyncio())


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"io_threads": 0}, "I/O threads is 0"),
        ({"io_threads": 65}, "io_threads is 65"),
        ({"io_threads": -1}, "io_threads is -1"),
        ({"max_sockets": 0}, "max_sockets is 0"),
        ({"cpus": [1000]}, "no processor 1000"),
        ({"cpus": [-1]}, "a number in cpus is -1"),
        ({"sched_policy": 77}, "policy 77"),
        ({"sched_policy": os.SCHED_FIFO, "sched_priority": 100}, "priority 100"),
        ({"sched_priority": 1}, "sched_priority is 1"),
        ({"thread_name_prefix": ""}, "prefix"),
        ({"thread_name_prefix": "much too long"}, "much too long"),
        ({"thread_name_prefix": "a\0b"}, "thread_name_prefix"),
        ({"stats_endpoint": ""}, "empty"),
        ({"stats_endpoint": "tcp://127.0.0.1:0"}, "over ipc"),
        ({"stats_endpoint": "ipc://a\0b"}, "stats_endpoint"),
    ],
)
def test_what_makes_no_sense_is_named(options: Mapping[str, Any], what: str) -> None:
    with pytest.raises(exz.ZMQInvalidError, match=what):
        exz.Context(**options)


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(TypeError, match="io_threads"):
        exz.Context(io_threads="two")  # type: ignore[arg-type]
