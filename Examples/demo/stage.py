# SPDX-License-Identifier: Apache-2.0
"""Where the processes run, and where the story waits for what they say."""

from __future__ import annotations

import selectors
import time
from collections.abc import Callable

from actor import Actor
from timeline import Timeline


class StoryEnded(Exception):
    """The story can not go on."""


class Stage:
    """Starts processes, shows what they say on the time line, and kills what is left at the end."""

    def __init__(self, timeline: Timeline, patience: float) -> None:
        """`patience` is the seconds after which something that has not happened will not."""
        self._timeline = timeline
        self._patience = patience
        self._selector = selectors.DefaultSelector()
        self._streams_open: dict[Actor, int] = {}
        self.actors: list[Actor] = []

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        for actor in self.actors:
            actor.dispose()
        self._selector.close()
        self._timeline.flush()

    def start(self, name: str, *command: str) -> Actor:
        actor = Actor(name, list(command))
        self.actors.append(actor)
        self._streams_open[actor] = len(actor.streams)
        for descriptor in actor.streams:
            self._selector.register(descriptor, selectors.EVENT_READ, actor)
        self._timeline.note(actor.started_at, name, "started", f"pid {actor.pid}")
        return actor

    def wait_until(self, condition: Callable[[], bool], purpose: str) -> None:
        """Reads what the processes say until the condition holds."""
        deadline = time.monotonic() + self._patience
        while not condition():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise StoryEnded(f"waited {self._patience:.0f} s in vain for {purpose}")
            for key, _ in self._selector.select(min(remaining, Timeline.HOLD)):
                self._read(key.data, key.fd)
            self._timeline.flush(older_than=Timeline.HOLD)

    def wait_for_end(self, *actors: Actor) -> None:
        names = " and ".join(actor.name for actor in actors)
        self.wait_until(lambda: not any(self._streams_open[actor] for actor in actors), f"the end of the {names}")

    def _read(self, actor: Actor, descriptor: int) -> None:
        entries = actor.read(descriptor)
        if entries is not None:
            for entry in entries:
                self._timeline.show(actor, entry)
            return
        self._selector.unregister(descriptor)
        self._streams_open[actor] -= 1
        if self._streams_open[actor] == 0 and actor.wait() != 0 and not actor.was_killed:
            raise StoryEnded(f"the {actor.name} failed: {actor.complaints.strip() or 'without a word'}")
