# SPDX-License-Identifier: Apache-2.0
"""How long and how often everything is measured."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    stream_pairs: int
    stream_s: float
    round_trip_pairs: int
    round_trips: int
    socket_rounds: int
    #: Messages in all for a number of sockets.
    socket_messages: int
    ends: int


FULL = Scale(
    stream_pairs=30,
    stream_s=0.3,
    round_trip_pairs=40,
    round_trips=3000,
    socket_rounds=7,
    socket_messages=400_000,
    ends=20,
)
QUICK = Scale(
    stream_pairs=7,
    stream_s=0.3,
    round_trip_pairs=7,
    round_trips=2000,
    socket_rounds=3,
    socket_messages=200_000,
    ends=5,
)
