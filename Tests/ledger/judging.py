# SPDX-License-Identifier: Apache-2.0
"""Reads the journals of a run and the stage's log, and has every flow judged, several at a time."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from flows import BACK, Flow
from judge import ACCEPTED, NOT_ACCEPTED, Book, Reception, Sent, judge
from judge_requests import Asked, judge_requests
from links import (
    FOREVER,
    HANDSHAKEN,
    LATE,
    LOST,
    SOON,
    TAKING_NOTE,
    Cause,
    Ends,
    Event,
    LinkEnd,
    Room,
    held_until,
    link_ends,
    without_subscriber,
)
from records import (
    ATTEMPT,
    EVENT,
    EVENTS_DROPPED,
    GOT,
    LINKS_LOST,
    RECEIVED,
    RECORD,
    RESULT,
    SENT,
    SPOILED,
    STATISTIC,
)

# Queues of the workers: of a sender, and of a receiver that may take as many again ahead.
QUEUED = 100 + 2 * 100
# In the hands of a receiver that is killed: what came in one call.
IN_HAND = 100
# The workers' kernel buffers, which are twice what was asked for; what a proxy holds; what libzmq writes and reads at
# once.
HELD = 2 * 2 * 65536 + 262144 + 2 * 8192
FIRST_BUFFERS = "/proc/sys/net/ipv4"


# Why a message may be refused: the time was up; a router does not have the peer; there is no server, or it was lost, or
# something else answers there.
REFUSALS = {
    **dict.fromkeys(("push", "pub", "dealer"), (-7,)),
    "router": (-7, -9),
    **dict.fromkeys(("req", "req-again"), (-7, -8, -11, -13)),
    **dict.fromkeys(("pull", "sub", "rep", "xsub", "xpub"), ()),
}
NAMES = {LINKS_LOST: "links lost", EVENTS_DROPPED: "events dropped", SENT: "messages sent", GOT: "messages received"}


@dataclass
class Journal:
    """What one process has noted."""

    incarnation: int
    sent: dict[int, Sent] = field(default_factory=lambda: defaultdict(Sent))
    statuses: dict[int, int] = field(default_factory=dict)
    received: dict[int, list[Reception]] = field(default_factory=lambda: defaultdict(list))
    # By the number of the request that was being made.
    answers: list[tuple[int, Reception]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    statistics: dict[int, int] = field(default_factory=dict)
    # Receives that failed with a status that they should not have.
    failed: list[tuple[int, int]] = field(default_factory=list)


def room() -> Room:
    """What can be on its way on one link. A proxy's own buffers are as the system has them."""
    buffers = sum(int(Path(f"{FIRST_BUFFERS}/tcp_{which}mem").read_text().split()[2]) for which in "rw")
    return Room(QUEUED + IN_HAND, HELD + buffers)


def read_journal(path: Path, flow: Flow) -> Journal:
    """A journal; what a kill has cut off of its last record is nothing."""
    journal = Journal(int(path.stem.rpartition("-")[2]))
    sent, received = journal.sent, journal.received
    data = path.read_bytes()
    whole = memoryview(data)[: len(data) - len(data) % RECORD.size]
    last = 0
    for time, number, size, incarnation, kind, direction, status, of_flow in RECORD.iter_unpack(whole):
        if kind == RECEIVED:
            if status < SPOILED:
                journal.failed.append((time, status))
                continue
            is_ours = status != SPOILED and of_flow == flow.number
            reception = Reception(time, incarnation, number if is_ours else -1)
            if flow.has_answers and direction == 1:
                journal.answers.append((last, reception))
            else:
                received[direction].append(reception)
        elif kind == ATTEMPT:
            # The answers of a replier have the numbers of their questions.
            if not (flow.has_answers and direction == 1):
                sent[direction].attempt(number, time, size)
                last = number
        elif kind == RESULT:
            if not (flow.has_answers and direction == 1):
                sent[direction].outcomes[number] = NOT_ACCEPTED if status else ACCEPTED
                if status:
                    journal.statuses[number] = status
        elif kind == EVENT:
            journal.events.append(Event(time, status, number))
        elif kind == STATISTIC:
            journal.statistics[status] = number
    return journal


def read_log(folder: Path, flow: Flow) -> list[Cause]:
    """What was done to a flow."""
    causes: list[Cause] = []
    stopped: dict[int, int] = {}
    for line in (folder / "stage.jsonl").read_text(encoding="utf-8").splitlines():
        said: dict[str, Any] = json.loads(line)
        if said["flow"] != flow.number:
            continue
        if said["what"] == "stop":
            stopped[said["side"]] = said["begin"]
        elif said["what"] == "continue":
            causes.append(Cause("stop", stopped[said["side"]], said["end"], said["side"]))
        else:
            causes.append(Cause(said["what"], said["begin"], said["end"], said["side"]))
    return sorted(causes, key=lambda cause: cause.begin)


