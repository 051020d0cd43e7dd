# SPDX-License-Identifier: Apache-2.0
"""A program of yours, which asks a weather service."""

from experimance_zmq import Requester, ZMQSocketError


def forecast(endpoint: str, timeout: float) -> str:
    """What the service says; "unknown" if it says nothing in time."""
    with Requester() as requester:
        try:
            requester.connect(endpoint, timeout=timeout)
            return requester.request(b"forecast?", timeout=timeout).decode()
        except ZMQSocketError:
            return "unknown"
