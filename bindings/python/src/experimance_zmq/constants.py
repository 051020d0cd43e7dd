# SPDX-License-Identifier: Apache-2.0
"""The constants of the Experimance utilities, under their old names."""

__all__ = [
    "DEFAULT_RECV_TIMEOUT",
    "DEFAULT_RETRY_ATTEMPTS",
    "DEFAULT_RETRY_DELAY",
    "DEFAULT_TIMEOUT",
    "HEARTBEAT_INTERVAL",
]

DEFAULT_TIMEOUT = 1000
"""Milliseconds that a publish or a push waits."""
DEFAULT_RECV_TIMEOUT = 1.0
"""Seconds that a receive or a pull waits."""
DEFAULT_RETRY_ATTEMPTS = 3
"""Attempts of a service that tries something again."""
DEFAULT_RETRY_DELAY = 0.5
"""Seconds between them."""
HEARTBEAT_INTERVAL = 5.0
"""Seconds between two heartbeat messages of a service."""
