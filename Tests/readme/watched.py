# SPDX-License-Identifier: Apache-2.0
"""A test that hangs is a test that fails."""

import faulthandler
import unittest

LIMIT = 240
"""Seconds, many times what the slowest of these tests takes."""


class WatchedTestCase(unittest.TestCase):
    """Ends the whole run with a traceback when one test takes too long."""

    def run(self, result: unittest.TestResult | None = None) -> unittest.TestResult | None:
        faulthandler.dump_traceback_later(LIMIT, exit=True)
        try:
            return super().run(result)
        finally:
            faulthandler.cancel_dump_traceback_later()
