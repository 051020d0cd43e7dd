# SPDX-License-Identifier: Apache-2.0
"""What became of the messages of a flow in one direction. Knows journals and what was done, and nothing else.

A message that was accepted and did not come has to be explained by the end of a link: it was sent before the sender was
told of the end, and a later one came after the end began. Nothing explains a message that comes twice, one that was
refused and comes, or other bytes than were sent. One that comes behind a newer one has to be explained as if it had not
come: within a link nothing is overtaken.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from links import FOREVER, NOBODY, LinkEnd

UNKNOWN, ACCEPTED, NOT_ACCEPTED = 0, 1, 2
# Of findings that are alike so many are told.
TOLD = 20


@dataclass
class Sent:
    """What one incarnation of a sender has sent, by number."""

    times: "array[int]" = field(default_factory=lambda: array("q"))
    sizes: "array[int]" = field(default_factory=lambda: array("l"))
    outcomes: bytearray = field(default_factory=bytearray)
    # What the ends of its links explain.
    ends: list[LinkEnd] = field(default_factory=list)

    def attempt(self, number: int, time: int, size: int) -> None:
        if number != len(self.times):
            raise ValueError(f"a journal with a gap: {number} behind {len(self.times) - 1}")
        self.times.append(time)
        self.sizes.append(size)
        self.outcomes.append(UNKNOWN)


@dataclass(frozen=True)
class Reception:
    """A message that came; `number` is -1 for bytes that are no message of this flow."""

    time: int
    incarnation: int
    number: int


@dataclass
class Book:
    """What became of the messages of one direction."""

    name: str
    attempted: int = 0
    accepted: int = 0
    refused: int = 0
    # In the hands of a process that was killed: nobody knows whether they were accepted.
    undecided: int = 0
    received: int = 0
    late: int = 0
    in_flight: int = 0
    to_nobody: int = 0
    counted: int = 0
    corrupted: int = 0
    duplicates: int = 0
    reordered: int = 0
    # Of requests.
    executed_again: int = 0
    unanswered: int = 0
    findings: list[str] = field(default_factory=list)
    unexplained: int = 0

    def find(self, what: str, incarnation: int, number: int, *times: tuple[str, int]) -> None:
        """Something that nothing explains."""
        self.unexplained += 1
        if self.unexplained <= TOLD:
            told = ", ".join(f"{name} {time / 1e9:.6f}" for name, time in times if 0 < time < FOREVER)
            self.findings.append(f"UNEXPLAINED {self.name}: {what}: message {incarnation}/{number}, {told}")


@dataclass
class _Account:
    """How far the messages of one incarnation of a sender have come."""

    sent: Sent
    next: int = 0
    seen: bytearray = field(default_factory=bytearray)
    # When they were overtaken, of those that were.
    overtaken: dict[int, int] = field(default_factory=dict)


def judge(
    name: str, sent: dict[int, Sent], received: Iterable[Reception], corrupting: Iterable[tuple[int, int]] = ()
) -> Book:
    """The book of a direction."""
    book = Book(name)
    accounts = {incarnation: _Account(each, seen=bytearray(len(each.times))) for incarnation, each in sent.items()}
    spoiling = list(corrupting)
    for reception in received:
        account = accounts.get(reception.incarnation)
        if reception.number < 0:
            _spoiled(book, reception, spoiling)
        elif not account or reception.number >= len(account.seen):
            book.find("was never sent", reception.incarnation, reception.number, ("came", reception.time))
        else:
            _came(book, account, reception)
    for incarnation, account in accounts.items():
        _settle(book, incarnation, account)
    return book


def _spoiled(book: Book, reception: Reception, spoiling: list[tuple[int, int]]) -> None:
    if any(begin <= reception.time <= end for begin, end in spoiling):
        book.corrupted += 1
    else:
        book.find("other bytes than were sent", reception.incarnation, reception.number, ("came", reception.time))


def _came(book: Book, account: _Account, reception: Reception) -> None:
    number, incarnation = reception.number, reception.incarnation
    if account.seen[number]:
        book.duplicates += 1
        book.find("came twice", incarnation, number, ("came", reception.time))
        return
    account.seen[number] = 1
    book.received += 1
    if account.sent.outcomes[number] == NOT_ACCEPTED:
        times = ("sent", account.sent.times[number]), ("came", reception.time)
        book.find("was refused and came", incarnation, number, *times)
    if number >= account.next:
        for missing in range(account.next, number):
            account.overtaken[missing] = reception.time
        account.next = number + 1


def _settle(book: Book, incarnation: int, account: _Account) -> None:
    sent = account.sent
    book.attempted += len(sent.times)
    book.undecided += sent.outcomes.count(UNKNOWN)
    book.accepted += sent.outcomes.count(ACCEPTED)
    book.refused += sent.outcomes.count(NOT_ACCEPTED)
    ends = _Ends(sent.ends)
    # Those that were never overtaken are behind all that came.
    for number in [*account.overtaken, *range(account.next, len(sent.times))]:
        if sent.outcomes[number] == NOT_ACCEPTED:
            continue
        overtaken = account.overtaken.get(number, FOREVER)
        begun = sent.times[number]
        times = ("sent", begun), ("overtaken", overtaken)
        if account.seen[number]:
            if any(end.why != NOBODY for end in ends.between(begun, overtaken)):
                book.late += 1
            else:
                book.reordered += 1
                book.find("came behind a newer one", incarnation, number, *times)
        elif sent.outcomes[number] == ACCEPTED:
            why = ends.explanation(begun, overtaken, sent.sizes[number])
            if not why:
                book.find("was accepted and did not come", incarnation, number, *times)
            else:
                column = {NOBODY: "to_nobody", "counted": "counted", "corrupt": "corrupted"}.get(why, "in_flight")
                setattr(book, column, getattr(book, column) + 1)


class _Ends:
    """The ends of a sender's links, to be looked up by time."""

    def __init__(self, ends: list[LinkEnd]) -> None:
        self._ends = sorted(ends, key=lambda end: end.end)
        self._order = [end.end for end in self._ends]
        # Of each and those behind it, the earliest beginning.
        self._earliest = [end.begin for end in self._ends]
        for index in range(len(ends) - 2, -1, -1):
            self._earliest[index] = min(self._earliest[index], self._earliest[index + 1])

    def between(self, begun: int, overtaken: int) -> Iterator[LinkEnd]:
        """Those that were told after a message was sent, and had begun when it was overtaken."""
        for index in range(bisect_left(self._order, begun), len(self._ends)):
            if self._earliest[index] > overtaken:
                return
            if self._ends[index].begin <= overtaken:
                yield self._ends[index]

    def explanation(self, begun: int, overtaken: int, size: int) -> str:
        """Why a message did not come; "" if there is no reason."""
        found = list(self.between(begun, overtaken))
        if any(end.why == NOBODY and end.begin <= begun for end in found):
            return NOBODY
        for end in found:
            if end.why != NOBODY and (end.why == "corrupt" or end.takes(size)):
                return end.why
        return ""
