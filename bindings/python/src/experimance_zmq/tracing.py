# SPDX-License-Identifier: Apache-2.0
"""The context of a trace, sent with a message in a part of its own right before the payload.

The part has a line `EXZ-CONTEXT/1`, then a line `KEY: VALUE` for each field that a propagator of opentelemetry has
made: `traceparent`, `tracestate`, `baggage`. Lines end with LF. The package for Swift reads and writes the same.
"""

from collections.abc import Iterable, Mapping

__all__ = ["add_context", "split_context"]

_FIRST_LINE = b"EXZ-CONTEXT/1\n"
# Longer ones are somebody's mistake, or worse.
_LARGEST = 16_384


def add_context(parts: Iterable[bytes], fields: Mapping[str, str] | None = None) -> list[bytes]:
    """Puts the context of a trace before the last part of a message.

    Args:
        parts: the message: its last part is the payload.
        fields: what a propagator has made; those that would break their lines are left out. None: those that
            opentelemetry makes of the current context.

    Returns:
        The parts, for `send_parts`. Without a field, or with more than 16 KiB of them, they are those that were given.

    Raises:
        ImportError: opentelemetry is needed, and not there.
    """
    whole = list(parts)
    frame = _frame(_current() if fields is None else fields)
    return [*whole[:-1], frame, whole[-1]] if whole and frame else whole


def split_context(parts: Iterable[bytes]) -> tuple[dict[str, str], list[bytes]]:
    """Takes the context of a trace out of a message.

    Args:
        parts: what `recv_parts` has received.

    Returns:
        The fields, for opentelemetry's `propagate.extract`, and the other parts. No field if there was no context.
    """
    whole = list(parts)
    if len(whole) < 2 or not _is_context(whole[-2]):
        return {}, whole
    return _fields(whole[-2]), [*whole[:-2], whole[-1]]


def _current() -> dict[str, str]:
    from opentelemetry import propagate

    fields: dict[str, str] = {}
    propagate.inject(fields)
    return fields


def _frame(fields: Mapping[str, str]) -> bytes | None:
    lines = sorted((key.lower(), value) for key, value in fields.items() if _fits(key, value))
    frame = _FIRST_LINE + "".join(f"{key}: {value}\n" for key, value in lines).encode("utf-8", "replace")
    return frame if lines and len(frame) <= _LARGEST else None


def _fits(key: str, value: str) -> bool:
    is_plain = not any(ord(character) < 0x20 or character == "\x7f" for character in key + value)
    return is_plain and key != "" and ":" not in key


def _is_context(part: bytes) -> bool:
    return len(part) <= _LARGEST and part.startswith(_FIRST_LINE)


def _fields(part: bytes) -> dict[str, str]:
    fields = {}
    for line in part[len(_FIRST_LINE) :].split(b"\n"):
        key, colon, value = line.partition(b":")
        if key and colon:
            fields[key.decode("utf-8", "replace").lower()] = value.lstrip(b" ").decode("utf-8", "replace")
    return fields
