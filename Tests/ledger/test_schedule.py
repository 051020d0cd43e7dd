# SPDX-License-Identifier: Apache-2.0
"""What is drawn from a seed."""

import unittest

from flows import FIRST, FLOWS, PROXY, SECOND
from schedule import BY_PROXY, CORRUPT, TRAIL, schedule

HOUR = 3600.0


class Schedule(unittest.TestCase):
    def test_the_same_seed_has_the_same_go_wrong(self) -> None:
        self.assertEqual(schedule(FLOWS, 7, HOUR), schedule(FLOWS, 7, HOUR))
        self.assertNotEqual(schedule(FLOWS, 7, HOUR), schedule(FLOWS, 8, HOUR))

    def test_a_flow_has_the_same_go_wrong_by_itself(self) -> None:
        alone = schedule(FLOWS[:1], 7, HOUR)
        self.assertEqual(alone, [step for step in schedule(FLOWS, 7, HOUR) if step.flow == FLOWS[0].number])

    def test_everything_goes_wrong_and_ends_in_time(self) -> None:
        steps = schedule(FLOWS, 7, HOUR)
        self.assertEqual({step.what for step in steps}, {*BY_PROXY, *CORRUPT, "kill", "stop"})
        self.assertTrue(all(0 < step.begin <= step.end <= HOUR - TRAIL for step in steps))

    def test_steady_flows_keep_their_processes(self) -> None:
        steady = {flow.number for flow in FLOWS if flow.is_steady}
        steps = schedule(FLOWS, 7, HOUR)
        self.assertFalse([step for step in steps if step.what == "kill" and step.flow in steady])
        self.assertFalse([step for step in steps if step.what == "kill" and step.side == PROXY])
        corrupted = {step.flow for step in steps if step.what == "corrupt"}
        self.assertEqual(corrupted, {flow.number for flow in FLOWS if flow.is_corrupted})


class Flows(unittest.TestCase):
    def test_each_language_is_at_both_sides(self) -> None:
        for side in (FIRST, SECOND):
            languages = {"python" if name in ("asyncio", "blocking") else name for name in self.languages(side)}
            self.assertEqual(languages, {"c", "swift", "python"})

    def languages(self, side: int) -> set[str]:
        return {flow.languages[side] for flow in FLOWS}


if __name__ == "__main__":
    unittest.main()
