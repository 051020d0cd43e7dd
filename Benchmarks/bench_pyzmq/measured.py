# SPDX-License-Identifier: Apache-2.0
"""measured WORK SIZE SPAN: the measured process. Prints microseconds of a message, and what is behind zmq."""

import os
import sys

import zmq.backend

from bench_python.measuring import Measuring

from . import works


def main(work: str, size: str, span: str) -> None:
    with Measuring(float(span), int(size)) as measuring:
        getattr(works, work)(measuring)
    ours = sys.modules.get("experimance_zmq.pyzmq_backend")
    is_ours = ours is not None and zmq.backend.Socket is ours.Socket
    assert is_ours == (os.environ["PYZMQ_BACKEND"] != "cython"), "another backend than the one that is meant"
    print(measuring.wall_us)


if __name__ == "__main__":
    main(*sys.argv[1:])
