# SPDX-License-Identifier: Apache-2.0
"""The time line: who did what, and when."""

from __future__ import annotations

import os
import sys
import time
from typing import NamedTuple

from actor import Actor
from entry import Entry
from phrases import Phrase, Tone, phrase

_COLOURS = {Tone.PLAIN: "", Tone.GOOD: "\033[32m", Tone.BAD: "\033[31m", Tone.WAITING: "\033[33m"}
_BOLD, _DIM, _RESET = "\033[1m", "\033[2m", "\033[0m"


class _Row(NamedTuple):
    time: float
    who: str
    phrase: Phrase


class Timeline:
    """Prints aligned rows in the order of their times, although they come from several processes."""

    HOLD = 0.05
    """Seconds a row is held back, in case an earlier one is still on its way through a pipe."""

    def __init__(self) -> None:
        self._start = time.monotonic()
        self._rows: list[_Row] = []
        self._bound_at: dict[int, float] = {}
        self._heard: set[tuple[str, int]] = set()
        self._is_coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def note(self, when: float, who: str, what: str, details: str, tone: Tone = Tone.PLAIN) -> None:
        """Adds a row of the demo's own."""
        self._rows.append(_Row(when, who, Phrase(what, details, tone)))

    def show(self, actor: Actor, entry: Entry) -> None:
        """Adds a row about a line of a journal, if it is one that a reader wants to see."""
        if entry.what in ("sent", "received"):
            # The first message of each sender; its hundreds of successors are in the table at the end.
            stream = (actor.name, entry.number("sender"))
            if stream in self._heard:
                return
            self._heard.add(stream)
        if entry.what == "listening":
            self._bound_at[actor.pid] = entry.time
        self._rows.append(_Row(entry.time, actor.name, phrase(actor, entry, self._bound_at)))

    def chapter(self, number: int, *lines: str) -> None:
        self.flush()
        print()
        print(self._styled(_BOLD, f"{number}  {lines[0]}"))
        for line in lines[1:]:
            print(f"   {line}")
        print()

    def flush(self, older_than: float = 0.0) -> None:
        """Prints what is due."""
        due_before = time.monotonic() - older_than
        due = sorted((row for row in self._rows if row.time <= due_before), key=lambda row: row.time)
        self._rows = [row for row in self._rows if row.time > due_before]
        for row in due:
            clock = self._styled(_DIM, f"{row.time - self._start:8.3f}")
            what = self._styled(_COLOURS[row.phrase.tone], f"{row.phrase.what:<19}")
            print(f"{clock}  {row.who:<17}  {what}  {row.phrase.details}".rstrip())
        sys.stdout.flush()

    def _styled(self, style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if self._is_coloured and style else text
