# SPDX-License-Identifier: Apache-2.0
"""`exz doctor` as a person uses it, and that nobody loses anything by it."""

import json
import os
import random
import shlex
import signal
import socket

from shell import PATIENCE, Ended, Running, ShellTestCase, patiently
from strangers import GREETING, READY, answering, deaf_port, greeting_late, reserved_port, waiting_for_a_line

LONG = ("--timeout", f"{PATIENCE - 10}s")


class Doctor(ShellTestCase):
    def test_steps(self) -> None:
        """In their order, each with its mark, and the verdict at last."""
        pull, endpoint = self.listen("pull")
        ended = self.exz("doctor", *LONG, endpoint)
        self.assert_done(ended)
        first, *steps, verdict = ended.out.splitlines()
        self.assertEqual(first, endpoint)
        self.assertEqual(verdict, f"{endpoint} works: a PULL socket, PUSH can talk to it")
        time = r", [\d.]+ m?s"
        for line, expected in zip(
            steps,
            (
                f"ok    name        127.0.0.1 is an address{time}",
                "ok    route       over lo, from 127.0.0.1",
                f"ok    connect     127.0.0.1 answers{time}",
                rf"ok    process     exz \(process {pull.process.pid}, user \S+\)",
                f"ok    greeting    ZMTP 3.1{time}",
                f"ok    round trip  of the TCP connection, as the kernel measures it{time}",
                r"ok    security    NULL \(no security\)",
                "ok    type        a PULL socket, PUSH can talk to it",
                f"ok    heartbeat   is answered{time}",
                "ok    queues      0 other connections, and what came over them is read",
            ),
            strict=True,
        ):
            self.assertRegex(line, rf"\A  {expected}\Z")

    def test_every_type(self) -> None:
        """Which go with which, and of whom it becomes a peer."""
        for name, shown, fitting, heartbeat in (
            ("pair", "PAIR", ["PAIR"], "skipped"),
            ("pub", "XPUB", ["SUB", "XSUB"], "ok"),
            ("sub", "SUB", ["PUB", "XPUB"], "ok"),
            ("req", "REQ", ["REP", "ROUTER"], "skipped"),
            ("rep", "REP", ["REQ", "DEALER"], "ok"),
            ("dealer", "DEALER", ["REP", "DEALER", "ROUTER"], "skipped"),
            ("router", "ROUTER", ["REQ", "DEALER", "ROUTER"], "ok"),
            ("pull", "PULL", ["PUSH"], "ok"),
            ("push", "PUSH", ["PULL"], "skipped"),
            ("xpub", "XPUB", ["SUB", "XSUB"], "ok"),
            ("xsub", "XSUB", ["PUB", "XPUB"], "ok"),
        ):
            with self.subTest(name=name):
                _, endpoint = self.listen(name, reads=True)
                ended = self.exz("doctor", "--json", *LONG, endpoint)
                self.assert_done(ended)
                findings = {finding["step"]: finding for finding in json.loads(ended.out)["findings"]}
                self.assertEqual((findings["type"]["type"], findings["type"]["fitting"]), (shown, fitting))
                self.assertEqual(findings["heartbeat"]["outcome"], heartbeat)

    def test_nothing_is_taken(self) -> None:
        """Messages of a PUSH go to those that they are for, and a PAIR has its place."""
        push, endpoint = self.listen("push", "--count", "2", reads=True)
        self.assert_done(self.exz("doctor", *LONG, endpoint))
        push.write("a\n")
        self.assert_done(self.exz("doctor", *LONG, endpoint))
        push.write("b\n")
        self.assert_done(self.exz("pull", "--connect", endpoint, "--count", "2"), "a\nb\n")
        self.assert_done(push.end(), "")
        pair, endpoint = self.listen("pair", "--count", "1")
        self.assert_done(self.exz("doctor", *LONG, endpoint))
        self.assert_done(self.exz("pair", "--connect", endpoint, "--count", "0", "x"), "")
        self.assert_done(pair.end(), "x\n")

    def test_nobody_is_told_of_a_peer_that_is_none(self) -> None:
        """Who only looks is no peer that came or was rejected."""
        dealer = self.start("dealer", "--verbose", "--bind", self.path(), reads=True)
        self.assertIn("listening", dealer.line("err"))
        self.assert_done(self.exz("doctor", *LONG, self.path()))
        self.start("router", "--connect", self.path())
        self.assertIn("handshaken", dealer.line("err"))

    def test_every_address_of_this_machine(self) -> None:
        """Who listens there is known at those too that no interface has."""
        own = ["127.0.0.1", "127.0.0.2", "127.0.1.1", "0.0.0.0"]
        pull = self.start("pull", "--bind", "tcp://0.0.0.0:*")
        port = pull.endpoint().rpartition(":")[2]
        for host in own:
            with self.subTest(host=host):
                self.assert_done(ended := self.exz("doctor", *LONG, f"tcp://{host}:{port}"))
                self.assertIn(f"process     exz (process {pull.process.pid},", ended.out)
                self.assertIn("ok    queues", ended.out)
        with reserved_port() as nobody:
            ended = self.exz("doctor", *LONG, f"tcp://127.0.1.1:{nobody}")
        self.assertEqual(ended.status, 1)
        self.assertIn("look for the port that it listens at: ss -ltnp", ended.out)

    def test_another_listener_at_the_port(self) -> None:
        """Its connections are not those of the one that is looked at."""
        _, endpoint = self.listen("pull")
        port = endpoint.rpartition(":")[2]
        other = f"tcp://127.0.0.2:{port}"
        self.start("pull", "--bind", other)
        push = self.start("push", "--verbose", "--connect", other, reads=True)
        while "handshaken" not in push.line("err"):
            pass
        for looked_at, count in ((endpoint, 0), (other, 1)):
            self.assert_done(ended := self.exz("doctor", *LONG, "--json", looked_at))
            findings = {finding["step"]: finding for finding in json.loads(ended.out)["findings"]}
            self.assertEqual(findings["queues"]["connections"], count, ended)

    def test_bind_over_both_families(self) -> None:
        """As the library binds: at every address of IPv6 is every one of IPv4, too."""
        _, endpoint = self.listen("pull")
        port = endpoint.rpartition(":")[2]
        everywhere = f"tcp://[::]:{port}"
        self.assert_told(self.exz("pull", "--bind", everywhere, "--timeout", "1s"), 1, everywhere, "in use")
        ended = self.exz("doctor", "--bind", "--json", *LONG, everywhere)
        self.assertEqual((ended.status, json.loads(ended.out)["fault"]), (1, "address-in-use"), ended)

    def test_type_that_is_unknown(self) -> None:
        """None of the library's can talk to it."""
        radio = GREETING + b"\4\x1b\5READY\x0bSocket-Type\0\0\0\5RADIO"
        for others in ((), ("--as", "sub")):
            with self.subTest(others=others), answering(radio) as endpoint:
                ended = self.exz("doctor", "--json", *LONG, endpoint, *others)
                self.assertEqual((ended.status, json.loads(ended.out)["fault"]), (1, "other-type"), ended)
                self.assertIn("a RADIO socket", json.loads(ended.out)["verdict"])

    def test_keys(self) -> None:
        """Whether these keys are let in is tried by a socket of the library."""
        for name in ("server", "camera", "stranger"):
            self.exz("keys", "make", str(self.folder / name))
        secret = {name: str(self.folder / f"{name}.key_secret") for name in ("server", "camera", "stranger")}
        public = {name: str(self.folder / f"{name}.key") for name in ("server", "camera", "stranger")}
        _, endpoint = self.listen("pull", "--keys", secret["server"], "--allow-keys", public["camera"])
        ended = self.exz("doctor", *LONG, endpoint, "--server-key", public["server"], "--keys", secret["camera"])
        self.assert_done(ended)
        self.assertIn("handshake   the server lets a PUSH with these keys in", ended.out)
        self.assertIn(f"{endpoint} works: a PULL socket, PUSH can talk to it", ended.out)
        for key, own, others, fault in (
            ("server", "stranger", (), "key-refused"),
            ("stranger", "camera", (), "handshake-broken"),
            ("server", "camera", ("--as", "sub"), "handshake-broken"),
        ):
            with self.subTest(key=key, own=own):
                ended = self.exz(
                    "doctor", "--json", *LONG, endpoint, "--server-key", public[key], "--keys", secret[own], *others
                )
                self.assertEqual((ended.status, json.loads(ended.out)["fault"]), (1, fault), ended)
        _, endpoint = self.listen("push", "--keys", secret["server"], "--allow-anybody", reads=True)
        ended = self.exz("doctor", *LONG, endpoint, "--server-key", public["server"])
        self.assertEqual(ended.status, 1)
        self.assertIn("look again with --as PAIR, REP, DEALER, ROUTER or PULL", ended.out)
        ended = self.exz("doctor", *LONG, endpoint, "--server-key", public["server"], "--as", "pull")
        self.assert_done(ended)
        self.assertIn("warn  messages    for a moment the server had a PULL socket of the doctor's", ended.out)
        self.assertIn("works: a PUSH socket, PULL can talk to it; but for a moment", ended.out)

    def test_several(self) -> None:
        """The status is that of the worst."""
        _, good = self.listen("pull")
        ended = self.exz("doctor", "--json", *LONG, good, self.path())
        self.assertEqual([json.loads(line)["status"] for line in ended.out.splitlines()], ["fine", "fault"])
        self.assertEqual((ended.status, ended.err), (1, ""))
        with deaf_port() as port:
            silent = f"tcp://127.0.0.1:{port}"
            for order in ((silent, self.path()), (self.path(), silent)):
                self.assertEqual(self.exz("doctor", "--timeout", "1s", *order).status, 1)
            ended = patiently(
                lambda time: self.exz("doctor", "--timeout", time, good, silent), lambda ended: ended.status == 3
            )
            self.assertEqual(ended.status, 3)

    def test_no_answer(self) -> None:
        """Status 3 where nothing is known but that the time was up."""
        with deaf_port() as port:
            ended = self.exz("doctor", "--timeout", "1s", f"tcp://127.0.0.1:{port}")
        self.assertEqual((ended.status, ended.err), (3, ""))
        self.assertIn("does not work: no answer in time", ended.out)

    def test_slow_peer(self) -> None:
        """Its heartbeat is waited for."""
        _, endpoint = self.listen("pull")
        fault = self.start("fault", endpoint, "--fault", "latency:200ms")
        slow = fault.line().removeprefix("listening at ").partition(",")[0]
        # The listener has its own limit for a handshake.
        ended = patiently(
            lambda time: self.exz("doctor", "--timeout", time, slow), lambda ended: "ok    heartbeat" in ended.out
        )
        self.assert_done(ended)
        self.assertIn(f"{slow} works: a PULL socket", ended.out)
        self.assertIn("ok    heartbeat", ended.out)

    def test_late_peer(self) -> None:
        """One that greets late is not taken for one that waits for a line: it is greeted anew."""
        with greeting_late() as endpoint:
            ended = self.exz("doctor", *LONG, endpoint)
        self.assert_done(ended)
        self.assertIn(f"{endpoint} works: a PULL socket", ended.out)
        self.assertIn("ok    heartbeat", ended.out)

    def test_server_that_waits_for_a_line(self) -> None:
        """It is given the end of one."""
        with waiting_for_a_line() as endpoint:
            ended = self.exz("doctor", *LONG, endpoint)
        self.assertEqual(ended.status, 1)
        self.assertIn("an HTTP server answers there", ended.out)

    def test_peer_without_heartbeats(self) -> None:
        """That is a warning: one that speaks ZMTP 3.0 may not know them."""
        old = GREETING.replace(b"\3\1NULL", b"\3\0NULL") + READY
        with answering(old) as endpoint:
            ended = patiently(
                lambda time: self.exz("doctor", "--timeout", time, "--json", endpoint),
                lambda ended: json.loads(ended.out)["fault"] == "no-heartbeat",
            )
        self.assertEqual((ended.status, json.loads(ended.out)["fault"]), (0, "no-heartbeat"), ended)

    def test_abstract_name(self) -> None:
        endpoint = f"ipc://@exz-{os.getpid()}"
        self.assertEqual(self.exz("doctor", endpoint).status, 1)
        self.assert_done(self.exz("doctor", "--bind", endpoint))
        self.start("pull", "--bind", endpoint)
        while (ended := self.exz("doctor", *LONG, endpoint)).status != 0:
            pass
        self.assertIn("path        an abstract name, which has no file", ended.out)
        self.assertEqual(self.exz("doctor", "--bind", endpoint).status, 1)

    def test_names(self) -> None:
        """All addresses of a name, and a name server that does not answer."""
        if os.geteuid() != 0:
            self.skipTest("not run as root")
        silent = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(silent.close)
        # The port is always that one; the loopback has sixteen million addresses.
        server = "127." + ".".join(str(random.randint(1, 254)) for _ in range(3))
        silent.bind((server, 53))
        (self.folder / "resolv.conf").write_text(f"nameserver {server}\n", encoding="ascii")
        (self.folder / "hosts").write_text("127.0.0.1 both\n127.0.0.2 both\n::1 six\n", encoding="ascii")
        (self.folder / "nsswitch.conf").write_text("hosts: files dns\n", encoding="ascii")
        mounts = "; ".join(f"mount --bind {name} /etc/{name}" for name in ("resolv.conf", "hosts", "nsswitch.conf"))
        program = 'eval exec "$EXZ_PROGRAM" doctor "$@"'

        def doctor(*arguments: str) -> Ended:
            line = " ".join(shlex.quote(argument) for argument in arguments)
            script = f"set -e; {mounts}; {program}"
            return self.shell(f"unshare --mount sh -c {shlex.quote(script)} sh {line}")

        ended = doctor("--timeout", "1s", "--json", "tcp://nobody-knows.example:5555")
        self.assertEqual((ended.status, ended.err), (3, ""))
        self.assertEqual(json.loads(ended.out)["fault"], "name-server-silent")
        _, endpoint = self.listen("pull")
        port = endpoint.rpartition(":")[2]
        ended = doctor(*LONG, f"tcp://both:{port}")
        self.assert_done(ended)
        self.assertIn("name        both is 127.0.0.1 and 127.0.0.2", ended.out)
        self.assertIn("connect     127.0.0.1 answers; 127.0.0.2: Connection refused", ended.out)
        with deaf_port("127.0.0.2", int(port)):
            ended = patiently(
                lambda time: doctor("--timeout", time, "--json", f"tcp://both:{port}"),
                lambda ended: json.loads(ended.out)["fault"] == "addresses-silent",
            )
        self.assertEqual((ended.status, json.loads(ended.out)["fault"]), (0, "addresses-silent"), ended)
        six = self.start("pull", "--bind", "tcp://[::1]:*")
        port = six.endpoint().rpartition(":")[2]
        for host in ("six", "[::1]"):
            self.assert_done(ended := doctor(*LONG, f"tcp://{host}:{port}"))
            self.assertIn(f"process     exz (process {six.process.pid},", ended.out)

    def test_watch(self) -> None:
        """It tells what has become different, and goes on until it is ended."""
        watch = self.start("doctor", "--watch", "--interval", "1ms", *LONG, self.path())
        self.assertRegex(watch.line(), rf"\A{self.path()} at \d\d:\d\d:\d\d\Z")
        self.see(watch, "does not work: the path does not exist")
        pull = self.start("pull", "--bind", self.path())
        self.see(watch, f"{self.path()} works: a PULL socket")
        pull.end_by(signal.SIGTERM)
        self.see(watch, f"{self.path()} does not work")
        self.assert_ended_by(watch.end_by(signal.SIGINT), signal.SIGINT)

    def see(self, running: Running, words: str) -> None:
        while words not in running.line():
            pass

    def test_count(self) -> None:
        """What stays the same is told once, and as JSON each time."""
        ended = self.exz("doctor", "--count", "3", "--interval", "0", self.path())
        self.assertEqual((ended.status, ended.out.count("does not work")), (1, 1))
        ended = self.exz("doctor", "--count", "3", "--interval", "0", "--json", self.path())
        self.assertEqual([json.loads(line)["fault"] for line in ended.out.splitlines()], ["path-missing"] * 3)

    def test_reader_that_goes(self) -> None:
        ended = self.shell(f"exz doctor --watch --json --interval 1ms {self.path()} | head -1")
        self.assertEqual((ended.status, ended.err), (0, ""))
        self.assertEqual(json.loads(ended.out)["fault"], "path-missing")

    def test_pipes(self) -> None:
        """No colours, and control characters of others neither."""
        ended = self.exz("doctor", f"ipc://{self.folder}/a b", "ipc://@nobody")
        self.assertEqual(ended.status, 1)
        self.assertNotRegex(ended.out, r"[\x00-\x09\x0b-\x1f]")
        hostile = "a\u202e\x9b\u2028bc".encode()
        with answering(GREETING + b"\4\x21\5READY\x0bSocket-Type\0\0\0\x0b" + hostile) as endpoint:
            ended = self.exz("doctor", *LONG, endpoint)
        self.assertIn("is a a   bc socket", ended.out)

    def test_other_users(self) -> None:
        """Without the right to look at a process only its user is told."""
        if os.geteuid() != 0:
            self.skipTest("not run as root")
        _, endpoint = self.listen("pull")
        self.folder.chmod(0o755)
        nobody = "setpriv --reuid 65534 --regid 65534 --clear-groups"
        ended = self.shell(f'cp "$EXZ_PROGRAM" . && chmod 755 exz && {nobody} ./exz doctor {" ".join(LONG)} {endpoint}')
        self.assertEqual((ended.status, ended.err), (0, ""))
        self.assertIn("process     a process of user root, which only that user and root may look at", ended.out)

    def test_mistakes(self) -> None:
        for arguments, words in {
            (): ("no endpoint", "--library"),
            ("nonsense",): ("nonsense", "tcp://HOST:PORT"),
            ("tcp://host",): ("the port is missing",),
            ("tcp://host:0",): ("port 0 can only be bound",),
            ("inproc://name",): ("inproc://name", "within one process"),
            ("udp://127.0.0.1:5555",): ("udp",),
            ("--frobnicate", self.path()): ("--frobnicate", "see exz doctor --help"),
            ("--timeout", "soon", self.path()): ("soon", "--timeout"),
            ("--timeout", "0", self.path()): ("--timeout has to be more than 0",),
            ("--count", "0", self.path()): ("--count has to be 1 or more",),
            ("--as", "dish", self.path()): ("dish", "--as", "xsub"),
            ("--keys", "x", self.path()): ("--keys needs --server-key",),
            ("--bind", "--topic", "x", self.path()): ("--bind looks at no peer",),
        }.items():
            with self.subTest(arguments=arguments):
                self.assert_told(self.exz("doctor", *arguments), 2, *words)
        self.assert_told(self.exz("doctor", "--server-key", "missing", self.path()), 1, "missing")
        self.assert_told(self.shell(f"exz doctor {self.path()} >&-"), 1, "standard output is closed")
        self.assert_told(self.shell(f"exz doctor {self.path()} >/dev/full"), 1, "No space left on device")
        # It reads nothing.
        self.assertEqual(self.shell(f"exz doctor {self.path()} <&-").status, 1)
