# SPDX-License-Identifier: Apache-2.0
"""Tells systemd how a service is doing: the protocol of sd_notify(3). Without systemd nobody is told."""

import os
import socket


def notify(*assignments: str) -> None:
    """Sends assignments such as READY=1 and STATUS=…, all at once."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to_manager:
        # An @ stands for the NUL before an abstract name.
        to_manager.connect("\0" + address[1:] if address.startswith("@") else address)
        to_manager.send("\n".join(assignments).encode())


def watchdog_interval() -> float | None:
    """How often to say WATCHDOG=1, in seconds: twice as often as systemd wants it. None: it does not."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    is_for_us = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 2e6 if microseconds.isdigit() and is_for_us else None
