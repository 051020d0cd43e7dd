# SPDX-License-Identifier: Apache-2.0
"""What a message costs in instructions, and what this library does for it that it should not."""

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from .callgrind import Call, Profile, read_profile
from .scale import Scale
from .table import Table, Target
from .workers import Broken, Workers

SIZE = 64
LIBRARY = "libexperimance_zmq.so"
NONE = Target(0)

#: What the hot path must not call, by the names of the functions. Swift allocates with malloc in the end.
FORBIDDEN = {
    "allocations": re.compile(r"malloc|calloc|realloc|posix_memalign|aligned_alloc|_Zn[aw]\w*"),
    "retains and releases": re.compile(r"swift_\w*([rR]etain|[rR]elease)\w*"),
    "locks that were not free": re.compile(r".*takeSlowly.*"),
}
#: Each goes into the kernel; this library calls ppoll(2) and futex(2) through syscall(2).
SYSTEM_CALLS = re.compile(r"poll|ppoll|syscall|read|write|getpid")


def measure(workers: Workers, scale: Scale, table: Table) -> None:
    table.section(
        f"Instructions of the calling thread for a message of {SIZE} B that does not wait, by callgrind "
        f"({scale.counted_messages} messages, inproc)"
    )
    for number, what in enumerate(("send", "recv", "publish", "publish to nobody", "send of a PUB")):
        plain, ours = _profiles(workers, "hot_path", number, SIZE, scale.counted_messages)
        _instructions(table, f"  {what}", plain, ours, scale.counted_messages)
        for name, pattern in FORBIDDEN.items():
            count = _count(ours, pattern, _is_from_the_library)
            table.value(f"  {what}: {name} in this library", count / scale.counted_messages, 3, NONE)

    table.section(
        f"The same for the asking side of a round trip: a send, and a receive that waits ({scale.counted_round_trips} "
        f"round trips, tcp)"
    )
    plain, ours = _profiles(workers, "round_trip", SIZE, scale.counted_round_trips)
    _instructions(table, "  instructions", plain, ours, scale.counted_round_trips)
    calls = [_count(profile, SYSTEM_CALLS) / scale.counted_round_trips for profile in (plain, ours)]
    table.both("  system calls, libzmq's included", calls[0], calls[1], 1)


def _instructions(table: Table, name: str, plain: Profile, ours: Profile, count: int) -> None:
    table.both(name, plain.instructions / count, ours.instructions / count, 1)


def _profiles(workers: Workers, program: str, *arguments: int) -> tuple[Profile, Profile]:
    plain, ours = (_profile(workers, f"{program}-{side}", *arguments) for side in ("plain", "ours"))
    return plain, ours


def _profile(workers: Workers, program: str, *arguments: int) -> Profile:
    """What the main thread does between the points the program names; of two processes, the one that names them."""
    with TemporaryDirectory() as folder:
        workers.output(
            [
                "valgrind",
                "--quiet",
                "--tool=callgrind",
                "--instr-atstart=no",
                "--separate-threads=yes",
                f"--callgrind-out-file={folder}/%p",
                str(workers.path(program)),
                *map(str, arguments),
            ],
            # The library before it was stripped: the same code, with the names of its functions.
            {"LD_LIBRARY_PATH": str(workers.path("named"))},
        )
        profile = max(map(read_profile, Path(folder).glob("*-01")), key=lambda profile: profile.instructions)
    if not any(call.callee.startswith("zmq_") for call in profile.calls):
        raise Broken(f"the profile of {program} has no call of libzmq")
    return profile


def _is_from_the_library(call: Call) -> bool:
    """Made by this library itself; what libzmq does in its turn is not ours."""
    return LIBRARY in call.caller_object


def _count(profile: Profile, pattern: re.Pattern[str], where: Callable[[Call], bool] = lambda _: True) -> int:
    return sum(call.count for call in profile.calls if where(call) and pattern.fullmatch(_bare(call.callee)))


def _bare(name: str) -> str:
    """Without callgrind's mark of recursion ('2) and a symbol's version (@@)."""
    return re.split("'|@", name)[0]
