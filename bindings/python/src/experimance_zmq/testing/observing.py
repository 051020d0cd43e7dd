# SPDX-License-Identifier: Apache-2.0
"""What a fault proxy counts."""

import enum
from typing import Self

from .. import _abi
from .._record import Record
from ..errors import Status


class FaultCount(enum.IntEnum):
    """What a fault proxy counts, from its beginning.

    Attributes:
        CONNECTIONS: connections accepted.
        ENDED: connections that have ended.
        FAILED: connections whose target could not be reached.
        BYTES_TO_TARGET: bytes passed on to the target.
        BYTES_TO_CLIENT: bytes passed on to who has connected.
        STRUCK: how often a fault has struck a connection.
    """

    CONNECTIONS = _abi.EXZ_FAULT_COUNT_CONNECTIONS
    ENDED = _abi.EXZ_FAULT_COUNT_ENDED
    FAILED = _abi.EXZ_FAULT_COUNT_FAILED
    BYTES_TO_TARGET = _abi.EXZ_FAULT_COUNT_BYTES_TO_TARGET
    BYTES_TO_CLIENT = _abi.EXZ_FAULT_COUNT_BYTES_TO_CLIENT
    STRUCK = _abi.EXZ_FAULT_COUNT_STRUCK


class FaultStatistics(Record):
    """What a fault proxy has done so far.

    Attributes:
        faults: faults in force.
        seed: what all draws are made from.
        connections: connections accepted.
        open: connections that have not ended.
        failed: connections whose target could not be reached.
        bytes_to_target: bytes passed on to the target.
        bytes_to_client: bytes passed on to who has connected.
        struck: how often a fault has struck a connection: once for each of both, however often it did. `down` strikes
            once, the proxy.
        target_status: why the target could not be reached the last time; `Status.OK` if it always could.
        target_errno: the errno of that; 0 if there is none.
    """

    faults: int
    seed: int
    connections: int
    open: int
    failed: int
    bytes_to_target: int
    bytes_to_client: int
    struck: int
    target_status: Status
    target_errno: int

    @classmethod
    def _from_struct(cls, stats: _abi.exz_fault_stats) -> Self:
        fields = {name: getattr(stats, name) for name, *_ in stats._fields_ if name != "size"}
        return cls(**fields | {"target_status": Status(stats.target_status)})
