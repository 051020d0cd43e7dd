# SPDX-License-Identifier: Apache-2.0
"""A program whose journal is not to be trusted.

tampered.py PATTERN REPLACEMENT PROGRAM ARGUMENT...: runs the program and passes on what it prints, with the replacement
for what matches the pattern. Lines that are empty then are left out.
"""

import re
import subprocess
import sys


def main(pattern: str, replacement: str, *command: str) -> int:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout
        for line in program.stdout:
            if changed := re.sub(pattern, replacement, line.rstrip("\n")):
                print(changed, flush=True)
    return program.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
