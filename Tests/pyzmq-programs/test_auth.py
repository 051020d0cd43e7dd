# SPDX-License-Identifier: Apache-2.0
"""Who may come in, as pyzmq's authenticators decide it."""

from watched import HERE, WatchedTest


class AuthTests(WatchedTest):
    def assert_guards(self, kind: str) -> None:
        house = self.start(str(HERE / "ironhouse.py"), str(self.folder), kind)
        self.assert_is_wanted(house.line("backend"))
        self.assertEqual(house.line("by key:"), "hello you")
        self.assertEqual(house.line("a stranger:"), "refused with 400")
        self.assertEqual(house.line("by password:"), "hello you")
        self.assertEqual(house.line("by guessing:"), "refused with 400")
        house.end()

    def test_a_thread_decides(self) -> None:
        self.assert_guards("thread")

    def test_a_loop_of_asyncio_decides(self) -> None:
        self.assert_guards("asyncio")