def _check(book: Book, journal: Journal, flow: Flow) -> None:
    """What the statistics say at the end against what was noted."""
    if not journal.statistics:
        return
    noted = {
        LINKS_LOST: sum(event.kind == LOST for event in journal.events),
        EVENTS_DROPPED: 0,
        SENT: sum(sent.outcomes.count(ACCEPTED) for sent in journal.sent.values()),
        GOT: sum(len(each) for each in journal.received.values()),
    }
    for which, count in noted.items():
        # How often a request was sent is the socket's own affair, and what a proxy forwards is nobody's to note.
        if (flow.has_answers and which in (SENT, GOT)) or which not in journal.statistics:
            continue
        if journal.statistics[which] != count:
            book.unexplained += 1
            book.findings.append(
                f"UNEXPLAINED {book.name}: the statistics have {journal.statistics[which]} {NAMES[which]}, "
                f"and {count} were noted"
            )


def _side_book(flow: Flow, side: int, journals: list[Journal], causes: list[Cause]) -> Book:
    """What the events and the statistics of a side say, against what was done to it."""
    book = Book(f"{flow.name}, {flow.roles[side]}")
    ends = Ends(causes, side, has_heartbeats=flow.has_answers)
    for journal in journals:
        for event in link_ends(journal.events, ends, Room(0, 0))[1]:
            book.find("a link was lost, and nothing had been done to it", journal.incarnation, 0, ("lost", event.time))
        for number, status in journal.statuses.items():
            if status not in REFUSALS[flow.roles[side]]:
                book.find(f"was refused with {status}", journal.incarnation, number)
        for time, status in journal.failed:
            book.find(f"a receive failed with {status}", journal.incarnation, 0, ("failed", time))
        _check(book, journal, flow)
    return book


def _explaining(flow: Flow, side: int, journal: Journal, causes: list[Cause], limits: Room) -> list[LinkEnd]:
    """The ends of a sender's links, its own end among them."""
    found, _ = link_ends(journal.events, Ends(causes, side), limits)
    kills = [cause for cause in causes if cause.what == "kill" and cause.side == side]
    # The first incarnation ends with the first kill.
    if journal.incarnation <= len(kills):
        found.append(LinkEnd(kills[journal.incarnation - 1].begin, FOREVER, "kill", limits.messages, limits.bytes))
    if flow.pattern == "pub":
        found += without_subscriber(journal.events)
    found += [LinkEnd(cause.begin, cause.end, "corrupt") for cause in causes if cause.what == "corrupt"]
    return found


def lost_behind_proxy(flow: Flow, journals: list[Journal], causes: list[Cause], limits: Room) -> list[LinkEnd]:
    """The ends of the links from a proxy to who receives. An XPUB drops what comes to it until somebody has subscribed
    again, which goes with the handshake, but for what holds it.
    """
    ends = Ends(causes, BACK)
    found = [end for journal in journals for end in link_ends(journal.events, ends, limits)[0]]
    if flow.roles[BACK] != "xpub":
        return found
    handshakes = [event.time for journal in journals for event in journal.events if event.kind == HANDSHAKEN]
    for end in found:
        back = min((time for time in handshakes if time > end.end - TAKING_NOTE), default=0)
        end.end = held_until(Cause("subscribed", back, back), causes) + SOON if back else FOREVER
        end.messages = FOREVER
    return found


def _corrupting(causes: list[Cause]) -> Iterator[tuple[int, int]]:
    for cause in causes:
        if cause.what == "corrupt":
            yield cause.begin, held_until(cause, causes) + LATE


def judge_flow(folder: Path, limits: Room, flow: Flow) -> list[Book]:
    """The books of a flow: of each direction, and of each side."""
    causes = read_log(folder, flow)
    journals = [
        sorted(
            (read_journal(path, flow) for path in folder.glob(f"{flow.number}-{side}-*.journal")),
            key=lambda journal: journal.incarnation,
        )
        for side in range(len(flow.roles))
    ]
    books = [_side_book(flow, side, journals[side], causes) for side in range(len(flow.roles))]
    behind = lost_behind_proxy(flow, journals[BACK], causes, limits) if flow.has_proxy else []
    for direction, sender in flow.directions():
        name = f"{flow.name}, {'back' if direction else 'there'}" if flow.pattern == "dealer" else flow.name
        receptions = [each for journal in journals[1 - sender] for each in journal.received[direction]]
        if flow.has_answers:
            asked = {each.incarnation: Asked(each.sent[0], each.statuses, each.answers) for each in journals[sender]}
            books.append(judge_requests(name, asked, receptions, may_repeat=flow.pattern == "req-again"))
            continue
        sent = {}
        for journal in journals[sender]:
            sent[journal.incarnation] = journal.sent[direction]
            journal.sent[direction].ends = _explaining(flow, sender, journal, causes, limits) + behind
        books.append(judge(name, sent, receptions, _corrupting(causes)))
    return books


def judge_run(folder: Path, flows: tuple[Flow, ...], limits: Room) -> list[Book]:
    """The books of all flows."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        by_flow = pool.map(partial(judge_flow, folder, limits), flows)
        return [book for books in by_flow for book in books]
