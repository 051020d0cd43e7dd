# SPDX-License-Identifier: Apache-2.0
"""worker.py BUILD MISBEHAVING_PEER DOOR: makes the calls of the matrix through one door.

Reads cells from standard input, OPERATION and PEER with a tab between them, and writes a line of JSON for each.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import zmq

from columns import PEERS
from doors import DOORS
from experimance_zmq import ZMQSocketError
from names import Names
from operations import OPERATIONS, PATIENCE_MS, Operation, check_binding, check_usable
from peers import Peer
from processes import PATIENCE, Answer, Door, Trouble
from scenarios import Scenario, scenarios
from stage import Stage

# What a busy machine may add to a time-out; close(linger) promises to take at most 100 ms more.
SLACK_MS = 3000
CLOSING_MS = 100


def judge(scenario: Scenario, answer: Answer) -> None:
    """What is wrong with an answer."""
    limit = scenario.timeout_ms + SLACK_MS + (CLOSING_MS if scenario.operation == "close" else 0)
    if answer.status not in scenario.statuses:
        raise Trouble(f"{answer.status}, and not {' or '.join(scenario.statuses)}")
    if answer.status == "EXZ_ERR_TIMEOUT" and answer.ms < scenario.timeout_ms:
        raise Trouble(f"a time-out after {answer.ms:.3f} ms, before the {scenario.timeout_ms} ms were up")
    if answer.ms > limit:
        raise Trouble(f"back after {answer.ms:.0f} ms, with {scenario.timeout_ms} ms to be back in")


class Cell:
    """One cell of the matrix, in the making."""

    def __init__(self, scenario: Scenario, stage: Stage, door: Door) -> None:
        self.scenario = scenario
        self.stage = stage
        self.door = door
        self.operation: Operation = OPERATIONS[scenario.operation]
        self.peer: Peer = PEERS[scenario.peer](stage, self.operation, door)
        self.answer = Answer("", 0, "")

    def call(self, argument: str, meanwhile: Callable[[], None]) -> None:
        self.door.begin(self.operation.verb, argument, self.scenario.timeout_ms)
        meanwhile()
        self.answer = self.door.answer(self.scenario.timeout_ms / 1000 + PATIENCE)

    def run(self) -> None:
        """Raises `Trouble` if something is wrong."""
        self.operation.open(self.door)
        if self.operation.verb == "bind":
            self.run_bind()
        else:
            self.run_towards_peer()
        # Whatever came before, the socket has a state to be closed in.
        self.door.must("close")

    def run_bind(self) -> None:
        endpoint = self.peer.address()
        self.call(endpoint, self.peer.while_binding)
        judge(self.scenario, self.answer)
        self.peer.settle()
        if self.answer.status == "EXZ_OK":
            bound = self.answer.text
            self.peer.knock(bound)
        else:
            bound = self.door.must("bind", "tcp://127.0.0.1:*", PATIENCE_MS).text
        check_binding(self.stage, self.door, bound)

    def run_towards_peer(self) -> None:
        verb = self.operation.verb
        endpoint = self.peer.start()
        if verb != "connect":
            self.door.must("connect_later", endpoint)
            if self.peer.links_first:
                self.door.must("wait_peers", timeout_ms=PATIENCE_MS)
        self.peer.strike()
        if self.operation.has_something_to_send:
            self.door.call("send", "the last words")
        self.call(endpoint if verb == "connect" else self.operation.argument, self.peer.meanwhile)
        judge(self.scenario, self.answer)
        self.peer.settle()
        if verb == "pause":
            self.door.must("resume")
        if verb == "end":
            self.door.must("close")
        if self.operation.ends:
            if (after := self.door.call("wait_peers")).status != "EXZ_ERR_CLOSED":
                raise Trouble(f"{after.status} of a socket that is closed")
            self.operation.open(self.door)
        else:
            # What never came to be, there is nothing to take back of.
            self.door.call("disconnect", endpoint)
        check_usable(self.stage, self.door, self.operation.kind)


def main() -> None:
    build, misbehaving_peer, name = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    by_place = {(each.operation, each.peer): each for each in scenarios()}
    names = Names(build / "matrix" / "libnames.so")
    door: Door | None = None
    for line in sys.stdin:
        operation, peer = line.rstrip("\n").split("\t")
        door = door or Door(DOORS[name].command(build), **names.environment)
        problem = ""
        with Stage(build / "matrix", misbehaving_peer, names) as stage:
            cell = Cell(by_place[operation, peer], stage, door)
            try:
                cell.run()
            except (Trouble, OSError, ZMQSocketError, zmq.ZMQError, subprocess.CalledProcessError) as error:
                problem = "no message of the good peer's in time" if isinstance(error, zmq.Again) else str(error)
                door.kill()
                door = None
        result = {"operation": operation, "peer": peer, "status": cell.answer.status, "ms": cell.answer.ms}
        print(json.dumps(result | {"problem": problem}), flush=True)
    if door:
        door.kill()
    names.close()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
