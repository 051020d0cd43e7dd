# SPDX-License-Identifier: Apache-2.0
"""worker.py FAMILY ROLE bind|connect ENDPOINT FLOW INCARNATION JOURNAL RATE: one end of a flow, in Python.

FAMILY is asyncio or blocking. What it says and is told is in c-worker/worker.c.
"""

import asyncio
import ctypes
import inspect
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import experimance_zmq
from experimance_zmq import EventKind, OnFull, RetryPolicy, SocketType, Status, ZMQClosedError, ZMQSocketError, aio
from phases import FINISH, HUSH, RUN, STOP, Phases
from records import ATTEMPT, EVENT, RECEIVED, RESULT, SPOILED, STATISTIC, Journal, Message, read

BURSTS_A_SECOND = 50
A_BATCH_EVERY = 4
MANY = 50
END_EVERY = 0.2
SEND_TIMEOUT = RECEIVE_TIMEOUT = 0.5
REQUEST_TIMEOUT = 3.0
TOPIC = "ledger"
OPTIONS: dict[str, Any] = {
    "send_hwm": 100,
    "receive_hwm": 100,
    "send_buffer": 65536,
    "receive_buffer": 65536,
    "event_capacity": 100000,
    "retry": RetryPolicy(max_attempts=0, initial_backoff=0.02, max_backoff=0.5),
}
Body = Callable[[], Coroutine[Any, Any, None]]
COUNTERS = ("messages_sent", "messages_received", "sends_refused", "links_lost", "queues_dropped", "events_dropped")


@dataclass(frozen=True)
class Role:
    """What an end of a flow does."""

    opened: str
    arguments: tuple[Any, ...] = ()
    direction: int = 0
    sends: bool = False
    receives: bool = False


ROLES = {
    "push": Role("Pusher", sends=True),
    "pull": Role("Puller", receives=True),
    "pub": Role("Publisher", sends=True),
    "sub": Role("Subscriber", receives=True),
    "dealer": Role("Socket", (SocketType.DEALER,), sends=True, receives=True),
    "router": Role("Socket", (SocketType.ROUTER,), direction=1, sends=True, receives=True),
    "req": Role("Requester", sends=True),
    "req-again": Role("Requester", sends=True),
    "rep": Role("Replier", direction=1, receives=True),
}


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


async def gone(call: Any) -> Any:
    """What a call gave, of either family."""
    return await call if inspect.isawaitable(call) else call


