# SPDX-License-Identifier: Apache-2.0
"""What each side is told, with this library, pyzmq and czmq on either side: Tests/data/security.tsv, cell by cell.

`run.py PROGRAMS`: the folder of the peers in C. Each line of the table is tried with every pair of libraries of which
one is ours. A cell is right if both sides are told what the table says and, where they come together, a message came.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import zmq

from processes import LineProcess, Trouble
from security_table import Row, rows

HERE = Path(__file__).resolve().parent
PEOPLE = ("SERVER", "CLIENT", "STRANGER")
# Those with an authenticator of another kind have a library of their own here.
OTHER_SERVERS = ("pyzmq-thread", "pyzmq-asyncio", "czmq")
OTHER_CLIENTS = ("pyzmq-thread", "czmq")


@dataclass(frozen=True)
class Pair:
    """Which library is which side."""

    server: str
    client: str

    def told_by(self, row: Row) -> tuple[str, str] | None:
        """What the server and the client are to be told; None where the line does not speak of this pair."""
        server = row.our_server if self.server == "ours" else row.other_server
        client = row.our_client if self.client == "ours" else row.other_client
        return None if "-" in (server, client) else (server, client)


PAIRS = (
    Pair("ours", "ours"),
    *(Pair("ours", other) for other in OTHER_CLIENTS),
    *(Pair(other, "ours") for other in OTHER_SERVERS),
)


class Peers:
    """The programs, and what they share: keys, and the folder of those that may come in."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._commands = {
            "ours": [str(programs / "ours")],
            "czmq": [str(programs / "czmq")],
            **{
                f"pyzmq-{kind}": [sys.executable, "-B", str(HERE / "pyzmq_peer.py"), kind]
                for kind in ("thread", "asyncio")
            },
        }
        self._environment: dict[str, str] = {}
        for person in PEOPLE:
            public, secret = zmq.curve_keypair()
            self._environment |= {f"EXZ_{person}_PUBLIC": public.decode(), f"EXZ_{person}_SECRET": secret.decode()}
        allowed = folder / "allowed"
        allowed.mkdir()
        key = self._environment["EXZ_CLIENT_PUBLIC"]
        (allowed / "camera.key").write_text(f'metadata\n    name = "camera"\ncurve\n    public-key = "{key}"\n')
        (folder / "passwords").write_text("camera=secret\n")
        self._environment |= {"EXZ_KEYS": str(allowed), "EXZ_PASSWORDS": str(folder / "passwords")}

    def start(self, library: str) -> LineProcess:
        return LineProcess(self._commands[library], **self._environment)


def heard(said: str) -> str:
    """What a peer was told, without what differs from run to run, and from library to library."""
    if said.startswith("in "):
        return "in"
    # Who is the first to see that the mechanisms differ is told so, the other that the connection has ended.
    if said in ("PROTOCOL", "NO_DETAIL"):
        return "fails"
    status, _, message = said.partition(": ")
    # The endpoint and the time do not matter.
    reason = re.sub(r"^connect to \S+ failed after \d+ attempts? in \S+ m?s: ", "", message)
    if reason.startswith("the peer wants the security mechanism"):
        reason = "the peer uses another security mechanism"
    return f"{status}: {reason}" if message else said


def fits(expected: tuple[str, str] | None, told: tuple[str, str]) -> bool:
    """Whether both were told that, or one of several things."""
    return expected is not None and all(said in one.split(" or ") for one, said in zip(expected, told, strict=True))


def tried(pair: Pair, peers: Peers) -> Iterator[tuple[Row, str, str, str]]:
    """Each line that speaks of this pair, its kind of client, and what the server and the client were told."""
    client = peers.start(pair.client)
    server, kind = None, ""
    for row in rows():
        if pair.told_by(row) is None:
            continue
        if server is None or kind != row.server:
            if server:
                server.kill()
            server, kind = peers.start(pair.server), row.server
        for each in row.clients:
            server.tell(f"serve {row.server}")
            endpoint = server.line().removeprefix("at ")
            client.tell(f"call {each} {endpoint}")
            server.tell("told")
            told = heard(client.line())
            yield row, each, heard(server.line()), told
    if server:
        server.kill()
    client.kill()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", type=Path)
    parser.add_argument("--all", action="store_true", help="show what was right, too")
    arguments = parser.parse_args()
    cells = wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        peers = Peers(arguments.programs, Path(folder))
        for pair in PAIRS:
            try:
                for row, client, server_told, client_told in tried(pair, peers):
                    cells += 1
                    is_right = fits(pair.told_by(row), (server_told, client_told))
                    wrong += not is_right
                    if arguments.all or not is_right:
                        print(f"{pair.server} serves {row.server}, {pair.client} comes with {client}:")
                        print(f"    the server: {server_told}\n    the client: {client_told}", flush=True)
            except Trouble as trouble:
                wrong += 1
                print(f"{pair.server} and {pair.client}: {trouble}", flush=True)
    print(f"Interoperation: {cells} cells, {wrong} of them wrong")
    return 1 if wrong or not cells else 0


if __name__ == "__main__":
    sys.exit(main())
