# SPDX-License-Identifier: Apache-2.0
"""Which backend pyzmq has in this process."""

import os
import sys
from importlib import import_module

STOCK = "cython"


def backend_used() -> str:
    """As PYZMQ_BACKEND names it, if pyzmq has all of it from there."""
    name = os.environ.get("PYZMQ_BACKEND", STOCK)
    backend = import_module("zmq.backend")
    named = sys.modules.get(f"zmq.backend.{name}" if name == STOCK else name)
    is_used = all(getattr(backend, part) is getattr(named, part, None) for part in ("Context", "Socket", "zmq_poll"))
    return name if is_used else str(backend.Socket.__module__)
