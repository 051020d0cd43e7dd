# SPDX-License-Identifier: Apache-2.0
"""The promises of the README, held against what happened."""

from __future__ import annotations

from itertools import takewhile
from typing import NamedTuple

from cast import Cast

GRACE_MS = 2000.0
"""What a busy machine may add to an upper bound. Nothing may come early."""
LINGER_MS = 1000.0
CLOSE_MARGIN_MS = 100.0
"""Closing takes at most the linger and this."""
INITIAL_BACKOFF_MS = 100.0
MAX_BACKOFF_MS = 30_000.0


class Finding(NamedTuple):
    number: int
    promise: str
    evidence: str
    """What was seen of it."""
    breaches: list[str]
    """What should not have happened."""


def examine(cast: Cast) -> list[Finding]:
    return [
        _no_call_waits_for_ever(cast),
        _success_means_something(cast),
        _failure_says_why(cast),
        _close_is_bounded(cast),
        _no_silent_loss(cast),
        _one_policy(cast),
    ]


def _no_call_waits_for_ever(cast: Cast) -> Finding:
    breaches = []
    lateness = []
    for entry in cast.pusher.said("timeout"):
        limit, waited = float(entry.values["limit_ms"]), float(entry.values["waited_ms"])
        lateness.append(waited - limit)
        if not limit <= waited <= limit + GRACE_MS:
            breaches.append(f"a send with a time-out of {limit} ms took {waited} ms")
    if not lateness:
        breaches.append("a send without a puller did not time out")
    evidence = f"sends that timed out: {len(lateness)}, none early, at most {max(lateness, default=0):.1f} ms late"
    return Finding(1, "No call waits for ever", evidence, breaches)


def _success_means_something(cast: Cast) -> Finding:
    breaches = []
    if cast.killed_publisher.count("subscriber_left"):
        breaches.append("a subscriber left the publisher again, and nobody had asked it to")
    for ledger in cast.before_the_kill:
        if ledger.missed_at_start:
            breaches.append(f"the {ledger.receiver.name} was there, and yet missed message 1")
    for ledger in cast.after_the_return:
        if missed := ledger.missed_although_linked(cast.all_rejoined_at):
            breaches.append(f"the {ledger.receiver.name} had joined, and yet missed {ranges(missed)}")
    return Finding(2, "Success means something", "subscribers that had joined got the next message", breaches)


def _failure_says_why(cast: Cast) -> Finding:
    breaches = []
    refused = 0
    for subscriber in cast.subscribers:
        for entry in takewhile(lambda entry: entry.what != "handshaken", subscriber.entries):
            if entry.what != "failed":
                continue
            refused += 1
            if entry.values["status"] != "EXZ_ERR_REFUSED" or not entry.text:
                breaches.append(f"the {subscriber.name} was told {entry.values['status']}, but nobody listened")
        for entry in subscriber.said("lost"):
            if entry.values["status"] != "EXZ_ERR_PEER_LOST":
                breaches.append(f"the {subscriber.name} was told {entry.values['status']} of a lost link")
    return Finding(3, "Failure says why", f"attempts before anybody listened: {refused}, all refused", breaches)


def _close_is_bounded(cast: Cast) -> Finding:
    breaches = []
    times = {}
    for actor in cast.everybody:
        closed = next((entry for entry in actor.said("closed") if "ms" in entry.values), None)
        if closed:
            times[actor.name] = float(closed.values["ms"])
        elif not actor.was_killed:
            breaches.append(f"the {actor.name} did not close its socket")
    for name, milliseconds in times.items():
        if milliseconds > LINGER_MS + CLOSE_MARGIN_MS + GRACE_MS:
            breaches.append(f"the {name} took {milliseconds:.0f} ms to close")
    evidence = f"sockets closed: {len(times)}, each within {max(times.values(), default=0):.1f} ms"
    return Finding(4, "Close is bounded", evidence, breaches)


def _no_silent_loss(cast: Cast) -> Finding:
    breaches = []
    for ledger in [*cast.before_the_kill, *cast.after_the_return, cast.pipeline]:
        who = f"the {ledger.receiver.name}"
        if not ledger.is_in_order:
            breaches.append(f"{who} received a message twice or out of order")
        if ledger.missed_between:
            breaches.append(f"{who} missed {ranges(ledger.missed_between)} of a link that was up")
        if ledger.missed_at_end and not ledger.sender.was_killed:
            breaches.append(f"{who} missed {ranges(ledger.missed_at_end)}, and nobody was killed")
    pipeline = cast.pipeline
    if pipeline.missed_at_start:
        breaches.append(f"the {cast.puller.name} missed {ranges(pipeline.missed_at_start)}")
    evidence = f"pulled in order: {len(pipeline.received)} of {pipeline.sent_count}; no gap while a link was up"
    return Finding(5, "No silent loss", evidence, breaches)


def _one_policy(cast: Cast) -> Finding:
    breaches = []
    delays = 0
    for subscriber in cast.subscribers:
        story = takewhile(lambda entry: entry.what != "handshaken", subscriber.entries)
        retries = [entry for entry in story if entry.what == "retry_in"]
        for position, entry in enumerate(retries):
            delays += 1
            delay = float(entry.values["ms"])
            # The publisher may come between an attempt and the search for its reason; the next is made at once then.
            if delay == 0 and position == len(retries) - 1:
                continue
            full = min(MAX_BACKOFF_MS, INITIAL_BACKOFF_MS * 2.0**position)
            # A millisecond for the rounding of the delays in C and Python.
            if not full / 2 - 1 <= delay <= full + 1:
                breaches.append(f"the {subscriber.name} waited {delay} ms before retry {position + 1}")
    evidence = f"delays: {delays}, each between half and all of 100, 200, 400 ms"
    return Finding(7, "One policy, once", evidence, breaches)


def ranges(numbers: list[int]) -> str:
    """1, 2, 3, 7 as "1-3, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
