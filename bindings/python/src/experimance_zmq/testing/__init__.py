# SPDX-License-Identifier: Apache-2.0
"""For tests of programs: connections that fail on purpose.

    from experimance_zmq.testing import FaultProxy

    with FaultProxy("tcp://127.0.0.1:5555") as proxy:
        connect_your_program_to(proxy.endpoint)
        with proxy.latency(0.2) as fault:
            fault.wait()  # until it has struck

A `FaultProxy` is put between two endpoints. It passes bytes on as they are until a fault is added to it, and again when
that is removed. With pytest, the fixture `fault_proxy` makes proxies, closes them, and tells the seed of a test that
fails: `help("experimance_zmq_pytest")`.
"""

from .fault_proxy import FaultProxy
from .faults import Direction, Fault
from .observing import FaultCount, FaultStatistics

__all__ = ["Direction", "Fault", "FaultCount", "FaultProxy", "FaultStatistics"]
