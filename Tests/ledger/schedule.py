# SPDX-License-Identifier: Apache-2.0
"""What goes wrong when: drawn from the seed, and from nothing else. Times are seconds from the beginning of the run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from experimance_zmq.testing import Direction
from flows import FIRST, PROXY, SECOND, Flow

# Before the first fault, and before the end of the run after the last one.
LEAD = 2.0
# A fault ends or is removed by then.
TRAIL = 1.0


@dataclass(frozen=True)
class Step:
    """Something that goes wrong in a flow, from a time to a time.

    `what` is a method of FaultProxy, with its arguments; or "drop"; or "kill" or "stop" of the process of a side; or
    "pause" of the proxy.
    """

    flow: int
    begin: float
    end: float
    what: str
    arguments: dict[str, Any] = field(default_factory=dict)
    side: int = FIRST
    # New connections are what the fault is about: those that are there are dropped first.
    drops: bool = False


def _ending(draw: Random) -> dict[str, Any]:
    """After which an end comes: at once, after bytes of a direction, or after a time."""
    kind = draw.randrange(3)
    if kind == 0:
        return {}
    if kind == 1:
        return {"after_bytes": draw.choice((draw.randint(1, 100), draw.randint(1, 400_000))), "direction": _any(draw)}
    return {"after": round(draw.uniform(0.01, 0.5), 3)}


def _any(draw: Random) -> Direction:
    return draw.choice((Direction.BOTH, Direction.TO_TARGET, Direction.TO_CLIENT))


def _latency(draw: Random) -> dict[str, Any]:
    delay = round(draw.uniform(0.02, 0.3), 3)
    return {"delay": delay, "jitter": round(delay * draw.random(), 3), "direction": _any(draw)}


def _slice(draw: Random) -> dict[str, Any]:
    pause = draw.choice((0, 0.001))
    return {"slice_bytes": draw.randint(20, 2000), "spread": 19, "pause": pause, "direction": _any(draw)}


def _bandwidth(draw: Random) -> dict[str, Any]:
    return {"bytes_per_second": draw.randint(50_000, 800_000), "direction": _any(draw)}


def _slow_close(draw: Random) -> dict[str, Any]:
    return {"delay": round(draw.uniform(0.05, 1), 3), "direction": _any(draw)}


def _stall(draw: Random) -> dict[str, Any]:
    return {"after_bytes": draw.randint(1, 150), "direction": _any(draw)}


def _half_open(draw: Random) -> dict[str, Any]:
    return {"direction": draw.choice((Direction.TO_TARGET, Direction.TO_CLIENT))}


def _corrupt(draw: Random) -> dict[str, Any]:
    return {"flip_rate": 10 ** draw.uniform(-5.5, -3), "direction": _any(draw)}


def _nothing(_: Random) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """What can go wrong: for how many seconds, with which arguments, and whether it is about new connections."""

    shortest: float
    longest: float
    arguments: Callable[[Random], dict[str, Any]] = _nothing
    drops: bool = False


KINDS = {
    "drop": Kind(0, 0),
    "down": Kind(0.2, 2),
    "blackhole": Kind(0.5, 4),
    "reset": Kind(0.1, 2, _ending),
    "close_connections": Kind(0.1, 2, _ending),
    "latency": Kind(1, 5, _latency),
    "bandwidth": Kind(1, 4, _bandwidth),
    "slice": Kind(1, 4, _slice),
    "slow_close": Kind(2, 6, _slow_close),
    "http": Kind(0.2, 1.5, drops=True),
    "stall": Kind(0.3, 3, _stall, drops=True),
    "half_open": Kind(0.5, 4, _half_open),
}
# In a flow with a proxy; that one pauses, too.
BY_PROXY = {**KINDS, "pause": Kind(0.2, 2)}
CORRUPT = {"corrupt": Kind(0.5, 4, _corrupt), "drop": KINDS["drop"], "latency": KINDS["latency"]}


def _faults(flow: Flow, seed: int, length: float) -> Iterator[Step]:
    draw = Random(f"{seed} {flow.number} faults")
    kinds = CORRUPT if flow.is_corrupted else BY_PROXY if flow.has_proxy else KINDS
    time = LEAD + draw.uniform(0, 3)
    while True:
        what = draw.choice(list(kinds))
        kind = kinds[what]
        end = time + draw.uniform(kind.shortest, kind.longest)
        if end > length - TRAIL:
            return
        yield Step(flow.number, time, end, what, kind.arguments(draw), drops=kind.drops)
        time = end + draw.uniform(1, 6)


def _ends(flow: Flow, seed: int, length: float) -> Iterator[Step]:
    """What happens to the processes of a flow."""
    draw = Random(f"{seed} {flow.number} processes")
    time = LEAD + draw.uniform(3, 12)
    while True:
        what = draw.choice(("stop",) if flow.is_steady else ("kill", "kill", "stop"))
        end = time + draw.choice((0, draw.uniform(0, 1.5)) if what == "kill" else (draw.uniform(0.3, 4),))
        if end > length - TRAIL:
            return
        # A proxy that is killed has lost what nobody knows of.
        sides = (FIRST, SECOND, PROXY) if flow.has_proxy and what == "stop" else (FIRST, SECOND)
        yield Step(flow.number, time, end, what, side=draw.choice(sides))
        time = end + draw.uniform(5, 20)


def schedule(flows: tuple[Flow, ...], seed: int, length: float) -> list[Step]:
    """Everything that goes wrong in a run of so many seconds."""
    steps = [step for flow in flows for part in (_faults, _ends) for step in part(flow, seed, length)]
    return sorted(steps, key=lambda step: (step.begin, step.flow))
