# SPDX-License-Identifier: Apache-2.0
"""The descriptors a service was started with, by systemd's protocol for socket activation (sd_listen_fds(3))."""

import os

__all__ = ["listen_fds"]

_FIRST = 3


def listen_fds(name: str | None = None) -> list[int]:
    """The listening descriptors that the process was started with, for `bind_fd`.

    They are not passed on to programs that this process starts. Nothing is closed: they stay open until somebody does.

    Args:
        name: only those of that name (`FileDescriptorName=` of the socket unit; without it the unit's name). None: all.

    Returns:
        Their numbers, in the order of the socket units; an empty list when there are none, or when they were meant for
        another process.
    """
    if _number("LISTEN_PID") != os.getpid():
        return []
    descriptors = range(_FIRST, _FIRST + (_number("LISTEN_FDS") or 0))
    names = os.environ.get("LISTEN_FDNAMES", "").split(":")
    chosen = []
    for place, descriptor in enumerate(descriptors):
        try:
            os.set_inheritable(descriptor, False)
        except OSError:
            break
        if name is None or names[place : place + 1] == [name]:
            chosen.append(descriptor)
    return chosen


def _number(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    return int(text) if text.isascii() and text.isdigit() else None
