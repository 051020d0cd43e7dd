# SPDX-License-Identifier: Apache-2.0
"""What is measured, and what it has to reach."""

from functools import partial
from statistics import median

from bench.statistics import alternate, compare, quantile
from bench.table import Table, Target
from bench.throughput import count_for
from bench.workers import Workers

from .scale import Scale

SIZE = 100
NS_PER_US = 1e3
NS_PER_MS = 1e6
SWIFT = "swift/release/bench-swift"


def least(bound: float) -> Target:
    return Target(bound, is_least=True)


#: The work, what it is called, and its target. The other side is plain libzmq in C, as both sides of "plain" are.
STREAMS = (
    ("receive", "receive(), blocking", least(0.90)),
    ("messages", "for try await over messages", least(0.90)),
    ("arrays", "  as [UInt8]", least(0.80)),
    ("batches", "for try await over batches", least(0.95)),
    ("messages-main", "messages, from the main actor", least(0.80)),
    ("arrays-main", "  as [UInt8]", None),
    ("messages-actor", "messages, from an actor with its own executor", least(0.80)),
    ("arrays-actor", "  as [UInt8]", None),
    ("send", "await send()", least(0.80)),
    ("send-blocking", "send(), blocking", None),
    ("send-many", "await send(contentsOf:), 250 at once", least(1.0)),
    ("send-many-blocking", "send(contentsOf:), blocking, 250 at once", None),
)
SOCKETS = (1, 10, 100, 1000)
#: What each sender sends before it is the next one's turn.
AT_ONCE = 100
MOST_ROUND_TRIP = Target(1.3)
MOST_GROWTH = Target(2)
MOST_END_MS = Target(100)


def streams(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"PUSH to PULL, {SIZE} B, two processes, tcp on the loopback, plain C on the other side: messages per second "
        f"({scale.stream_pairs} pairs of runs of {scale.stream_s:g} s)"
    )
    count = count_for(workers, "stream", scale.stream_s, SIZE)

    def rate(work: str, side: str) -> float:
        if side == "plain":
            return count / workers.number("stream-plain", SIZE, count)
        return count / workers.number(SWIFT, work, SIZE, count)

    for work, name, target in STREAMS:
        plain, ours = alternate(scale.stream_pairs, partial(rate, work))
        table.comparison(f"  {name}", compare(plain, ours), 0, target)


def round_trips(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Round trip DEALER to DEALER, {SIZE} B, a plain echo on the other side: microseconds "
        f"({scale.round_trip_pairs} pairs of runs of {scale.round_trips})"
    )

    def blocking(side: str) -> list[float]:
        if side == "plain":
            return workers.column("round_trip-plain", SIZE, scale.round_trips)
        return workers.column(SWIFT, "round-trip-blocking", SIZE, scale.round_trips)

    def task(side: str) -> list[float]:
        work = "round-trip-blocking" if side == "plain" else "round-trip"
        return workers.column(SWIFT, work, SIZE, scale.round_trips)

    for run, name, target in ((blocking, "blocking, of plain C", None), (task, "await, of blocking", MOST_ROUND_TRIP)):
        plain, ours = alternate(scale.round_trip_pairs, run)
        for quantity, fraction in (("p50", 0.5), ("p99", 0.99)):
            values = compare(*([quantile(times, fraction) / NS_PER_US for times in runs] for runs in (plain, ours)))
            table.comparison(f"  {name}, {quantity}", values, 1, target if quantity == "p50" else None)


def sockets(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        "Sockets used at once, a task each that iterates over its messages: nanoseconds per message "
        f"({scale.socket_messages} messages, median of {scale.socket_rounds} runs)"
    )
    for at_once, target in ((AT_ONCE, MOST_GROWTH), (1, None)):
        runs: dict[int, list[list[float]]] = {number: [] for number in SOCKETS}
        for _ in range(scale.socket_rounds):
            for number in SOCKETS:
                each = scale.socket_messages // number
                row = workers.rows(SWIFT, "sockets", SIZE, number, each, at_once)[0]
                runs[number].append([nanoseconds / (each * number) for nanoseconds in row])
        went_by, of_processor = (
            {number: median(run[column] for run in found) for number, found in runs.items()} for column in (0, 1)
        )
        for number in SOCKETS:
            table.value(f"  {number} x {at_once}: of the processor", of_processor[number], 0)
            table.value(f"  {number} x {at_once}: that went by", went_by[number], 0)
        growth = of_processor[SOCKETS[-1]] / of_processor[SOCKETS[0]]
        table.value(f"  {SOCKETS[0]} to {SOCKETS[-1]}, {at_once} at once: of the processor", growth, 2, target)


def ends(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(f"From SIGTERM to the end of a process with 100 idle subscribers in tasks: ms ({scale.ends} times)")
    times = [workers.number(SWIFT, "terminate", 100) / NS_PER_MS for _ in range(scale.ends)]
    table.value("  median", median(times), 1, MOST_END_MS)
    table.value("  longest", max(times), 1, MOST_END_MS)


MEASUREMENTS = {"streams": streams, "round-trips": round_trips, "sockets": sockets, "ends": ends}
