# SPDX-License-Identifier: Apache-2.0
"""The processes and proxies of a run, what goes wrong with them, and a log of that."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from experimance_zmq import ZMQSocketError
from experimance_zmq.testing import Fault, FaultProxy
from flows import BACK, FIRST, FRONT, PROXY, SECOND, Flow
from schedule import Step

HERE = Path(__file__).resolve().parent
# For what is bound to happen, however busy the machine.
PATIENCE = 120.0


class Trouble(Exception):
    """The run can not go on."""


class Log:
    """What was done to the flows: a line of JSON for each, on which the judge relies."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "stage.jsonl").open("w", encoding="utf-8")

    def note(self, **what: Any) -> None:
        self._file.write(json.dumps(what) + "\n")
        self._file.flush()


class End:
    """One side of a flow: a process, and another one when that was killed."""

    def __init__(self, flow: Flow, side: int, endpoints: list[str], stage: "Stage") -> None:
        self.flow, self.side, self._endpoints, self._stage = flow, side, endpoints, stage
        self.incarnation = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.said: list[str] = []
        self._read = b""

    def _journal(self, side: int) -> str:
        return str(self._stage.folder / f"{self.flow.number}-{side}-{self.incarnation}.journal")

    def _command(self) -> list[str]:
        """How its process is started."""
        if self.side == PROXY:
            return [sys.executable, "-B", str(HERE / "middle.py"), *self._sides_of_proxy()]
        language = self.flow.languages[self.side]
        if language in ("asyncio", "blocking"):
            program = [sys.executable, "-B", str(HERE / "worker.py"), language]
        else:
            program = [str(self._stage.build / {"c": "ledger/worker", "swift": "debug/ledger-worker"}[language])]
        manner = "bind" if self.flow.binds == self.side else "connect"
        numbers = [str(self.flow.number), str(self.incarnation), self._journal(self.side), str(self.flow.rate)]
        return [*program, self.flow.roles[self.side], manner, self._endpoints[0], *numbers]

    def _sides_of_proxy(self) -> list[str]:
        front, back = self._endpoints
        sides = [self.flow.roles[FRONT], front, self.flow.roles[BACK], back]
        return [*sides, self._journal(FRONT), self._journal(BACK)]

    def start(self) -> None:
        self.incarnation += 1
        self.said, self._read = [], b""
        self.process = subprocess.Popen(self._command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def kill(self) -> None:
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                assert pipe
                pipe.close()

    def signal(self, number: signal.Signals) -> None:
        if self.process:
            self.process.send_signal(number)

    def tell(self, word: str) -> None:
        assert self.process
        assert self.process.stdin
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{word}\n".encode())
            self.process.stdin.flush()

    def descriptor(self) -> int:
        assert self.process
        assert self.process.stdout
        return self.process.stdout.fileno()

    def hear(self) -> None:
        """Reads what it has said; `Trouble` if it has ended."""
        assert self.process
        read = os.read(self.descriptor(), 65536)
        *lines, self._read = (self._read + read).split(b"\n")
        self.said += [line.decode() for line in lines]
        if not read:
            raise Trouble(f"{self} ended with {self.process.wait(PATIENCE)}")

    def await_exit(self) -> None:
        assert self.process
        if self.process.wait(PATIENCE):
            raise Trouble(f"{self} ended with {self.process.returncode}")

    def __str__(self) -> str:
        return f"the {self.flow.role(self.side)} of flow {self.flow.name}, incarnation {self.incarnation}"


class Stage(ExitStack):
    """Everything that runs."""

    def __init__(self, build: Path, folder: Path, flows: tuple[Flow, ...], seed: int) -> None:
        super().__init__()
        self.build, self.folder = build, folder
        self.log = Log(folder)
        # Those of a flow: one, or one on either side of its proxy.
        self.faulty: dict[int, list[FaultProxy]] = {}
        self.ends: dict[tuple[int, int], End] = {}
        self._running: dict[int, tuple[int, list[Fault]]] = {}
        for flow in flows:
            places = [self._place(flow, number) for number in range(2 if flow.has_proxy else 1)]
            faulty = self.faulty[flow.number] = [self._fault_proxy(flow, place, seed) for place in places]
            for side in flow.sides():
                # Each connects through a fault proxy of its own if there are two.
                endpoints = places if side == flow.binds else [faulty[side % len(faulty)].endpoint]
                end = End(flow, side, endpoints, self)
                self.ends[flow.number, side] = end
                self.callback(end.kill)

    def _fault_proxy(self, flow: Flow, place: str, seed: int) -> FaultProxy:
        listen = f"{place}-proxy" if flow.is_local else "tcp://127.0.0.1:*"
        return self.enter_context(FaultProxy(place, listen=listen, seed=seed))

    def _place(self, flow: Flow, number: int) -> str:
        """Where a bound side of a flow is, which nobody else is given."""
        if flow.is_local:
            return f"ipc://{self.folder}/{flow.number}-{number}"
        holder = self.enter_context(socket.socket())
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{holder.getsockname()[1]}"

    def begin(self) -> None:
        for end in self.ends.values():
            end.start()
        for end in self.ends.values():
            self._await(end, "ready")

    def hear_until(self, deadline: float) -> None:
        """Takes in what the processes say until it is so late."""
        while (left := deadline - time.monotonic()) > 0:
            self._hear(left)

    def _hear(self, wait: float) -> None:
        by_descriptor = {end.descriptor(): end for end in self.ends.values() if end.process}
        for descriptor in select.select(list(by_descriptor), [], [], wait)[0]:
            by_descriptor[descriptor].hear()

    def _await(self, end: End, *lines: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not set(lines) & set(end.said):
            if time.monotonic() > deadline:
                raise Trouble(f"{end} has not said {' or '.join(lines)} for {PATIENCE:.0f} s")
            self._hear(max(0.0, deadline - time.monotonic()))

    # What goes wrong. Each `begin` gives what ends it.

    def strike(self, step: Step, key: int) -> None:
        """A step begins."""
        began = time.monotonic_ns()
        if step.what == "kill":
            self.ends[step.flow, step.side].kill()
        elif step.what == "stop":
            self.ends[step.flow, step.side].signal(signal.SIGSTOP)
        elif step.what == "pause":
            self.ends[step.flow, PROXY].tell("pause")
        elif step.what == "drop":
            self._drop(step.flow)
        else:
            faults: list[Fault] = [getattr(each, step.what)(**step.arguments) for each in self.faulty[step.flow]]
            self._running[key] = began, faults
            if step.drops:
                self._drop(step.flow)
        if step.what in ("kill", "drop"):
            self._note(step, began)
        if step.drops:
            self.log.note(flow=step.flow, what="drop", side=0, begin=began, end=time.monotonic_ns())
        if step.what == "stop":
            self.log.note(flow=step.flow, what="stop", side=step.side, begin=began, end=0)

    def _drop(self, flow: int) -> None:
        for each in self.faulty[flow]:
            each.drop()

    def relent(self, step: Step, key: int) -> None:
        """It ends."""
        end = self.ends[step.flow, step.side]
        if step.what == "kill":
            if not end.process:
                end.start()
        elif step.what == "stop":
            end.signal(signal.SIGCONT)
            self.log.note(flow=step.flow, what="continue", side=step.side, begin=0, end=time.monotonic_ns())
        elif step.what == "pause":
            self.ends[step.flow, PROXY].tell("resume")
        elif key in self._running:
            began, faults = self._running.pop(key)
            for fault in faults:
                # That the port can not be had back at once is no failure: the proxy tries again.
                with suppress(ZMQSocketError):
                    fault.remove()
            # What was cut out of its frames by a flipped length is found out by nobody.
            if step.what == "corrupt":
                self._drop(step.flow)
            self._note(step, began)

    def _note(self, step: Step, began: int) -> None:
        what = {"flow": step.flow, "what": step.what, "side": step.side, "begin": began}
        self.log.note(**what, end=time.monotonic_ns(), arguments={k: str(v) for k, v in step.arguments.items()})

    # The end of a run.

    def finish(self, flows: tuple[Flow, ...]) -> None:
        """Nothing goes wrong any more: everything that was sent has to arrive."""
        for end in self.ends.values():
            self._await(end, "ready")
            end.tell("finish")
        for flow in flows:
            for receiver, sender in self._receivers(flow):
                self._await(receiver, f"ended {sender.incarnation}")
        for end in self.ends.values():
            end.tell("hush")
        for end in self.ends.values():
            self._await(end, "hushed")
        for side in (FIRST, SECOND, PROXY):
            for end in self.ends.values():
                if end.side == side:
                    now = time.monotonic_ns()
                    self.log.note(flow=end.flow.number, what="leave", side=side, begin=now, end=now)
                    end.tell("stop")
            for end in self.ends.values():
                if end.side == side:
                    end.await_exit()
                    end.kill()

    def _receivers(self, flow: Flow) -> Iterator[tuple[End, End]]:
        """Who says that the last message has come, and whose message that is."""
        first, second = (self.ends[flow.number, side] for side in (0, 1))
        if flow.has_answers:
            yield first, first
            return
        yield second, first
        if flow.pattern == "dealer":
            yield first, second
