# SPDX-License-Identifier: Apache-2.0
"""measured SIDE WORK SIZE SPAN: the measured process. Prints microseconds of a message: wall clock, main thread."""

import sys
from importlib import import_module

from .measuring import Measuring


def main(side: str, work: str, size: str, span: str) -> None:
    with Measuring(float(span), int(size)) as measuring:
        getattr(import_module(f".{side}", __package__), work)(measuring)
    print(measuring.wall_us, measuring.cpu_us)


if __name__ == "__main__":
    main(*sys.argv[1:])
