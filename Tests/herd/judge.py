# SPDX-License-Identifier: Apache-2.0
"""Whether a herd came back one by one.

How many attempts there are at a time falls as the delays grow, and that is how it should be. So what is too many is
measured by the time around: that in which each client tries about once. A wave is a moment that has more than three
times the mean of its surroundings.

A moment has 10 ms, or as many as make ten attempts of that mean: where there are few, three times as many are chance.
Of ten expected, if the clients know nothing of each other, more than thirty come once in ten million moments. Judged
is the time from when each client has tried once: the first delay is short, and its attempts are meant to be.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass

from record import Record

MOMENT_MS = 10.0
LEAST_MEAN = 10.0
MOST = 3.0
# After the longest delay, for the way of the last attempt.
SPARE_MS = 2000.0


@dataclass(frozen=True)
class Moment:
    begin_ms: float
    width_ms: float
    count: int
    # Of moments as wide as this one, around it.
    mean: float

    @property
    def ratio(self) -> float:
        return self.count / self.mean


def first_ms(record: Record) -> float:
    """When each client that tries at all has tried."""
    firsts: dict[int, float] = {}
    for event in record.events:
        if event.what == "attempt":
            firsts.setdefault(event.client, event.ms)
    return max(firsts.values(), default=record.back_ms)


def surroundings(ms: float, width_ms: float, record: Record) -> tuple[float, float]:
    """The time around in which each client tries about once, and in any case several moments.

    What doubles does so from t/√2 to √2·t, and when the delays are as long as they may be, within one of these."""
    half = max(min(ms * (math.sqrt(2) - 1), record.max_ms / 2), 3 * width_ms)
    return ms - half, ms + half


def moments(record: Record) -> list[Moment]:
    """The whole time until the server is back."""
    times = sorted(record.attempts())

    def count(begin: float, end: float) -> int:
        return bisect_left(times, end) - bisect_left(times, begin)

    found = []
    start = begin = first_ms(record)
    width = MOMENT_MS
    while begin + width <= record.back_ms:
        first, last = surroundings(begin + width / 2, width, record)
        first, last = max(start, first), min(record.back_ms, last)
        mean = count(first, last) / (last - first) * width
        if mean < LEAST_MEAN:
            width += MOMENT_MS
            continue
        found.append(Moment(begin, width, count(begin, begin + width), mean))
        begin, width = begin + width, MOMENT_MS
    return found


def worst(record: Record) -> Moment | None:
    """The moment that is most of a wave; None if there are too few attempts for one."""
    return max(moments(record), key=lambda moment: moment.ratio, default=None)


def came_back(record: Record) -> dict[int, float]:
    """When each client was back, in milliseconds after its server."""
    found: dict[int, float] = {}
    for event in record.ups():
        found.setdefault(event.client, event.ms - record.back_ms)
    return found


def complaints(record: Record) -> list[str]:
    """What is wrong, in words."""
    found = []
    tried = {event.client for event in record.events if event.what == "attempt" and event.ms < record.back_ms}
    if len(tried) < record.clients:
        found.append(f"{record.clients - len(tried)} clients never tried while the server was away")
    elif not (wave := worst(record)):
        found.append("too few attempts to be judged")
    elif wave.ratio > MOST:
        found.append(
            f"{wave.count} attempts in {wave.width_ms:.0f} ms, {wave.begin_ms:.0f} ms after the server died: "
            f"{wave.ratio:.1f} times the mean of {wave.mean:.1f}"
        )
    back = came_back(record)
    if len(back) < record.clients:
        found.append(f"{record.clients - len(back)} clients never came back")
    if late := [ms for ms in back.values() if ms > record.max_ms + SPARE_MS]:
        found.append(f"{len(late)} clients came back late, the last after {max(late):.0f} ms")
    if record.overflows or record.drops:
        found.append(f"the server's queue was full: {record.overflows} overflows, {record.drops} drops")
    return found


def figures(record: Record) -> tuple[str, str]:
    """What was counted, in two lines: while the server was away, and when it was back."""
    attempts, wave, back = record.attempts(), worst(record), came_back(record)
    told = f"{record.clients} clients, {len(attempts)} attempts in {record.back_ms / 1000:.1f} s"
    if wave:
        told += f"; at most {wave.count} in {wave.width_ms:.0f} ms, {wave.ratio:.1f} times the mean around"
    last = f", the last {max(back.values()):.0f} ms after the server" if back else ""
    return told, f"{len(back)} back{last}; queue overflows {record.overflows}, drops {record.drops}"
