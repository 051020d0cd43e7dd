# SPDX-License-Identifier: Apache-2.0
"""The scenarios: Tests/data/matrix.tsv, checked."""

import itertools
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "matrix.tsv"
STATUSES = FILE.with_name("statuses.tsv")
NONE = "-"

OPERATIONS = {
    "bind": "bind",
    "connect": "connect",
    "send": "send",
    "recv": "recv",
    "publish": "publish",
    "wait_subscribers": "wait for subscribers",
    "wait_subscribed": "wait for subscriptions",
    "request": "request",
    "close": "close",
    "pause": "pause a proxy",
    "end": "end a proxy",
}
PEERS = {
    "absent": "absent",
    "late": "late",
    "refusing": "refusing",
    "silent": "silent",
    "http": "HTTP",
    "zmtp1": "ZMTP 1",
    "wrong-type": "wrong type",
    "reset-in-handshake": "reset in the handshake",
    "reset-in-stream": "reset in the stream",
    "slicer": "one byte at a time",
    "corrupting": "corrupting",
    "unresolved-name": "name that does not resolve",
    "slow-name": "name that resolves slowly",
    "moving-name": "name that moves",
    "stopped": "stopped",
    "killed": "killed",
    "killed-and-back": "killed and back",
    "cut-off": "cut off",
    "itself": "itself",
    "behind-proxy": "behind a proxy",
}


@dataclass(frozen=True)
class Scenario:
    """A line of the file."""

    operation: str
    peer: str
    # One, or a few where it is not for the library to say which.
    statuses: tuple[str, ...]
    timeout_ms: int
    is_short: bool
    why: str

    @property
    def has_meaning(self) -> bool:
        return bool(self.statuses)


def scenario(number: int, line: str) -> Scenario:
    columns = line.split("\t")
    if len(columns) != 7 or not all(columns):
        raise SystemExit(f"line {number} of {FILE.name} has not seven columns with something in them: {line}")
    operation, peer, statuses, timeout, form, why, languages = columns
    if operation not in OPERATIONS or peer not in PEERS or form not in ("short", "full", NONE) or languages != "all":
        raise SystemExit(f"line {number} of {FILE.name} has a word that is not known: {line}")
    if statuses == NONE:
        if (timeout, form) != (NONE, NONE) or why == NONE:
            raise SystemExit(f"line {number} of {FILE.name} has no status, and does not say why: {line}")
        return Scenario(operation, peer, (), 0, False, why)
    names = tuple(statuses.split(","))
    known = {known.split("\t")[1] for known in STATUSES.read_text().splitlines() if known and known[0] != "#"}
    if not known.issuperset(names) or (len(names) > 1 and why == NONE):
        raise SystemExit(f"line {number} of {FILE.name} has a status that is none, or several and no reason: {line}")
    return Scenario(operation, peer, names, int(timeout), form == "short", why)


def scenarios() -> list[Scenario]:
    """All of them, each operation with each peer once, in the order of both lists."""
    lines = enumerate(FILE.read_text(encoding="ascii").splitlines(), 1)
    found = [scenario(number, line) for number, line in lines if line and not line.startswith("#")]
    by_place = {(each.operation, each.peer): each for each in found}
    places = list(itertools.product(OPERATIONS, PEERS))
    if len(found) != len(places) or set(by_place) != set(places):
        missing = ", ".join(f"{operation} and {peer}" for operation, peer in set(places) - set(by_place))
        raise SystemExit(f"{FILE.name} has not every operation with every peer once; missing: {missing or 'none'}")
    return [by_place[place] for place in places]
