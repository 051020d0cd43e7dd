# SPDX-License-Identifier: Apache-2.0
"""What two messages have in common when only the numbers and places of the day differ."""

import re

_VARIABLE = [
    (re.compile(r"(tcp://[\w.-]+):\d+"), r"\1:PORT"),
    (re.compile(r"ipc://\S+(?= failed)"), "ipc://PATH"),
    (re.compile(r"sport = :\d+"), "sport = :PORT"),
    (re.compile(r"after \d+ attempts? in (\d+ ms|\d+\.\d s)"), "after N attempts in TIME"),
    # The system's own words, which depend on its name service.
    (re.compile(r"(could not be resolved: ).+"), r"\1WORDS"),
    # What the loader puts before its message.
    (re.compile(r"^\S+: (?=error while loading)"), ""),
]


def essence(message: str) -> str:
    """The message without what differs from run to run."""
    for pattern, replacement in _VARIABLE:
        message = pattern.sub(replacement, message)
    return message.strip()
