# SPDX-License-Identifier: Apache-2.0
"""How a service is doing."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass


class ServiceState(enum.StrEnum):
    """Where a service is in its life."""

    NEW = "new"
    """Not started, or the start failed."""
    STARTING = "starting"
    """`start` binds."""
    RUNNING = "running"
    """It does its work."""
    FAILED = "failed"
    """It can not receive any more: its context was closed, for example. `stop` is still to be called."""
    STOPPING = "stopping"
    """`stop` waits for work in hand."""
    STOPPED = "stopped"
    """All is closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a service has done since it was made, and what it does now."""

    state: ServiceState
    """Where it is in its life."""
    peers: Mapping[str, int]
    """Peers with a finished handshake at this moment, by the role of the socket; empty unless it runs."""
    handled: int
    """Messages that were dealt with and did not fail."""
    failed: int
    """Messages that failed: a handler raised, the message was not what it should be, the time was up."""
    in_hand: int
    """Messages being dealt with at this moment."""
    unclaimed: int
    """Results that nobody waited for: they came too late, or twice. Only a `ControllerService` has such."""
    last_error: Exception | None
    """The last failure; None if there was none."""
