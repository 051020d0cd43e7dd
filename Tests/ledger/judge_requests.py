# SPDX-License-Identifier: Apache-2.0
"""What became of requests: an answer is the answer to that very request, and only idempotent ones are executed again.

A request that failed may have been executed, unless the status says that there was no server to send it to. Whether it
failed for a reason is not judged: a time-out tells nothing of why.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from judge import ACCEPTED, NOT_ACCEPTED, UNKNOWN, Book, Reception, Sent

# There was no server: refused, unreachable, not resolved, another protocol, another security.
NEVER_SENT = (-8, -9, -10, -11, -12)


@dataclass
class Asked:
    """What one incarnation of a requester has asked, by number."""

    sent: Sent = field(default_factory=Sent)
    # How each ended, and the answers that came.
    statuses: dict[int, int] = field(default_factory=dict)
    answers: list[tuple[int, Reception]] = field(default_factory=list)


def judge_requests(name: str, asked: dict[int, Asked], executed: Iterable[Reception], *, may_repeat: bool) -> Book:
    """The book of the requests of a flow."""
    book = Book(name)
    times: Counter[tuple[int, int]] = Counter()
    newest: dict[int, int] = {}
    for reception in executed:
        key = reception.incarnation, reception.number
        asker = asked.get(reception.incarnation)
        if reception.number < 0:
            book.find("other bytes than were sent", *key, ("came", reception.time))
            continue
        if not asker or reception.number >= len(asker.sent.times):
            book.find("was never sent", *key, ("came", reception.time))
            continue
        times[key] += 1
        book.received += 1
        if times[key] > 1:
            _executed_again(book, reception, may_repeat=may_repeat)
        elif reception.number < newest.get(reception.incarnation, -1):
            # Only one that nobody waits for any more may be overtaken.
            if asker.sent.outcomes[reception.number] == ACCEPTED:
                book.reordered += 1
                book.find("was answered, and executed behind a newer one", *key, ("came", reception.time))
            else:
                book.late += 1
        newest[reception.incarnation] = max(newest.get(reception.incarnation, -1), reception.number)
    for incarnation, asker in asked.items():
        _settle(book, incarnation, asker, times)
    return book


def _executed_again(book: Book, reception: Reception, *, may_repeat: bool) -> None:
    if may_repeat:
        book.executed_again += 1
    else:
        book.duplicates += 1
        book.find("was executed twice", reception.incarnation, reception.number, ("came", reception.time))


def _settle(book: Book, incarnation: int, asker: Asked, times: Counter[tuple[int, int]]) -> None:
    outcomes = asker.sent.outcomes
    book.attempted += len(outcomes)
    book.accepted += outcomes.count(ACCEPTED)
    book.refused += outcomes.count(NOT_ACCEPTED)
    book.undecided += outcomes.count(UNKNOWN)
    for number, outcome in enumerate(outcomes):
        count = times[incarnation, number]
        begun = "sent", asker.sent.times[number]
        if outcome == ACCEPTED and not count:
            book.find("was answered and never executed", incarnation, number, begun)
        if outcome == NOT_ACCEPTED and count:
            if asker.statuses.get(number) in NEVER_SENT:
                book.find(f"was refused with {asker.statuses[number]}, and executed", incarnation, number, begun)
            book.unanswered += 1
    for number, answer in asker.answers:
        if (answer.incarnation, answer.number) != (incarnation, number):
            what = f"has the answer of {answer.incarnation}/{answer.number}"
            book.find(what, incarnation, number, ("came", answer.time))
