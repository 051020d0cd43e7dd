# SPDX-License-Identifier: Apache-2.0
"""The table at the end."""

from __future__ import annotations

from actor import Actor
from cast import Cast
from ledger import Ledger
from promises import Finding, ranges

_HEADINGS = (
    ("", "", "first message", "next message", "", "", ""),
    ("", "after start", "after bind", "after return", "sent", "received", "missed"),
)
_WIDTHS = (24, 11, 13, 12, 6, 8, 6)


def print_table(cast: Cast) -> None:
    print()
    for heading in _HEADINGS:
        _print_row(heading)
    first, second = cast.killed_publisher, cast.second_publisher
    _print_row(_sender_row(f"{first.name} (killed)", first, max(it.sent_count for it in cast.before_the_kill)))
    _print_row(_sender_row(f"{second.name} (returned)", second, max(it.sent_count for it in cast.after_the_return)))
    for before, after in zip(cast.before_the_kill, cast.after_the_return, strict=True):
        _print_row(_receiver_row(before, after))
    _print_row(_sender_row(cast.pusher.name, cast.pusher, cast.pipeline.sent_count))
    _print_row(_receiver_row(cast.pipeline, None))


def print_missed(cast: Cast) -> None:
    """Says where the missed messages went."""
    print()
    for ledger in [*cast.before_the_kill, *cast.after_the_return]:
        for numbers, reason in (
            (ledger.missed_at_start, "published before its link was back"),
            (ledger.missed_at_end, "on their way when the publisher was killed"),
        ):
            if numbers:
                which = "returned" if ledger.sender is cast.second_publisher else "killed"
                print(f"  {ledger.receiver.name} missed {ranges(numbers)} of the {which} publisher: {reason}.")
    print("  That much is ZeroMQ's: a publisher sends to who is there, and nobody acknowledges what is on its way.")


def print_findings(findings: list[Finding]) -> bool:
    """Whether all promises were kept."""
    print()
    print("  The promises")
    for finding in findings:
        verdict = "BROKEN" if finding.breaches else "kept"
        for line in finding.breaches or [finding.evidence]:
            print(f"  {finding.number}  {finding.promise:<24}  {verdict:<6}  {line}")
    print()
    return not any(finding.breaches for finding in findings)


def _sender_row(name: str, actor: Actor, sent: int) -> tuple[str, ...]:
    first = actor.first("sent")
    return (name, _milliseconds(first.time - actor.started_at if first else None), "", "", str(sent), "", "")


def _receiver_row(first: Ledger, second: Ledger | None) -> tuple[str, ...]:
    ledgers = [first, second] if second else [first]
    started = first.receiver.started_at
    return (
        first.receiver.name,
        _milliseconds(first.first_received_at - started if first.first_received_at else None),
        # A pusher is bound long before somebody pulls: that says nothing.
        _milliseconds(first.seconds_from_bind_to_first) if second else "",
        _milliseconds(second.seconds_from_bind_to_first) if second else "",
        "",
        str(sum(len(ledger.received) for ledger in ledgers)),
        str(sum(len(ledger.missed) for ledger in ledgers)),
    )


def _milliseconds(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds * 1000:.0f} ms"


def _print_row(cells: tuple[str, ...]) -> None:
    name, *others = cells
    columns = "".join(f"  {cell:>{width}}" for cell, width in zip(others, _WIDTHS[1:], strict=True))
    print(f"  {name:<{_WIDTHS[0]}}{columns}".rstrip())
