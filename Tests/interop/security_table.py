# SPDX-License-Identifier: Apache-2.0
"""Tests/data/security.tsv, checked."""

from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).resolve().parents[1] / "data" / "security.tsv"
SERVERS = frozenset(
    "null guarded denied guarded-closed plain plain-closed curve curve-closed curve-anybody".split()  # noqa: SIM905
)
CLIENTS = frozenset("null plain plain-wrong curve curve-unknown curve-wrong".split())  # noqa: SIM905


@dataclass(frozen=True)
class Row:
    """A line: what each side is told, where a server of that kind is met by clients of those kinds."""

    server: str
    clients: tuple[str, ...]
    our_server: str
    other_server: str
    our_client: str
    other_client: str


def rows(file: Path = FILE) -> list[Row]:
    """All lines. Each server of this library meets all clients, once; those of others do or are not spoken of."""
    found = [_row(line) for line in file.read_text(encoding="ascii").splitlines() if line and not line.startswith("#")]
    for server in SERVERS:
        lines = [row for row in found if row.server == server]
        ours = [client for row in lines if row.our_server != "-" for client in row.clients]
        others = [client for row in lines if row.other_server != "-" for client in row.clients]
        if sorted(ours) != sorted(CLIENTS) or len(set(others)) != len(others):
            raise ValueError(f"{file}: a server that is {server} does not meet each client once")
    return found


def _row(line: str) -> Row:
    columns = line.split("\t")
    if len(columns) != 7 or columns[-1] != "all":
        raise ValueError(f"{FILE}: a line without its seven columns: {line}")
    server, clients, *told, _ = columns
    row = Row(server, tuple(clients.split(" ")), *told)
    if server not in SERVERS or not CLIENTS.issuperset(row.clients):
        raise ValueError(f"{FILE}: an unknown kind: {line}")
    return row
