# SPDX-License-Identifier: Apache-2.0
"""What the lines of the journals are in words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from typing import NamedTuple

from actor import Actor
from entry import Entry


class Tone(Enum):
    PLAIN = auto()
    GOOD = auto()
    BAD = auto()
    WAITING = auto()


class Phrase(NamedTuple):
    what: str
    details: str
    tone: Tone = Tone.PLAIN


def phrase(actor: Actor, entry: Entry, bound_at: Mapping[int, float]) -> Phrase:
    """Words for a line; `bound_at` knows when each sender, by its pid, was bound."""
    values = entry.values
    match entry.what:
        case "connecting":
            return Phrase("connecting", f"attempt {values['attempt']}")
        case "failed":
            reason = values["status"].removeprefix("EXZ_ERR_").lower().replace("_", " ")
            return Phrase(reason, entry.text, Tone.BAD)
        case "retry_in":
            return Phrase("retry", f"in {float(values['ms']):.0f} ms", Tone.WAITING)
        case "handshaken":
            attempt = entry.number("attempt")
            peers = values["peers"]
            return Phrase("handshaken", f"in attempt {attempt}" if attempt else f"peers now: {peers}", Tone.GOOD)
        case "subscriber_joined":
            return Phrase("subscriber joined", f"{values['topic']}, subscribers now: {values['count']}", Tone.GOOD)
        case "subscriber_left":
            return Phrase("subscriber left", f"{values['topic']}, subscribers now: {values['count']}")
        case "listening":
            return Phrase("listening", entry.text, Tone.GOOD)
        case "lost":
            return Phrase("lost", entry.text, Tone.BAD)
        case "timeout":
            details = f"nobody took message {values['number']} in {values['limit_ms']} ms"
            return Phrase("timed out", details, Tone.WAITING)
        case "sent":
            has_waited = actor.first("timeout") is not None
            return Phrase(f"first message {'taken' if has_waited else 'sent'}", f"number {values['number']}")
        case "received":
            after = (entry.time - bound_at.get(entry.number("sender"), entry.time)) * 1000
            what = "first message" if _senders(actor) == 1 else "back"
            return Phrase(what, f"number {values['number']}, {after:.0f} ms after the sender's bind", Tone.GOOD)
        case "closed" if "ms" in values:
            messages = actor.count("sent") + actor.count("received")
            return Phrase("closed", f"after {messages} messages, in {float(values['ms']):.1f} ms")
        case _:
            return Phrase(entry.what, entry.text)


def _senders(actor: Actor) -> int:
    return len({entry.values["sender"] for entry in actor.said("received")})
