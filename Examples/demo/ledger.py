# SPDX-License-Identifier: Apache-2.0
"""What became of the messages from one process to another."""

from __future__ import annotations

from itertools import pairwise

from actor import Actor


class Ledger:
    """The numbers that a sender sent and a receiver received, compared."""

    def __init__(self, sender: Actor, receiver: Actor) -> None:
        self.sender = sender
        self.receiver = receiver
        self.sent_at = {entry.number("number"): entry.time for entry in sender.said("sent")}
        arrivals = [entry for entry in receiver.said("received") if entry.number("sender") == sender.pid]
        self.received = [entry.number("number") for entry in arrivals]
        self.first_received_at = arrivals[0].time if arrivals else None

        # A sender that is killed may have sent one more than it came to say.
        last_sent = max([*self.sent_at, *self.received], default=0)
        missed = set(range(1, last_sent + 1)) - set(self.received)
        first, last = (self.received[0], self.received[-1]) if self.received else (last_sent + 1, last_sent + 1)
        self.sent_count = last_sent
        self.missed = sorted(missed)
        self.missed_at_start = sorted(number for number in missed if number < first)
        self.missed_at_end = sorted(number for number in missed if number > last)
        self.missed_between = sorted(number for number in missed if first < number < last)

    @property
    def is_in_order(self) -> bool:
        """Nothing came twice, and nothing overtook anything."""
        return all(earlier < later for earlier, later in pairwise(self.received))

    def missed_although_linked(self, linked_at: float) -> list[int]:
        """What was missed of the messages whose sending began after that time."""
        return [number for number in self.missed if self.sent_at.get(number, 0.0) > linked_at]

    @property
    def seconds_from_bind_to_first(self) -> float | None:
        bound = self.sender.first("listening")
        if bound is None or self.first_received_at is None:
            return None
        return self.first_received_at - bound.time
