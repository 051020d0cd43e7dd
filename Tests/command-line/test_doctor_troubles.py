# SPDX-License-Identifier: Apache-2.0
"""Every trouble that README.md has an entry for is found by `exz doctor`.

Each is made with real processes or the fault proxy.
"""

import json
import os
import pwd
import re
import shutil
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shell import Running, ShellTestCase, patiently, program
from strangers import GREETING, READY, answering, listener, reserved_port

README = Path(__file__).resolve().parents[2] / "README.md"
NOBODY = "65534"
LONG = "90s"
"""For what ends by itself, however busy the machine."""


@dataclass(frozen=True)
class Told:
    """What the doctor has said of an endpoint."""

    status: int
    fault: str | None
    verdict: str
    advice: str
    findings: dict[str, dict[str, Any]]


class Troubles(ShellTestCase):
    def doctor(self, *arguments: str, prefix: tuple[str, ...] = (), timeout: str = LONG) -> Told:
        if "--bind" not in arguments and "--library" not in arguments:
            arguments = (*arguments, "--timeout", timeout)
        running = Running([*prefix, program(), "doctor", "--json", *arguments])
        self.addCleanup(running.discard)
        ended = running.end()
        self.assertEqual(ended.err, "")
        found = json.loads(ended.out)
        steps = {finding["step"]: finding for finding in found["findings"]}
        self.assertEqual(ended.status, {"fine": 0, "fault": 1, "unknown": 3}[found["status"]])
        return Told(ended.status, found["fault"], found["verdict"], found["advice"] or "", steps)

    def doctor_in_time(self, fault: str, *arguments: str) -> Told:
        """For a fault that is nothing but silence: on a busy machine it may begin with another one."""
        return patiently(lambda time: self.doctor(*arguments, timeout=time), lambda told: told.fault == fault)

    def finds(self, told: Told, fault: str, *words: str, status: int = 1) -> None:
        self.assertEqual((told.status, told.fault), (status, fault), told)
        for word in words:
            self.assertIn(word, told.verdict)
        self.assertTrue(told.advice, told)

    def through_fault(self, target: str, fault: str) -> str:
        """An endpoint behind which a target has that fault."""
        running = self.start("fault", target, "--fault", fault)
        return running.line().removeprefix("listening at ").partition(",")[0]

    def as_nobody(self) -> tuple[str, ...]:
        """What runs a program as a user who may do nothing."""
        if os.geteuid() != 0:
            return ()
        # It has to get at the program.
        self.folder.chmod(0o755)
        copy = self.folder / "exz"
        if not copy.exists():
            shutil.copy(program(), copy)
            copy.chmod(0o755)
            before = os.environ["EXZ_PROGRAM"]
            os.environ["EXZ_PROGRAM"] = str(copy)
            self.addCleanup(os.environ.__setitem__, "EXZ_PROGRAM", before)
        return ("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups")

    # What follows is by the title of the entry.

    def address_in_use(self) -> None:
        with listener() as (endpoint, _):
            self.finds(self.doctor("--bind", endpoint), "address-in-use", f"(process {os.getpid()}, ")
        pull, endpoint = self.listen("pull")
        self.finds(self.doctor("--bind", endpoint), "address-in-use", f"exz (process {pull.process.pid}, ")
        pull.end_by(signal.SIGTERM)
        self.assertEqual(self.doctor("--bind", endpoint).status, 0)
        pull = self.start("pull", "--bind", self.path())
        self.wait_for(self.path())
        self.finds(self.doctor("--bind", self.path()), "address-in-use", f"exz (process {pull.process.pid}, ")

    def address_not_available(self) -> None:
        # An address that is for documentation only.
        self.finds(self.doctor("--bind", "tcp://203.0.113.1:5555"), "address-elsewhere", "203.0.113.1")
        missing = f"ipc://{self.folder}/missing/render.ipc"
        self.finds(self.doctor("--bind", missing), "directory-missing", f"{self.folder}/missing")

    def permission_denied(self) -> None:
        prefix = self.as_nobody()
        closed = self.folder / "closed"
        closed.mkdir(mode=0o755)
        closed.chmod(0o555)
        told = self.doctor("--bind", f"ipc://{closed}/render.ipc", prefix=prefix)
        self.finds(told, "directory-forbidden", str(closed), "Permission denied")
        lowest = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="ascii"))
        told = self.doctor("--bind", f"tcp://127.0.0.1:{max(lowest - 1, 1)}", prefix=prefix)
        self.assertEqual(told.fault, "port-forbidden" if lowest > 1 else None)
        self.start("pull", "--bind", self.path())
        self.wait_for(self.path())
        (self.folder / "socket").chmod(0)
        told = self.doctor(self.path(), prefix=prefix)
        self.finds(told, "path-forbidden", "Permission denied")
        owner = pwd.getpwuid(os.geteuid()).pw_name
        self.assertEqual((told.findings["path"]["owner"], told.findings["path"]["mode"]), (owner, "000"))
        (self.folder / "socket").chmod(0o777)
        inner = self.folder / "inner"
        inner.mkdir(mode=0)
        self.finds(self.doctor(f"ipc://{inner}/socket", prefix=prefix), "path-forbidden", "Permission denied")
        inner.chmod(0o755)

    def name_not_resolved(self) -> None:
        self.finds(self.doctor("tcp://renderer.invalid:5555"), "name-unknown", '"renderer.invalid"')

    def nothing_listens(self) -> None:
        with reserved_port() as port:
            self.finds(self.doctor(f"tcp://127.0.0.1:{port}"), "refused", "nothing listens there")
        with listener("127.0.0.2") as (_, port):
            told = self.doctor(f"tcp://127.0.0.1:{port}")
            self.finds(told, "refused", "but at the same port of 127.0.0.2")
        self.finds(self.doctor(self.path("missing")), "path-missing", "the path does not exist")
        with socket.socket(socket.AF_UNIX) as left:
            left.bind(str(self.folder / "left"))
            left.listen()
        self.finds(self.doctor(self.path("left")), "nobody-at-path", "a process that is gone")
        (self.folder / "file").touch()
        self.finds(self.doctor(self.path("file")), "not-a-socket", "a file")

    def peer_says_nothing(self) -> None:
        pull, endpoint = self.listen("pull")
        pull.signal(signal.SIGSTOP)
        self.addCleanup(pull.signal, signal.SIGCONT)
        told = patiently(
            lambda time: self.doctor(endpoint, timeout=time),
            lambda told: told.fault == "silent" and "does not run" in told.verdict,
        )
        self.finds(told, "silent", "says nothing", f"exz (process {pull.process.pid}, ", "does not run")
        self.assertEqual(told.advice, f"have it go on: kill -CONT {pull.process.pid}")
        told = self.doctor(self.through_fault("tcp://127.0.0.1:1", "blackhole"), timeout="1s")
        self.finds(told, "silent", "says nothing")
        self.assertNotIn("does not run", told.verdict)
        _, endpoint = self.listen("pull")
        stalled = self.through_fault(endpoint, f"stall:{len(GREETING)},direction=to-client")
        self.finds(self.doctor_in_time("stops-talking", stalled), "stops-talking", "has greeted, and says nothing more")
        stalled = self.through_fault(endpoint, f"stall:{len(GREETING + READY)},direction=to-client")
        self.finds(self.doctor_in_time("no-heartbeat", stalled), "no-heartbeat", "has answered no heartbeat")

    def not_the_right_peer(self) -> None:
        told = self.doctor(self.through_fault("tcp://127.0.0.1:1", "http"))
        self.finds(told, "foreign", "an HTTP server answers there")
        _, endpoint = self.listen("pull")
        self.finds(self.doctor(endpoint, "--as", "sub"), "other-type", "the peer is a PULL socket, a SUB socket can")
        for first, words in {
            b"\xff\0\0\0\0\0\0\0\1\x7f\1": ("old-protocol", "ZMTP 2"),
            b"\1\0": ("old-protocol", "ZMTP 1"),
            b"SSH-2.0-OpenSSH_9\r\n": ("foreign", "an SSH server"),
            b"\x15\3\1\0\2\2\x46": ("foreign", "a TLS server"),
            b"+hello, who is there": ("foreign", 'something that begins with "+hello, who '),
            GREETING.replace(b"NULL", b"GSSAPI"[:4]): ("other-mechanism", "mechanism: GSSA"),
            GREETING.replace(b"NULL\0", b"PLAIN"): ("other-mechanism", "mechanism: PLAIN"),
            GREETING + b"\4\x0a\5ERROR\x03400": ("not-let-in", "does not let this client in (status 400)"),
            GREETING + b"\4\x0a\5REEDY\x03400": ("broken-protocol", "of which type it is"),
            GREETING + b"\0\1x": ("broken-protocol", "a message came where its type should"),
            GREETING + b"\xff": ("broken-protocol", "the flags 255"),
            GREETING + READY.replace(b"PULL", b"DISH"): ("other-type", "a DISH socket, which is none of the types"),
        }.items():
            with self.subTest(first=first), answering(first) as endpoint:
                told = self.doctor(endpoint)
                self.assertEqual(told.fault, words[0])
                self.assertIn(words[1], told.verdict)
        self.exz("keys", "make", str(self.folder / "server"))
        keys = str(self.folder / "server.key_secret")
        _, safe = self.listen("pull", "--keys", keys, "--allow-anybody")
        told = self.doctor(safe)
        self.finds(told, "other-mechanism", "another security mechanism: CURVE")
        self.assertIn("--server-key", told.advice)
        _, endpoint = self.listen("pull")
        told = self.doctor(endpoint, "--server-key", keys)
        self.finds(told, "other-mechanism", "NULL (no security), and CURVE was tried")

    def peer_hangs_up(self) -> None:
        _, endpoint = self.listen("pull")
        for fault in ("close", "reset", "close:after-bytes=64"):
            with self.subTest(fault=fault):
                told = self.doctor(self.through_fault(endpoint, fault))
                self.finds(told, "hangs-up", "closed the connection during the handshake")

    def nothing_arrives(self) -> None:
        with reserved_port() as port:
            self.finds(self.doctor(f"tcp://127.0.0.1:{port}", "--topic", "x"), "refused")
        _, endpoint = self.listen("pub", "--topic", "weather/berlin", "--count", "100000000", "rain")
        told = self.doctor(endpoint, "--topic", "Weather")
        self.finds(told, "other-topics", '"Weather" in time, but to "weather/berlin"')
        self.assertEqual(self.doctor(endpoint, "--topic", "weather").findings["messages"]["outcome"], "ok")
        self.assertIn("in 2 parts", self.doctor(endpoint, "--topic", "weather").findings["messages"]["seen"])
        _, endpoint = self.listen("pub", "--space", "--topic", "weather", "--count", "100000000", "rain")
        found = self.doctor(endpoint, "--topic", "weather").findings["messages"]["seen"]
        self.assertEqual(found, '"weather rain" has come, in 1 part')
        _, endpoint = self.listen("xpub", reads=True)
        told = self.doctor_in_time("nothing-published", endpoint, "--topic", "weather")
        self.finds(told, "nothing-published", 'neither to "weather" nor to anything else')

    def send_times_out(self) -> None:
        with reserved_port() as port:
            self.finds(self.doctor(f"tcp://127.0.0.1:{port}"), "refused")
        # What it receives it can not get rid of, so it receives no more.
        reading, writing = os.pipe()
        self.addCleanup(os.close, reading)
        pull = self.start("pull", "--hwm", "1", "--bind", "tcp://127.0.0.1:*", stdout=writing)
        os.close(writing)
        endpoint = pull.endpoint()
        push = self.start(
            "push", "--hwm", "1", "--connect", endpoint, "--timeout", "1s", "--count", "10000", "x" * 60000
        )
        ended = push.end()
        self.assert_told(ended, 3, "within 1 s")
        # Nobody connected reads it, and nobody who has gone has taken it away.
        other = self.start("push", "--hwm", "1", "--connect", endpoint, "--count", "10000", "x" * 60000)
        self.wait_until(lambda: self.doctor(endpoint).fault == "not-read")
        told = self.doctor(endpoint)
        self.finds(told, "not-read", "works", "wait to be read", status=0)
        other.end_by(signal.SIGKILL)

    def library_not_found(self) -> None:
        self.finds(self.doctor("--library", prefix=("env", "LD_LIBRARY_PATH=/nowhere")), "library-missing", "libexp")
        # Any library does under that name, as it is only looked for.
        (shared,) = re.findall(r"libm\.so\.6 => (\S+)", self.shell(f"ldd {program()}").out)
        shutil.copy(shared, self.folder / "libexperimance_zmq.so.0")
        told = self.doctor("--library", prefix=("env", f"LD_LIBRARY_PATH={self.folder}"))
        self.assertEqual((told.status, told.fault), (0, None))
        self.assertEqual(told.findings["library"]["path"], str(self.folder / "libexperimance_zmq.so.0"))

    def wait_for(self, endpoint: str) -> None:
        """Until somebody listens there."""
        self.wait_until(lambda: self.doctor(endpoint).status == 0)

    def wait_until(self, is_so: Callable[[], bool]) -> None:
        """Looks again and again; the watchdog ends it."""
        while not is_so():
            pass

    def test_every_entry(self) -> None:
        """Each has its test, and no other has."""
        text = README.read_text(encoding="utf-8").partition("\n## Trouble-shooting\n")[2].partition("\n## ")[0]
        self.assertEqual(re.findall(r"^### (.*)$", text, re.M), list(TROUBLES))


TROUBLES: dict[str, Callable[[Troubles], None]] = {
    "Address in use": Troubles.address_in_use,
    "Address not available": Troubles.address_not_available,
    "Permission denied": Troubles.permission_denied,
    "Name not resolved": Troubles.name_not_resolved,
    "Nothing listens there": Troubles.nothing_listens,
    "The peer says nothing": Troubles.peer_says_nothing,
    "Not the right peer": Troubles.not_the_right_peer,
    "The peer hangs up": Troubles.peer_hangs_up,
    "Nothing arrives": Troubles.nothing_arrives,
    "A send times out": Troubles.send_times_out,
    "The library is not found": Troubles.library_not_found,
}
"""By the title of the entry."""

for _trouble in TROUBLES.values():
    setattr(Troubles, f"test_{_trouble.__name__}", _trouble)