class Worker:
    """One end of a flow."""

    def __init__(self, family: Any, arguments: list[str], phases: Phases) -> None:
        role, self.manner, self.endpoint, flow, incarnation, journal, rate = arguments
        self.phases = phases
        self.kind = role
        self.role = ROLES[role]
        self.flow, self.incarnation, self.rate = int(flow), int(incarnation), int(rate)
        self.journal = Journal(journal)
        self.name = f"dealer-{flow}".encode()
        options = OPTIONS | ({"identity": self.name} if role == "dealer" else {})
        options |= {"on_full": OnFull.WAIT} if role == "pub" else {}
        self.socket: Any = getattr(family, self.role.opened)(*self.role.arguments, **options)

    async def link(self) -> None:
        if self.kind == "sub":
            self.socket.subscribe(TOPIC)
        if self.manner == "bind":
            await gone(self.socket.bind(self.endpoint, timeout=30))
        else:
            await gone(self.socket.connect(self.endpoint, background=True))

    def note(self, kind: int, message: Message, status: int = 0) -> None:
        self.journal.append(
            kind,
            number=message.number,
            size=message.size,
            incarnation=message.incarnation,
            direction=message.direction,
            status=status,
            flow=message.flow,
        )

    def message(self, number: int, is_end: bool) -> Message:
        return Message(number, self.incarnation, self.role.direction, self.flow, is_end)

    async def attempt(self, messages: list[Message], call: Callable[[], Any]) -> bool:
        """One call that sends these, and what is noted of it."""
        for message in messages:
            self.note(ATTEMPT, message)
        sent, status = len(messages), Status.OK
        try:
            await gone(call())
        except ZMQSocketError as error:
            sent, status = getattr(error, "sent", None) or 0, error.status
        for index, message in enumerate(messages):
            self.note(RESULT, message, 0 if index < sent else status)
        return status is Status.OK

    def sent(self, message: Message) -> Callable[[], Any]:
        data = message.written()
        if self.kind == "pub":
            return partial(self.socket.publish, TOPIC, data, timeout=SEND_TIMEOUT)
        if self.kind == "router":
            return partial(self.socket.send_parts, [self.name, data], timeout=SEND_TIMEOUT)
        return partial(self.socket.send, data, timeout=SEND_TIMEOUT)

    async def send_messages(self) -> None:
        due, number, burst, phase = time.monotonic(), 0, 0, RUN
        while (phase := await self.phases.wait_until(due, phase)) < HUSH:
            count = 1 if phase == FINISH else self.rate // BURSTS_A_SECOND
            messages = [self.message(number + index, phase == FINISH) for index in range(count)]
            number += count
            if self.kind in ("push", "dealer") and burst % A_BATCH_EVERY == 0:
                data = [message.written() for message in messages]
                await self.attempt(messages, partial(self.socket.send_many, data, timeout=SEND_TIMEOUT))
            else:
                for message in messages:
                    await self.attempt([message], self.sent(message))
            burst += 1
            now = time.monotonic()
            due = now + END_EVERY if phase == FINISH else max(now, due + 1 / BURSTS_A_SECOND)
        say("hushed")

    async def ask(self, data: bytes) -> None:
        again = self.kind == "req-again"
        answer = await gone(self.socket.request(data, timeout=REQUEST_TIMEOUT, idempotent=again))
        message = read(answer)
        self.note(RECEIVED, message or Message(0, 0, 1, 0), 0 if message else SPOILED)

    async def make_requests(self) -> None:
        due, number, phase = time.monotonic(), 0, RUN
        while (phase := await self.phases.wait_until(due, phase)) < HUSH:
            question = self.message(number, phase == FINISH)
            number += 1
            is_answered = await self.attempt([question], partial(self.ask, question.written()))
            if is_answered and phase == FINISH:
                say(f"ended {self.incarnation}")
            now = time.monotonic()
            due = now + END_EVERY if phase == FINISH else max(now, due + 1 / self.rate)
        say("hushed")

    async def receive(self, *, many: bool) -> list[bytes | None]:
        """What one call gives; None for a message of parts where it should have none."""
        if self.kind in ("sub", "pull", "dealer", "rep"):
            if many:
                received = await gone(self.socket.recv_many(MANY, timeout=RECEIVE_TIMEOUT))
            else:
                received = [await gone(self.socket.recv(timeout=RECEIVE_TIMEOUT))]
            return [each[1] for each in received] if self.kind == "sub" else received
        parts = await gone(self.socket.recv_parts(timeout=RECEIVE_TIMEOUT))
        return [bytes(parts[-1])] if len(parts) == 2 else [None]

    async def receive_messages(self) -> None:
        nothing = Message(0, 0, 1 - self.role.direction, 0)
        call = 0
        while True:
            phase = self.phases.now
            call += 1
            try:
                received = await self.receive(many=self.kind in ("sub", "pull") and call % 2 == 0)
            except ZMQSocketError as error:
                if error.status is Status.STATE:
                    received = [None]
                    await gone(self.socket.recv_parts(timeout=RECEIVE_TIMEOUT))
                elif error.status is Status.TIMEOUT:
                    if phase == STOP:
                        return
                    continue
                else:
                    self.note(RECEIVED, nothing, error.status)
                    continue
            for data in received:
                await self.take(read(data) if data else None)

    async def take(self, message: Message | None) -> None:
        nothing = Message(0, 0, 1 - self.role.direction, 0)
        self.note(RECEIVED, message or nothing, 0 if message else SPOILED)
        if self.kind == "rep":
            await self.answer(message)
        elif message and message.is_end:
            say(f"ended {message.incarnation}")

    async def answer(self, question: Message | None) -> None:
        if question is None:
            await gone(self.socket.send(b"", timeout=SEND_TIMEOUT))
            return
        message = Message(question.number, question.incarnation, 1, self.flow)
        await self.attempt([message], self.sent(message))

    async def note_events(self) -> None:
        while True:
            try:
                event = await gone(self.socket.next_event(timeout=1))
            except TimeoutError:
                continue
            except ZMQClosedError:
                return
            kind = EventKind(event.kind)
            self.journal.append(EVENT, number=event.count, status=kind, time_ns=round(event.time * 1e9))

    def bodies(self) -> list[Body]:
        found: list[Body] = []
        if self.role.sends:
            found.append(self.make_requests if self.kind.startswith("req") else self.send_messages)
        if self.role.receives:
            found.append(self.receive_messages)
        return found

    async def end(self) -> None:
        stats = self.socket.stats
        for which, name in enumerate(COUNTERS, 1):
            self.journal.append(STATISTIC, number=getattr(stats, name), status=which)
        if await gone(self.socket.close(linger=20)):
            raise SystemExit("worker: messages were received ahead that nobody asked for")

    def hush(self) -> None:
        if not self.role.sends:
            say("hushed")


def obey(phases: Phases, worker: Worker) -> None:
    """Until the stage says stop. If that ends, so does this process."""
    for line in sys.stdin:
        word = line.strip()
        phases.tell({"finish": FINISH, "hush": HUSH, "stop": STOP}[word])
        if word == "hush":
            worker.hush()
        if word == "stop":
            return
    os._exit(0)


async def run_in_tasks(arguments: list[str]) -> None:
    phases = Phases()
    worker = Worker(aio, arguments, phases)
    await worker.link()
    say("ready")
    threading.Thread(target=obey, args=(phases, worker), daemon=True).start()
    observer = asyncio.create_task(worker.note_events())
    async with asyncio.TaskGroup() as tasks:
        for body in worker.bodies():
            tasks.create_task(body())
        tasks.create_task(phases.wait_for_stop())
    await worker.end()
    await observer


def run_alone(body: Body) -> None:
    """On a thread of its own: what it calls blocks that, and its loop has nothing else to do."""
    asyncio.run(body())


def run_in_threads(arguments: list[str]) -> None:
    phases = Phases()
    worker = Worker(experimance_zmq, arguments, phases)
    asyncio.run(worker.link())
    say("ready")
    with ThreadPoolExecutor(4) as pool:
        observer = pool.submit(run_alone, worker.note_events)
        running = [pool.submit(run_alone, body) for body in worker.bodies()]
        obey(phases, worker)
        for each in running:
            each.result()
        asyncio.run(worker.end())
        observer.result()


if __name__ == "__main__":
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if sys.argv[1] == "asyncio":
        asyncio.run(run_in_tasks(sys.argv[2:]))
    else:
        run_in_threads(sys.argv[2:])
