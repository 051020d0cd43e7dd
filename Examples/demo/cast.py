# SPDX-License-Identifier: Apache-2.0
"""Who took part, and what they have to do with each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from actor import Actor
from ledger import Ledger


@dataclass(frozen=True)
class Cast:
    """All processes of the demo, after the end of the story."""

    subscribers: list[Actor]
    killed_publisher: Actor
    second_publisher: Actor
    pusher: Actor
    puller: Actor

    @property
    def everybody(self) -> list[Actor]:
        return [*self.subscribers, self.killed_publisher, self.second_publisher, self.pusher, self.puller]

    @cached_property
    def before_the_kill(self) -> list[Ledger]:
        return [Ledger(self.killed_publisher, subscriber) for subscriber in self.subscribers]

    @cached_property
    def after_the_return(self) -> list[Ledger]:
        return [Ledger(self.second_publisher, subscriber) for subscriber in self.subscribers]

    @cached_property
    def pipeline(self) -> Ledger:
        return Ledger(self.pusher, self.puller)

    @property
    def all_rejoined_at(self) -> float:
        """When the second publisher knew of every subscriber."""
        joined = self.second_publisher.said("subscriber_joined")
        return next(entry.time for entry in joined if entry.number("count") == len(self.subscribers))
