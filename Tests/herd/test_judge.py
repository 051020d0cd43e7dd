# SPDX-License-Identifier: Apache-2.0
"""What counts as a wave, and what else is wrong with a herd."""

import random
import unittest
from dataclasses import replace

from judge import came_back, complaints, figures, first_ms, moments, worst
from record import Event, Record

CLIENTS = 1000
BACK_MS = 5000.0


def herd_of(delays: list[list[float]], back_ms: float = BACK_MS) -> Record:
    """Clients that wait these delays one after the other, the last of them again and again, until their server is
    there."""
    events = []
    for client, waits in enumerate(delays):
        at, i = 0.0, 0
        while at < back_ms:
            at += waits[min(i, len(waits) - 1)]
            i += 1
            events.append(Event(client, "attempt", at))
        events.append(Event(client, "up", at + 1))
    return Record("a herd", len(delays), 100, 1000, back_ms, tuple(events), 0, 0)


def spread(seed: int, clients: int = CLIENTS) -> Record:
    """A herd as it should be: each draws a first delay, which doubles, and a longest."""
    source = random.Random(seed)
    delays = []
    for _ in range(clients):
        first, longest = source.uniform(25, 50), source.uniform(500, 1000)
        delays.append([min(first * 2**n, longest) for n in range(8)])
    return herd_of(delays)


class Waves(unittest.TestCase):
    def test_clients_that_draw_for_themselves_are_no_wave(self) -> None:
        for seed in range(20):
            record = spread(seed)
            self.assertEqual(complaints(record), [])
            wave = worst(record)
            assert wave
            self.assertLess(wave.ratio, 2.5)

    def test_many_attempts_at_first_are_no_wave(self) -> None:
        """The delays grow, so there are more at first, in each ten milliseconds, than three times the mean of all."""
        record = spread(1)
        found = moments(record)
        mean = sum(each.count for each in found) / sum(each.width_ms for each in found) * 10
        self.assertGreater(max(each.count for each in found), 3 * mean)

    def test_clients_that_draw_the_same_are_a_wave(self) -> None:
        record = herd_of([[30, 60, 120, 240, 480, 960, 1000]] * CLIENTS)
        (complaint,) = complaints(record)
        self.assertIn("times the mean", complaint)

    def test_a_tenth_that_comes_together_is_a_wave(self) -> None:
        record = spread(2)
        together = [Event(client, "attempt", 3333 + client / 100) for client in range(CLIENTS // 10)]
        (complaint,) = complaints(replace(record, events=record.events + tuple(together)))
        self.assertRegex(complaint, r"^1\d\d attempts in 10 ms, 33[23]\d ms after")

    def test_of_few_a_moment_is_longer(self) -> None:
        """Ten clients would be a wave in each ten milliseconds with one attempt."""
        source = random.Random(3)
        record = herd_of([[source.uniform(25, 50), source.uniform(500, 1000)] for _ in range(10)])
        self.assertEqual(complaints(record), [])
        self.assertTrue(all(each.mean >= 10 and each.width_ms >= 200 for each in moments(record)))

    def test_judged_is_what_follows_the_first_attempt_of_each(self) -> None:
        record = spread(4)
        self.assertGreaterEqual(moments(record)[0].begin_ms, 49)
        late = replace(record, events=(*record.events, Event(CLIENTS, "attempt", 700.0)), clients=CLIENTS + 1)
        self.assertEqual(first_ms(late), 700)
        self.assertEqual(moments(late)[0].begin_ms, 700)

    def test_the_attempt_that_finds_the_server_is_none_of_those_without_it(self) -> None:
        self.assertEqual(herd_of([[20.0]], back_ms=100).attempts(), [20, 40, 60, 80])


class Others(unittest.TestCase):
    def test_when_they_came_back(self) -> None:
        record = herd_of([[40.0], [30.0]], back_ms=100)
        self.assertEqual(came_back(record), {0: 21, 1: 21})

    def test_only_the_first_time_counts(self) -> None:
        record = herd_of([[40.0]], back_ms=100)
        again = replace(record, events=(*record.events, Event(0, "up", 9999)))
        self.assertEqual(came_back(again), {0: 21})

    def test_who_never_comes_back(self) -> None:
        record = spread(5)
        events = tuple(each for each in record.events if each.what != "up" or each.client > 1)
        self.assertEqual(complaints(replace(record, events=events)), ["2 clients never came back"])

    def test_who_comes_back_late(self) -> None:
        record = spread(6)
        events = tuple(replace(each, ms=each.ms + 3000) if each.what == "up" else each for each in record.events)
        (complaint,) = complaints(replace(record, events=events))
        self.assertIn("came back late", complaint)

    def test_who_never_tries(self) -> None:
        record = replace(spread(7), clients=CLIENTS + 1)
        self.assertEqual(
            complaints(record), ["1 clients never tried while the server was away", "1 clients never came back"]
        )

    def test_nobody_tries(self) -> None:
        record = Record("nobody", 1, 100, 1000, 100, (), 0, 0)
        self.assertEqual(figures(record)[0], "1 clients, 0 attempts in 0.1 s")
        self.assertEqual(len(complaints(record)), 2)

    def test_too_few_attempts(self) -> None:
        self.assertEqual(complaints(herd_of([[40.0]], back_ms=100)), ["too few attempts to be judged"])

    def test_a_queue_without_room(self) -> None:
        record = replace(spread(8), overflows=3, drops=4)
        self.assertEqual(complaints(record), ["the server's queue was full: 3 overflows, 4 drops"])

    def test_figures(self) -> None:
        first, second = figures(spread(9))
        self.assertRegex(
            first, r"^1000 clients, \d+ attempts in 5\.0 s; at most \d+ in 10 ms, \d\.\d times the mean around$"
        )
        self.assertRegex(second, r"^1000 back, the last \d+ ms after the server; queue overflows 0, drops 0$")


if __name__ == "__main__":
    unittest.main()
