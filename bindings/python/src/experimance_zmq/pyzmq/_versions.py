# SPDX-License-Identifier: Apache-2.0
"""Which versions of pyzmq this is for."""

import sys
from importlib import metadata

OLDEST = (26, 4)
"""The first that is supported."""
BEYOND = (28,)
"""The first that is not any more."""


def check() -> None:
    """Raises ImportError, with what to do, unless pyzmq is one of these and is being imported."""
    if "zmq" not in sys.modules:
        raise ImportError(
            "experimance_zmq.pyzmq_backend is for pyzmq to import: set PYZMQ_BACKEND=experimance_zmq.pyzmq_backend in "
            "the environment, and import zmq"
        )
    try:
        version = metadata.version("pyzmq")
    except metadata.PackageNotFoundError:
        # A copy within another package, which nobody can ask.
        return
    numbers = tuple(int(number) for number in version.split(".")[:2] if number.isdigit())
    if not OLDEST <= numbers < BEYOND:
        raise ImportError(
            f"experimance_zmq.pyzmq_backend needs pyzmq {'.'.join(map(str, OLDEST))} to {BEYOND[0] - 1}, and this is "
            f"{version}: pip install 'pyzmq>={'.'.join(map(str, OLDEST))},<{BEYOND[0]}', or unset PYZMQ_BACKEND"
        )
