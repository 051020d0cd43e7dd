# SPDX-License-Identifier: Apache-2.0
"""What the judge says of journals that are made up, in each column of its book."""

import unittest
from collections.abc import Iterable

from flows import FLOWS
from growth import Growth, Size
from judge import ACCEPTED, NOT_ACCEPTED, UNKNOWN, Book, Reception, Sent, judge
from judge_requests import Asked, judge_requests
from judging import Journal, lost_behind_proxy
from links import (
    FOREVER,
    HANDSHAKEN,
    JOINED,
    LATE,
    LEFT,
    LOST,
    QUEUE_DROPPED,
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

SECOND = 10**9
# Flows with a proxy.
PIPELINE, PUBLISHER = 14, 15
ROOM = Room(10, 1000)


def sent(outcomes: Iterable[int], ends: Iterable[LinkEnd] = ()) -> Sent:
    """Messages of 100 bytes, one a second."""
    made = Sent(ends=list(ends))
    for number, outcome in enumerate(outcomes):
        made.attempt(number, number * SECOND, 100)
        made.outcomes[number] = outcome
    return made


def received(numbers: Iterable[int]) -> list[Reception]:
    """Each half a second after it was sent, or after the one before."""
    found: list[Reception] = []
    for number in numbers:
        time = max(number * SECOND + SECOND // 2, found[-1].time + 1 if found else 0)
        found.append(Reception(time, 1, number))
    return found


def book_of(outcomes: Iterable[int], numbers: Iterable[int], ends: Iterable[LinkEnd] = ()) -> Book:
    return judge("a flow", {1: sent(outcomes, ends)}, received(numbers))


def cut(begin: float, end: float, why: str = "drop", messages: int = 10, bytes_: int = 1000) -> LinkEnd:
    return LinkEnd(int(begin * SECOND), int(end * SECOND), why, messages, bytes_)


class Messages(unittest.TestCase):
    def test_what_all_came_is_explained(self) -> None:
        book = book_of([ACCEPTED] * 5, range(5))
        self.assertEqual((book.attempted, book.accepted, book.received, book.unexplained), (5, 5, 5, 0))

    def test_one_that_is_missing_is_found(self) -> None:
        book = book_of([ACCEPTED] * 5, [0, 1, 3, 4])
        self.assertEqual(book.unexplained, 1)
        self.assertIn("was accepted and did not come: message 1/2, sent 2.000000, overtaken 3.500000", book.findings[0])

    def test_the_last_one_that_is_missing_is_found(self) -> None:
        self.assertEqual(book_of([ACCEPTED] * 5, range(4)).unexplained, 1)

    def test_one_that_was_on_its_way_when_a_link_ended_is_explained(self) -> None:
        book = book_of([ACCEPTED] * 5, [0, 1, 3, 4], [cut(2.1, 2.2)])
        self.assertEqual((book.in_flight, book.unexplained), (1, 0))

    def test_a_link_that_ended_before_it_was_sent_explains_nothing(self) -> None:
        self.assertEqual(book_of([ACCEPTED] * 5, [0, 1, 3, 4], [cut(1.8, 1.9)]).unexplained, 1)

    def test_a_link_that_ended_after_a_later_one_came_explains_nothing(self) -> None:
        self.assertEqual(book_of([ACCEPTED] * 5, [0, 1, 3, 4], [cut(3.6, 3.9)]).unexplained, 1)

    def test_more_than_can_have_been_on_its_way_is_found(self) -> None:
        book = book_of([ACCEPTED] * 40, [0, 39], [cut(20, 39, messages=10, bytes_=1000)])
        self.assertEqual((book.in_flight, book.unexplained), (20, 18))

    def test_two_ends_explain_twice_as_much(self) -> None:
        book = book_of([ACCEPTED] * 40, [0, 39], [cut(20, 38), cut(30, 39)])
        self.assertEqual((book.in_flight, book.unexplained), (38, 0))

    def test_an_end_that_began_too_late_has_no_room_for_it(self) -> None:
        ends = [cut(3.6, 3.9), cut(1, 5, messages=0, bytes_=0)]
        self.assertEqual(book_of([ACCEPTED] * 5, [0, 1, 3, 4], ends).unexplained, 1)

    def test_one_that_was_refused_is_not_missing(self) -> None:
        book = book_of([ACCEPTED, NOT_ACCEPTED, ACCEPTED], [0, 2])
        self.assertEqual((book.refused, book.unexplained), (1, 0))

    def test_one_that_was_refused_and_comes_is_found(self) -> None:
        book = book_of([ACCEPTED, NOT_ACCEPTED, ACCEPTED], [0, 1, 2])
        self.assertIn("was refused and came: message 1/1", book.findings[0])

    def test_one_in_the_hands_of_a_killed_process_may_come_or_not(self) -> None:
        for numbers in ([0, 1], [0]):
            book = book_of([ACCEPTED, UNKNOWN], numbers)
            self.assertEqual((book.undecided, book.unexplained), (1, 0))

    def test_one_that_comes_twice_is_found(self) -> None:
        book = book_of([ACCEPTED] * 3, [0, 1, 1, 2])
        self.assertEqual((book.duplicates, book.received, book.unexplained), (1, 3, 1))

    def test_one_that_comes_twice_is_found_where_links_ended_too(self) -> None:
        self.assertEqual(book_of([ACCEPTED] * 3, [0, 1, 1, 2], [cut(0, 3)]).unexplained, 1)

    def test_one_that_is_overtaken_is_found(self) -> None:
        book = book_of([ACCEPTED] * 3, [0, 2, 1])
        self.assertEqual((book.reordered, book.late, book.unexplained), (1, 0, 1))

    def test_one_that_is_overtaken_on_another_link_is_late(self) -> None:
        book = book_of([ACCEPTED] * 3, [0, 2, 1], [cut(1.2, 1.3)])
        self.assertEqual((book.reordered, book.late, book.unexplained), (0, 1, 0))

    def test_one_that_had_nobody_is_not_late(self) -> None:
        self.assertEqual(book_of([ACCEPTED] * 3, [0, 2, 1], [LinkEnd(0, 2 * SECOND, "nobody")]).reordered, 1)

    def test_one_that_was_never_sent_is_found(self) -> None:
        self.assertIn("was never sent", book_of([ACCEPTED], [0, 1]).findings[0])
        book = judge("a flow", {1: sent([ACCEPTED])}, [*received([0]), Reception(1, 2, 0)])
        self.assertIn("was never sent", book.findings[0])

    def test_other_bytes_are_found_where_nothing_flips_them(self) -> None:
        spoiled = [*received([0]), Reception(3 * SECOND, 0, -1)]
        self.assertEqual(judge("a flow", {1: sent([ACCEPTED])}, spoiled).unexplained, 1)
        corrupting = [(2 * SECOND, 4 * SECOND)]
        book = judge("a flow", {1: sent([ACCEPTED])}, spoiled, corrupting)
        self.assertEqual((book.corrupted, book.unexplained), (1, 0))

    def test_what_is_published_to_nobody_is_explained_and_no_more(self) -> None:
        book = book_of([ACCEPTED] * 6, [3, 5], [LinkEnd(0, int(2.5 * SECOND), "nobody")])
        self.assertEqual((book.to_nobody, book.unexplained), (3, 1))

    def test_what_is_published_when_the_last_one_has_left_takes_no_room(self) -> None:
        ends = [cut(0, 5, messages=1, bytes_=0), LinkEnd(SECOND, int(4.5 * SECOND), "nobody")]
        book = book_of([ACCEPTED] * 6, [5], ends)
        self.assertEqual((book.to_nobody, book.in_flight, book.unexplained), (4, 1, 0))

    def test_what_the_library_counted_has_its_column(self) -> None:
        book = book_of([ACCEPTED] * 3, [0, 2], [cut(0.9, 1.2, "counted")])
        self.assertEqual((book.counted, book.in_flight, book.unexplained), (1, 0, 0))

    def test_findings_are_counted_also_where_they_are_not_told(self) -> None:
        book = book_of([ACCEPTED] * 100, [])
        self.assertEqual((book.unexplained, len(book.findings)), (100, 20))

    def test_a_journal_with_a_gap_is_none(self) -> None:
        with self.assertRaisesRegex(ValueError, "gap"):
            sent([ACCEPTED]).attempt(2, 0, 0)


class Links(unittest.TestCase):
    def lost(self, causes: list[Cause], *events: Event, side: int = 0) -> tuple[list[LinkEnd], list[Event]]:
        return link_ends(list(events), Ends(causes, side), ROOM)

    def test_an_end_lasts_from_its_cause_until_it_is_told(self) -> None:
        found, unexplained = self.lost([Cause("drop", 5, 6)], Event(1, HANDSHAKEN), Event(9, LOST))
        self.assertEqual([(end.begin, end.end, end.why) for end in found], [(5, 9 + TAKING_NOTE, "drop")])
        self.assertEqual(unexplained, [])

    def test_a_link_that_is_lost_without_a_cause_is_found(self) -> None:
        self.assertEqual(self.lost([], Event(1, HANDSHAKEN), Event(9, LOST))[1], [Event(9, LOST)])

    def test_a_cause_that_comes_later_is_none(self) -> None:
        self.assertEqual(len(self.lost([Cause("drop", 10, 11)], Event(9, LOST))[1]), 1)

    def test_what_holds_a_link_does_not_end_it(self) -> None:
        self.assertEqual(len(self.lost([Cause("blackhole", 5, 20)], Event(9, LOST))[1]), 1)

    def test_with_heartbeats_what_holds_a_link_ends_it(self) -> None:
        ends = Ends([Cause("blackhole", 5, 20)], 0, has_heartbeats=True)
        self.assertEqual(link_ends([Event(9, LOST)], ends, ROOM)[1], [])

    def test_the_end_of_the_own_process_is_no_cause(self) -> None:
        self.assertEqual(len(self.lost([Cause("kill", 5, 6, 0)], Event(9, LOST))[1]), 1)
        self.assertEqual(self.lost([Cause("kill", 5, 6, 1)], Event(9, LOST))[1], [])

    def test_an_end_is_told_late_when_something_holds_it(self) -> None:
        causes = [Cause("kill", 1, 2, 1), Cause("blackhole", 0, 50 * SECOND), Cause("stop", 49 * SECOND, 60 * SECOND)]
        self.assertEqual(held_until(causes[0], causes), 60 * SECOND)
        events = [Event(10, HANDSHAKEN), Event(61 * SECOND, LOST)]
        self.assertEqual(self.lost(causes, *events)[1], [])

    def test_a_cause_is_used_up_by_a_new_link(self) -> None:
        later = 2 + LATE + 1
        events = [Event(3, LOST), Event(4, HANDSHAKEN), Event(later, LOST)]
        self.assertEqual(self.lost([Cause("drop", 1, 2)], *events)[1], [Event(later, LOST)])

    def test_what_passed_a_link_by_does_not_explain_its_end(self) -> None:
        causes = [Cause("reset", 2, 3), Cause("drop", 8 * SECOND, 8 * SECOND + 1)]
        found, _ = self.lost(causes, Event(1, HANDSHAKEN), Event(8 * SECOND + 5, LOST))
        self.assertEqual([(end.begin, end.why) for end in found], [(8 * SECOND, "drop")])

    def test_a_queue_that_was_dropped_is_counted(self) -> None:
        found, _ = self.lost([Cause("drop", 1, 2)], Event(3, LOST), Event(7, QUEUE_DROPPED))
        self.assertEqual(
            [(end.begin, end.end, end.why) for end in found], [(1, 3 + TAKING_NOTE, "drop"), (1, 7, "counted")]
        )

    def test_a_publisher_has_nobody_until_somebody_joins(self) -> None:
        events = [Event(3, JOINED, 1), Event(5, LEFT, 0), Event(8, JOINED, 1), Event(9, JOINED, 2), Event(10, LEFT, 1)]
        found = [(end.begin, end.end) for end in without_subscriber(events)]
        self.assertEqual(found, [(0, 3), (5, 8)])
        self.assertEqual([(end.begin, end.end) for end in without_subscriber([])], [(0, FOREVER)])


class Requests(unittest.TestCase):
    def book(self, asked: Asked, numbers: Iterable[int], *, may_repeat: bool = False) -> Book:
        return judge_requests("a flow", {1: asked}, received(numbers), may_repeat=may_repeat)

    def test_requests_that_were_answered_are_explained(self) -> None:
        asked = Asked(sent([ACCEPTED] * 2), {}, [(0, Reception(1, 1, 0)), (1, Reception(2, 1, 1))])
        self.assertEqual(self.book(asked, [0, 1]).unexplained, 0)

    def test_an_answer_of_another_request_is_found(self) -> None:
        asked = Asked(sent([ACCEPTED] * 2), {}, [(1, Reception(2, 1, 0))])
        self.assertIn("has the answer of 1/0: message 1/1", self.book(asked, [0, 1]).findings[0])

    def test_an_answer_without_an_execution_is_found(self) -> None:
        self.assertIn("never executed", self.book(Asked(sent([ACCEPTED])), []).findings[0])

    def test_what_was_never_asked_is_not_executed(self) -> None:
        self.assertIn("was never sent", self.book(Asked(sent([ACCEPTED])), [0, 1]).findings[0])
        self.assertIn("other bytes", self.book(Asked(sent([ACCEPTED])), [0, -1]).findings[0])

    def test_one_that_is_executed_twice_is_found_unless_it_may_be(self) -> None:
        self.assertEqual(self.book(Asked(sent([ACCEPTED])), [0, 0]).duplicates, 1)
        book = self.book(Asked(sent([ACCEPTED])), [0, 0], may_repeat=True)
        self.assertEqual((book.executed_again, book.unexplained), (1, 0))

    def test_one_that_had_no_server_is_not_executed(self) -> None:
        self.assertEqual(self.book(Asked(sent([NOT_ACCEPTED]), {0: -8}), [0]).unexplained, 1)
        book = self.book(Asked(sent([NOT_ACCEPTED]), {0: -7}), [0])
        self.assertEqual((book.unanswered, book.unexplained), (1, 0))

    def test_one_that_was_given_up_may_be_executed_late(self) -> None:
        book = self.book(Asked(sent([NOT_ACCEPTED, ACCEPTED]), {0: -7}), [1, 0])
        self.assertEqual((book.late, book.unexplained), (1, 0))
        self.assertEqual(self.book(Asked(sent([ACCEPTED, ACCEPTED])), [1, 0]).reordered, 1)


class BehindProxies(unittest.TestCase):
    def ends(self, number: int, *events: Event) -> list[LinkEnd]:
        """Of the link from the proxy of that flow, which was dropped in the second second."""
        flow = next(each for each in FLOWS if each.number == number)
        drop = Cause("drop", 2 * SECOND, 2 * SECOND)
        return lost_behind_proxy(flow, [Journal(1, events=[Event(SECOND, HANDSHAKEN), *events])], [drop], ROOM)

    def test_a_link_has_room_for_so_much(self) -> None:
        book = book_of([ACCEPTED] * 40, [0, *range(30, 40)], self.ends(PIPELINE, Event(3 * SECOND, LOST)))
        self.assertEqual((book.in_flight, book.unexplained), (3, 26))

    def test_an_xpub_drops_until_somebody_has_subscribed_again(self) -> None:
        events = Event(3 * SECOND, LOST), Event(20 * SECOND, HANDSHAKEN)
        book = book_of([ACCEPTED] * 40, [0, *range(30, 40)], self.ends(PUBLISHER, *events))
        self.assertEqual((book.in_flight, book.unexplained), (21, 8))

    def test_an_xpub_drops_for_good_when_nobody_comes_back(self) -> None:
        book = book_of([ACCEPTED] * 40, [0], self.ends(PUBLISHER, Event(3 * SECOND, LOST)))
        self.assertEqual((book.in_flight, book.unexplained), (39, 0))


class Growing(unittest.TestCase):
    def test_what_stays_as_it_is_is_fine(self) -> None:
        self.assertEqual(Growth("one", [Size(50_000, 20, 5)] * 100).complaints(), [])
        self.assertEqual(Growth("one", [Size(50_000, 20, 5)] * 70 + [Size(50_000, 20, 6)] * 30).complaints(), [])

    def test_each_that_grows_is_told(self) -> None:
        for grown in (Size(70_000, 20, 5), Size(50_000, 21, 5), Size(50_000, 20, 7)):
            self.assertEqual(len(Growth("one", [Size(50_000, 20, 5)] * 70 + [grown] * 30).complaints()), 1)

    def test_what_comes_and_goes_is_fine(self) -> None:
        self.assertEqual(Growth("one", [Size(50_000, 20, 5), Size(90_000, 40, 9)] * 50).complaints(), [])
        late = [Size(60_000, 39, 8)] * 25
        self.assertEqual(Growth("one", [Size(50_000, 20, 5), Size(90_000, 40, 9)] * 37 + late).complaints(), [])


if __name__ == "__main__":
    unittest.main()
