# SPDX-License-Identifier: Apache-2.0
"""How to get into each of the troubles that README.md has an entry for."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from surroundings import CC, LIBRARY, LIBRARY_FOLDER, MISBEHAVING_PEER, ROOT, run

NOBODY = 65534
SHORT = "500"
"""Milliseconds that are enough for a few attempts."""
LONG = "20000"
"""Milliseconds for what takes its own time, and usually little."""


class Troublemaker:
    """Gets into troubles with the program `provoke`, in a folder that every user can read."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.folder = Path(self._folder.name)
        self.folder.chmod(0o755)
        shutil.copy(LIBRARY, self.folder)
        source = ROOT / "Tests" / "readme" / "provoke.c"
        self._program = self.folder / "provoke"
        command = [*CC, "-std=c11", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'include'}", str(source)]
        command += ["-o", str(self._program), f"-L{LIBRARY_FOLDER}", "-lexperimance_zmq"]
        built = run(command)
        if built.returncode != 0:
            raise RuntimeError(built.stderr)

    def close(self) -> None:
        self._folder.cleanup()

    def _provoke(self, *arguments: str, finds_library: bool = True, **options: Any) -> str:
        """What the program prints."""
        environment = os.environ | {"LD_LIBRARY_PATH": str(self.folder) if finds_library else ""}
        result = run([str(self._program), *arguments], env=environment, **options)
        return (result.stdout + result.stderr).strip()

    def _connect_to(self, manner: str, timeout: str) -> str:
        with misbehaving_peer(manner) as endpoint:
            return self._provoke("connect", "SUB", endpoint, timeout)

    def address_in_use(self) -> str:
        with listener() as endpoint:
            return self._provoke("bind", "PUB", endpoint, SHORT)

    def address_not_available(self) -> str:
        # An address that is for documentation only.
        return self._provoke("bind", "PUB", "tcp://203.0.113.1:5555", SHORT)

    def directory_missing(self) -> str:
        return self._provoke("bind", "PUB", f"ipc://{self.folder}/missing/render.ipc", SHORT)

    def permission_denied(self) -> str:
        closed = self.folder / "closed"
        closed.mkdir()
        closed.chmod(0o555)
        # Root may write everywhere.
        user = NOBODY if os.geteuid() == 0 else None
        return self._provoke("bind", "PUB", f"ipc://{closed}/render.ipc", SHORT, user=user)

    def name_not_resolved(self) -> str:
        return self._provoke("connect", "SUB", "tcp://renderer.invalid:5555", LONG)

    def refused(self) -> str:
        with reserved_endpoint() as endpoint:
            return self._provoke("connect", "SUB", endpoint, SHORT)

    def path_missing(self) -> str:
        return self._provoke("connect", "SUB", f"ipc://{self.folder}/missing.ipc", SHORT)

    def silent(self) -> str:
        return self._connect_to("silent", SHORT)

    def http(self) -> str:
        return self._connect_to("http", LONG)

    def wrong_type(self) -> str:
        with reserved_endpoint() as endpoint:
            server = [str(self._program), "receive", "PULL", endpoint, LONG]
            environment = os.environ | {"LD_LIBRARY_PATH": str(self.folder)}
            with subprocess.Popen(server, env=environment, stdout=subprocess.DEVNULL) as process:
                try:
                    # It need not be there yet: refused attempts are repeated.
                    return self._provoke("connect", "SUB", endpoint, LONG)
                finally:
                    process.kill()

    def old_version(self) -> str:
        return self._connect_to("zmtp2", LONG)

    def other_security(self) -> str:
        return self._connect_to("curve", LONG)

    def hangs_up(self) -> str:
        return self._connect_to("closes", SHORT)

    def nothing_to_receive(self) -> str:
        return self._provoke("receive", "SUB", "tcp://127.0.0.1:*", SHORT)

    def log(self) -> str:
        with reserved_endpoint() as endpoint:
            # On a busy machine the second attempt may follow before the program ends.
            return self._provoke("log", "SUB", endpoint, LONG).partition("\n")[0]

    def nobody_to_send_to(self) -> str:
        return self._provoke("send", "PUSH", "tcp://127.0.0.1:*", SHORT)

    def library_missing(self) -> str:
        return self._provoke("receive", "SUB", "tcp://127.0.0.1:*", SHORT, finds_library=False)


PROVOCATIONS: dict[str, list[Callable[[Troublemaker], str]]] = {
    "Address in use": [Troublemaker.address_in_use],
    "Address not available": [Troublemaker.address_not_available, Troublemaker.directory_missing],
    "Permission denied": [Troublemaker.permission_denied],
    "Name not resolved": [Troublemaker.name_not_resolved],
    "Nothing listens there": [Troublemaker.refused, Troublemaker.path_missing],
    "The peer says nothing": [Troublemaker.silent],
    "Not the right peer": [
        Troublemaker.http,
        Troublemaker.wrong_type,
        Troublemaker.old_version,
        Troublemaker.other_security,
    ],
    "The peer hangs up": [Troublemaker.hangs_up],
    "Nothing arrives": [Troublemaker.nothing_to_receive, Troublemaker.log],
    "A send times out": [Troublemaker.nobody_to_send_to],
    "The library is not found": [Troublemaker.library_missing],
}
"""By the title of the entry: one for each message that it shows, in their order."""


@contextlib.contextmanager
def listener() -> Iterator[str]:
    """A port that somebody else listens at."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


@contextlib.contextmanager
def reserved_endpoint() -> Iterator[str]:
    """A port at which nobody listens, and that no other process is given; libzmq may listen there beside us."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{holder.getsockname()[1]}"


@contextlib.contextmanager
def misbehaving_peer(manner: str) -> Iterator[str]:
    """A server that misbehaves in the given way."""
    with subprocess.Popen([MISBEHAVING_PEER, manner], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as peer:
        assert peer.stdin
        assert peer.stdout
        try:
            yield peer.stdout.readline().strip()
        finally:
            peer.stdin.close()
