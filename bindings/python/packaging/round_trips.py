# SPDX-License-Identifier: Apache-2.0
"""A message and an answer, through the sockets that block and through those for asyncio; and which libraries did it."""

import asyncio
import sys
import threading
from importlib.metadata import files
from pathlib import Path

import experimance_zmq
from experimance_zmq import Publisher, Puller, Pusher, Replier, Requester, Subscriber, aio

ANY = "tcp://127.0.0.1:*"
PATIENCE = 10.0


def blocking() -> None:
    with Puller() as puller, Pusher() as pusher:
        pusher.connect(puller.bind(ANY), timeout=PATIENCE)
        pusher.send_json({"number": 1}, timeout=PATIENCE)
        assert puller.recv_json(timeout=PATIENCE) == {"number": 1}
    with Publisher() as publisher, Subscriber() as subscriber:
        subscriber.subscribe("weather")
        subscriber.connect(publisher.bind(ANY), timeout=PATIENCE)
        publisher.wait_subscribers("weather", timeout=PATIENCE)
        publisher.publish("weather", b"sunny")
        assert subscriber.recv(timeout=PATIENCE) == ("weather", b"sunny")
    with Replier() as replier, Requester() as requester:
        requester.connect(replier.bind(ANY), timeout=PATIENCE)
        server = threading.Thread(target=lambda: replier.send(replier.recv(timeout=PATIENCE).upper()))
        server.start()
        assert requester.request(b"question", timeout=PATIENCE) == b"QUESTION"
        server.join()


async def with_asyncio() -> None:
    async with aio.Puller() as puller, aio.Pusher() as pusher:
        await pusher.connect(await puller.bind(ANY), timeout=PATIENCE)
        waiting = asyncio.create_task(puller.recv(timeout=PATIENCE))
        await asyncio.sleep(0)
        await pusher.send(b"hello", timeout=PATIENCE)
        assert await waiting == b"hello"


def check_libraries() -> None:
    loaded = {line.split()[-1] for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()}
    ours = {path for path in loaded if "zmq" in Path(path).name and ".so" in path}
    inside = Path(experimance_zmq.__file__).resolve().parents[1]
    strangers = [path for path in ours if inside not in Path(path).resolve().parents]
    assert len(ours) == 2, ours
    assert not strangers, strangers


def check_files() -> None:
    names = {path.name for path in files("experimance-zmq") or ()}
    assert {"py.typed", "LICENSE", "THIRD-PARTY.md", "swift-log.NOTICE"} <= names, names


if __name__ == "__main__":
    blocking()
    asyncio.run(with_asyncio())
    check_libraries()
    check_files()
    print(f"round trips with Python {sys.version.split()[0]} and version {experimance_zmq.__version__}: done")
