# SPDX-License-Identifier: Apache-2.0
"""How long and how often everything is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    stream_pairs: int
    stream_s: float
    curve_pairs: int
    curve_connects: int
    round_trip_pairs: int
    round_trips: int
    starts: int
    returns: int
    #: Time-out in ms, threads, rounds of each.
    timeouts: tuple[tuple[int, int, int], ...]
    idle_pairs: int
    idle_s: int
    counted_messages: int
    counted_round_trips: int


FULL = Scale(
    stream_pairs=70,
    stream_s=0.3,
    curve_pairs=20,
    curve_connects=300,
    round_trip_pairs=80,
    round_trips=3000,
    starts=200,
    returns=50,
    timeouts=((1, 1, 1000), (10, 2, 150), (100, 10, 20), (1000, 20, 5)),
    idle_pairs=500,
    idle_s=5,
    counted_messages=10_000,
    counted_round_trips=2_000,
)

QUICK = Scale(
    stream_pairs=7,
    stream_s=0.3,
    curve_pairs=4,
    curve_connects=100,
    round_trip_pairs=11,
    round_trips=2000,
    starts=30,
    returns=10,
    timeouts=((1, 1, 200), (10, 2, 25), (100, 10, 5), (1000, 20, 1)),
    idle_pairs=500,
    idle_s=2,
    counted_messages=2_000,
    counted_round_trips=500,
)
