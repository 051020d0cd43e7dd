# SPDX-License-Identifier: Apache-2.0
"""A network of the run's own, whose kernel buffers are small: the less can be on its way, the less can hide there."""

import os
import subprocess
import sys

INSIDE = "EXZ_LEDGER_NETWORK"
BUFFERS = "4096 65536 131072"
SET_UP = (
    "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up"
    f" && for each in rmem wmem; do echo '{BUFFERS}' > /proc/sys/net/ipv4/tcp_$each || exit 1; done"
)


def enter_own_network() -> None:
    """Starts this program again in a network of its own, where there can be one."""
    if os.environ.get(INSIDE):
        return
    for unshare in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        try:
            tried = subprocess.run([*unshare, "sh", "-c", SET_UP], capture_output=True, check=False)
        except FileNotFoundError:
            return
        if tried.returncode == 0:
            os.environ[INSIDE] = "1"
            program = [sys.executable, "-B", *sys.argv]
            os.execvp("unshare", [*unshare, "sh", "-c", f'{SET_UP} && exec "$@"', "sh", *program])
