# SPDX-License-Identifier: Apache-2.0
"""The end of a run, in words."""

from collections import Counter
from dataclasses import fields

from growth import Growth
from judge import Book
from schedule import Step

COLUMNS = {
    "attempted": "attempted",
    "accepted": "sent",
    "refused": "refused",
    "undecided": "cut off",
    "received": "received",
    "late": "late",
    "in_flight": "in flight",
    "to_nobody": "to nobody",
    "counted": "counted",
    "corrupted": "corrupted",
    "executed_again": "again",
    "duplicates": "twice",
    "reordered": "reordered",
    "unexplained": "unexplained",
}


def as_text(books: list[Book], growths: list[Growth], troubles: list[str], steps: list[Step]) -> tuple[str, bool]:
    """Everything there is to say, the closing line last; and whether all of it is explained."""
    sum_of_all = Book("all")
    for book in books:
        for each in fields(book):
            if each.type in (int, "int"):
                setattr(sum_of_all, each.name, getattr(sum_of_all, each.name) + getattr(book, each.name))
    shown = [book for book in books if book.attempted]
    lines = [" " * 34 + "".join(f"{title:>12}" for title in COLUMNS.values())]
    for book in [*shown, sum_of_all]:
        lines.append(f"{book.name:34}" + "".join(f"{getattr(book, name):12,}" for name in COLUMNS))
    done = Counter(step.what for step in steps)
    lines.append("done: " + ", ".join(f"{what} {count}" for what, count in sorted(done.items())))
    for growth in growths:
        if quarters := growth.quarters():
            early, late = quarters
            lines.append(
                f"{growth.name}: {early.memory_kib} to {late.memory_kib} KiB, {early.descriptors} to "
                f"{late.descriptors} descriptors, {early.threads} to {late.threads} threads"
            )
    complaints = [*troubles, *(complaint for growth in growths for complaint in growth.complaints())]
    lines += [finding for book in books for finding in book.findings]
    lines += [f"UNEXPLAINED {complaint}" for complaint in complaints]
    unexplained = sum_of_all.unexplained + len(complaints)
    lines.append(
        f"Ledger: {sum_of_all.accepted} sent, {sum_of_all.received} received, {sum_of_all.refused} refused, "
        f"{sum_of_all.in_flight} in flight at an end, {sum_of_all.to_nobody} published to nobody, "
        f"{sum_of_all.duplicates} twice, {sum_of_all.reordered} reordered, {unexplained} unexplained"
    )
    return "\n".join(lines), unexplained == 0
