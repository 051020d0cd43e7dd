# SPDX-License-Identifier: Apache-2.0
"""exz top: what running programs show, and what it makes of those that do not."""

import contextlib
import json
import os
import re
import signal
import socket
import sys
import threading
import unittest
from pathlib import Path
from unittest import mock

from shell import Running, ShellTestCase, program


class Watched(ShellTestCase):
    """Programs in a runtime directory of their own."""

    def setUp(self) -> None:
        super().setUp()
        runtime = self.folder / "run"
        runtime.mkdir(mode=0o700)
        self.directory = runtime / "experimance_zmq"
        patched = mock.patch.dict(os.environ, {"XDG_RUNTIME_DIR": str(runtime)})
        patched.start()
        self.addCleanup(patched.stop)

    def start_watched(self, *arguments: str) -> tuple[Running, str]:
        """A program that shows its sockets, and where it listens."""
        running = Running(["env", "EXZ_STATS=1", program(), *arguments, "--bind", "tcp://127.0.0.1:*"])
        self.addCleanup(running.discard)
        return running, running.endpoint()

    def serve(self, *answers: bytes, name: str = "1-1.stats", ends: bool = True) -> str:
        """Somebody who is no program of the library: gives whoever connects these bytes."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        path = self.directory / name
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(str(path))
        listener.listen()
        kept = contextlib.ExitStack()
        self.addCleanup(kept.close)

        def answer() -> None:
            while True:
                try:
                    reader, _ = listener.accept()
                except OSError:
                    return
                try:
                    for part in answers:
                        reader.sendall(part)
                except OSError:
                    pass
                if ends:
                    reader.close()
                else:
                    kept.enter_context(reader)

        threading.Thread(target=answer, daemon=True).start()
        self.addCleanup(listener.shutdown, socket.SHUT_RDWR)
        return f"ipc://{path}"

    @staticmethod
    def document(**changes: object) -> bytes:
        return json.dumps({"version": 1, "pid": 5, "program": "p", "sockets": []} | changes).encode()


class Pipes(Watched):
    def test_table(self) -> None:
        """In a pipe it is written once."""
        pull, endpoint = self.start_watched("pull")
        self.assert_done(self.exz("push", "--connect", endpoint, "one", "two"))
        self.assertEqual([pull.line(), pull.line()], ["one", "two"])
        ended = self.exz("top")
        self.assertEqual((ended.status, ended.err), (0, ""))
        head, row = ended.out.splitlines()
        self.assertRegex(head, r"^ *PID  PROGRAM  SOCKET .* ENDPOINT .*LAST ERROR$")
        self.assertRegex(row, rf"^{pull.process.pid}  exz +PULL#1 .* {re.escape(endpoint)}\b")
        self.assertEqual(row.split()[7:9], ["2", "-"])
        pull.signal(signal.SIGTERM)
        pull.process.wait(20)
        self.assertEqual(list(self.directory.iterdir()), [], "the file goes with the program")

    def test_json(self) -> None:
        pull, endpoint = self.start_watched("pull")
        self.serve(b"HTTP/1.1 400 Bad Request\r\n\r\n", name="0-1.stats")
        ended = self.exz("top", "--json")
        self.assertEqual((ended.status, ended.err), (0, ""))
        found = {line["endpoint"]: line for line in map(json.loads, ended.out.splitlines())}
        self.assertEqual(len(found), 2)
        (told,) = (line["statistics"] for line in found.values() if "statistics" in line)
        self.assertEqual(told["pid"], pull.process.pid)
        self.assertEqual(told["sockets"][0]["bound"], [endpoint])
        (error,) = (line["error"] for line in found.values() if "error" in line)
        self.assertIn("no statistics: not JSON", error)

    def test_prometheus(self) -> None:
        pull, _ = self.start_watched("pull")
        self.serve(name="0-1.stats")
        ended = self.exz("top", "--prometheus")
        self.assertEqual((ended.status, ended.err), (0, ""))
        endpoint = f"ipc://{self.directory}/{pull.process.pid}-1.stats"
        labels = f'endpoint="{endpoint}",program="exz",pid="{pull.process.pid}",context="1",context_name="exz"'
        labels += ',socket="1",type="PULL"'
        self.assertIn(f"experimance_zmq_messages_received_total{{{labels}}} 0\n", ended.out)
        self.assertEqual(sorted(re.findall(r"^experimance_zmq_up\{.*\} (\d)$", ended.out, re.M)), ["0", "1"])
        sample = re.compile(r'# (HELP|TYPE) [a-z_]+ .+|[a-z_]+\{([a-z_]+="[^"\\]*",?)+\} [0-9.]+')
        for line in ended.out.splitlines():
            self.assertRegex(line, rf"\A{sample.pattern}\Z")

    def test_stopped_and_killed(self) -> None:
        """Neither is waited for, and the others are shown."""
        stopped, _ = self.start_watched("pull")
        killed, _ = self.start_watched("pull")
        well, _ = self.start_watched("pull")
        stopped.signal(signal.SIGSTOP)
        self.addCleanup(stopped.signal, signal.SIGCONT)
        killed.signal(signal.SIGKILL)
        killed.process.wait(20)
        ended = self.exz("top", "--timeout", "200ms")
        self.assertEqual((ended.status, ended.err), (0, ""))
        self.assertIn(f"/{stopped.process.pid}-1.stats: does not answer", ended.out)
        self.assertIn(f"/{killed.process.pid}-1.stats: ended without closing", ended.out)
        self.assertRegex(ended.out, rf"(?m)^ *{well.process.pid}  exz ")
        # The next program that shows itself takes away what is left of the dead one.
        self.start_watched("pull")
        self.assertFalse((self.directory / f"{killed.process.pid}-1.stats").exists())

    def test_bad_servers(self) -> None:
        """None of them keeps it from coming to an end, and what they say moves no cursor."""
        row = {"type": "\x1b[2J\x9b31m", "number": 1, "bound": ["\r\n\x1b]0;title\x07"], "handle": "1"}
        numbers = {"type": "PUB", "number": -(2**63), "peers": 1e300, "counters": {"messages_sent": -1e300}}
        for name, answers, ends, shown in (
            ("nothing", [], True, "turns this user away"),
            ("silent", [], False, "does not answer"),
            ("half", [b'{"version":1,'], False, "does not answer"),
            ("cut", [b'{"version":1,'], True, "not JSON"),
            ("endless", [b" " * 65536] * 200, True, "it has no end"),
            ("deep", [b"[" * 100000], True, "nested too deeply"),
            ("many", [b"{" + b",".join(b'"%d":0' % i for i in range(100000)) + b"}"], True, "no version"),
            ("newer", [self.document(version=2)], True, "another version"),
            ("numbers", [self.document(sockets=[numbers], sockets_left_out=2**63 - 1)], True, "1000000 more sockets"),
            ("hostile", [self.document(sockets=[row], program="\u202e\n")], True, "?[2J?31m#1"),
        ):
            with self.subTest(name=name):
                endpoint = self.serve(*answers, name=f"{name}.stats", ends=ends)
                ended = self.exz("top", "--timeout", "1h" if ends else "500ms")
                self.assertEqual((ended.status, ended.err), (0, ""))
                self.assertIn(shown, ended.out)
                self.assertEqual(re.findall(r"[^\n -~…]", ended.out), [])
                Path(endpoint.removeprefix("ipc://")).unlink()

    def test_whole_line(self) -> None:
        """It is not waited for the end, which a child of the program may hold up."""
        self.serve(self.document(pid=4711) + b"\n", ends=False)
        ended = self.exz("top", "--json", "--timeout", "1h")
        self.assertEqual((ended.status, json.loads(ended.out)["statistics"]["pid"]), (0, 4711))

    def test_json_is_written_anew(self) -> None:
        """What a program says moves no cursor, and makes no lines."""
        said = '{"version": 1,\r\n"program": "a\u009b31m\x7f\u202e",\t"sockets": []}'
        self.serve(said.encode())
        ended = self.exz("top", "--json")
        (line,) = ended.out.splitlines()
        self.assertEqual(re.findall(r"[^ -~]", line), [])
        self.assertEqual(json.loads(line)["statistics"], json.loads(said))

    def test_doubles(self) -> None:
        """A place is looked at once, however often and by whatever name it is given."""
        endpoint = self.serve(self.document(pid=4711))
        again = f"{self.directory}/../{self.directory.name}"
        (self.folder / "link").symlink_to(endpoint.removeprefix("ipc://"))
        arguments = ["--directory", str(self.directory), "--directory", again, "--endpoint", self.path("link")]
        ended = self.exz("top", "--json", *arguments)
        self.assertEqual([json.loads(line)["endpoint"] for line in ended.out.splitlines()], [endpoint])
        Path(endpoint.removeprefix("ipc://")).unlink()
        self.assertEqual(self.exz("top", "--endpoint", endpoint).status, 1)

    def test_directory_of_anybody(self) -> None:
        """Where others can put files nobody is believed, unless it was asked for by its name."""
        self.serve(self.document(pid=4711))
        self.directory.chmod(0o777)
        self.assert_told(self.exz("top"), 1, str(self.directory), "others may write to it")
        self.assertIn("4711", self.exz("top", "--json", "--directory", str(self.directory)).out)
        self.directory.chmod(0o700)
        moved = self.directory.rename(self.folder / "moved")
        self.directory.symlink_to(moved)
        self.assert_told(self.exz("top"), 1, str(self.directory), "no directory")

    @unittest.skipUnless(os.geteuid() == 0, "only root can become another user")
    def test_another_user(self) -> None:
        """Who serves there has to be this user or root; for root, also whose directory it is that it has named."""
        self.directory.mkdir(mode=0o700)
        path = self.directory / "1-1.stats"
        serve = f"""if True:
            import os, socket
            listener = socket.socket(socket.AF_UNIX)
            listener.bind({str(path)!r})
            os.setuid(65534)
            listener.listen()
            print("there", flush=True)
            while True:
                reader, _ = listener.accept()
                try:
                    reader.sendall({self.document(pid=4711)!r})
                except OSError:
                    pass
                reader.close()
        """
        server = Running([sys.executable, "-c", serve])
        self.addCleanup(server.discard)
        self.assertEqual(server.line(), "there")
        for more in ([], ["--directory", str(self.directory)], ["--endpoint", f"ipc://{path}"]):
            ended = self.exz("top", "--json", *more)
            self.assertEqual(ended.status, 1 if "--endpoint" in more else 0)
            self.assertIn("served by user 65534, who is not believed", ended.out)
            self.assertNotIn("4711", ended.out)
        os.chown(self.directory, 65534, 65534)
        self.assert_told(self.exz("top"), 1, str(self.directory), "belongs to user 65534")
        for more in (["--directory", str(self.directory)], ["--endpoint", f"ipc://{path}"]):
            if "--endpoint" in more:
                more += ["--directory", str(self.folder / "not there")]
            self.assertIn("4711", self.exz("top", "--json", *more).out)

    def test_endpoints(self) -> None:
        """One that was asked for and can not be read is a failure, told in the table."""
        elsewhere = self.folder / "elsewhere"
        self.serve(self.document(pid=4711), name="../../elsewhere")
        ended = self.exz("top", "--endpoint", f"ipc://{elsewhere}")
        self.assertEqual(ended.status, 0, ended)
        ended = self.exz("top", "--endpoint", f"ipc://{elsewhere}", "--endpoint", self.path("missing"))
        self.assertEqual((ended.status, ended.err), (1, ""))
        self.assertIn("there is nothing at the path", ended.out)
        long = self.path("x" * 200)
        self.assertIn("107 bytes", self.exz("top", "--endpoint", long).out)

    def test_nobody(self) -> None:
        """That is no failure, and there is something to do."""
        for more in ([], ["--directory", str(self.folder / "not there")]):
            ended = self.exz("top", *more)
            self.assert_told(ended, 0, "no program serves statistics in", "EXZ_STATS=1")

    def test_mistakes(self) -> None:
        for arguments, words in (
            (["--interval", "0"], ["--interval"]),
            (["--timeout", "0s"], ["--timeout"]),
            (["--json", "--prometheus"], ["not both"]),
            (["--endpoint", "tcp://127.0.0.1:5"], ["tcp://127.0.0.1:5", "ipc"]),
            (["--endpoint", "ipc://"], ["ipc://"]),
            (["--sort", "size"], ["--sort", "program"]),
            (["nonsense"], ["nonsense"]),
        ):
            with self.subTest(arguments=arguments):
                self.assert_told(self.exz("top", *arguments), 2, *words)

    def test_streams(self) -> None:
        """A full disk and a closed output are failures, a reader that has gone is none."""
        self.start_watched("pull")
        for more in ("", "--json", "--prometheus"):
            with self.subTest(more=more):
                self.assert_told(self.shell(f"exz top {more} >/dev/full"), 1, "can not write")
                self.assert_told(self.shell(f"exz top {more} >&-"), 1, "standard output is closed")
        self.assert_done(self.shell("exz top </dev/null | grep -c PULL"), "1\n")

    def test_directory_that_can_not_be_read(self) -> None:
        file = self.folder / "file"
        file.touch()
        self.assert_told(self.exz("top", "--directory", str(file)), 1, str(file))
