# SPDX-License-Identifier: Apache-2.0
"""Room to send, where no descriptor tells of it."""

from .. import _abi

DIFFERS_BY_PEER = (_abi.EXZ_ROUTER, _abi.EXZ_PUB, _abi.EXZ_XPUB)
"""Types that have room as long as one of their peers has: whether another has shows when something is sent to it."""

AGAIN_AFTER = 0.01
"""Seconds. When to try again."""
