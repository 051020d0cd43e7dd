# SPDX-License-Identifier: Apache-2.0
"""confined.py UNIT COMMAND...: runs a command with no more system calls than a unit of systemd's lets it have.

As systemd does for SystemCallFilter=, SystemCallErrorNumber=EPERM and MemoryDenyWriteExecute=; not what needs a systemd
that runs. Prints how many calls are allowed before the command begins.
"""

import ctypes
import errno
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

NUMBERS = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, PR_SET_MDWE = 38, 22, 65
FILTER = 2
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
LOAD_NUMBER, COMPARE, RETURN = 0x20, 0x15, 0x06


def calls_of(group: str) -> set[str]:
    """The system calls of a group such as @system-service, those of the groups in it included."""
    if not group.startswith("@"):
        return {group}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in listed.stdout.splitlines()[1:]]
    return {call for line in lines if line and not line.startswith("#") for call in calls_of(line)}


def allowed(unit: str) -> set[str]:
    """What the lines of SystemCallFilter= of a unit leave over, one after the other."""
    result: set[str] = set()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.MULTILINE):
        named = {call for group in line.removeprefix("~").split() for call in calls_of(group)}
        result = result - named if line.startswith("~") else result | named
    return result


def confine(names: set[str]) -> int:
    """Refuses this process all other system calls from now on; says how many are left."""
    numbers = dict(re.findall(r"#define __NR_(\w+) (\d+)", NUMBERS.read_text(encoding="ascii")))
    kept = sorted(int(numbers[name]) for name in names & numbers.keys())
    program = [(LOAD_NUMBER, 0, 0, 0)]
    for number in kept:
        program += [(COMPARE, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    program.append((RETURN, 0, 0, REFUSE))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    libc = ctypes.CDLL(None, use_errno=True)
    described = struct.pack("HxxxxxxP", len(program), ctypes.addressof(code))
    for arguments in (
        (PR_SET_MDWE, 1, 0, 0, 0),
        (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (PR_SET_SECCOMP, FILTER, described, 0, 0),
    ):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), f"prctl{arguments[:2]}: {os.strerror(ctypes.get_errno())}")
    return len(kept)


if __name__ == "__main__":
    print(confine(allowed(Path(sys.argv[1]).read_text(encoding="utf-8"))), "calls", flush=True)
    os.execvp(sys.argv[2], sys.argv[2:])
