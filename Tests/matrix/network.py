# SPDX-License-Identifier: Apache-2.0
"""A network of our own, in which packets can be made to disappear and ports to be few: a network namespace."""

import re
import subprocess
from pathlib import Path

PORT_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
TABLES = ["iptables", "-w", "10"]
# What is tried before it is said to be there. Who is not root may be in a user namespace.
SET_UP = "PATH=$PATH:/usr/sbin:/sbin; ip link set lo up"
TRIAL = f"{SET_UP} && iptables -w 10 -A INPUT -p tcp --dport 1 -j DROP && iptables -w 10 -F INPUT"


def own_network() -> tuple[list[str], str]:
    """What to put in front of a command, and why there is no network of its own if there is none."""
    reason = ""
    for unshare in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        try:
            tried = subprocess.run([*unshare, "sh", "-c", TRIAL], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            return [], "no network namespace: no unshare(1)"
        if tried.returncode == 0:
            return [*unshare, "sh", "-c", f'{SET_UP} && export PATH && exec "$@"', "sh"], ""
        reason = reason or f"no network namespace: {tried.stderr.strip().splitlines()[-1] if tried.stderr else tried}"
    return [], reason


def port_of(endpoint: str) -> str:
    return endpoint.rpartition(":")[2]


def cut(port: str) -> None:
    """From now on no packet goes to or from this port."""
    for direction in ("--dport", "--sport"):
        subprocess.run([*TABLES, "-A", "INPUT", "-p", "tcp", direction, port, "-j", "DROP"], check=True)


def mend() -> None:
    subprocess.run([*TABLES, "-F", "INPUT"], check=True)


def allow_ports(ports: str) -> str:
    """What connections may have as their own port, "FIRST LAST"; what it was before."""
    before = PORT_RANGE.read_text()
    PORT_RANGE.write_text(ports)
    return before


def ports_connected_to(port: str) -> list[str]:
    """The ports of those who have connected to one here."""
    found = []
    for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]:
        match = re.match(r" *\d+: \w+:(\w+) \w+:(\w+) 01 ", line)
        if match and int(match[2], 16) == int(port):
            found.append(str(int(match[1], 16)))
    return found
