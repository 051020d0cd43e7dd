# SPDX-License-Identifier: Apache-2.0
"""What people start from works as it stands in Examples/start: what is built is built against the installed library."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from experimance_zmq import Puller, Pusher
from surroundings import PATIENCE, ROOT, run
from test_installing import ENVIRONMENT
from watched import WatchedTestCase

START = ROOT / "Examples" / "start"
UNIT = START / "systemd" / "captions.service"
CONFINED = Path(__file__).with_name("confined.py")
EXPOSURE = 1.1
"""The highest that is good enough, of 10."""


class Started(WatchedTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, command: list[str], **variables: str) -> subprocess.Popen[str]:
        """A program that runs in the background until the test is over."""
        process = subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.wait, PATIENCE)
        self.addCleanup(process.kill)
        assert process.stdout is not None
        self.addCleanup(process.stdout.close)
        return process


class BuiltProjects(Started):
    def setUp(self) -> None:
        super().setUp()
        prefix = self.folder / "prefix"
        installed = run(["make", "-C", str(ROOT), "install", f"PREFIX={prefix}"], env=ENVIRONMENT)
        self.assertEqual(installed.returncode, 0, installed.stderr)
        places = {"PKG_CONFIG_PATH": str(prefix / "lib" / "pkgconfig"), "CMAKE_PREFIX_PATH": str(prefix)}
        self.environment = ENVIRONMENT | places

    def check(self, name: str, command: str) -> str:
        """Has the command of README.md's table work in a copy of the project."""
        self.assertIn(f"| `{command}` |", (START / "README.md").read_text(encoding="utf-8"))
        project = self.folder / name
        shutil.copytree(START / name, project)
        result = run(["sh", "-ec", command], cwd=project, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertNotIn("warning", result.stdout + result.stderr)
        return result.stdout

    def test_cmake(self) -> None:
        printed = self.check("cmake", "cmake -S . -B build && cmake --build build && ctest --test-dir build")
        self.assertIn("100% tests passed, 0 tests failed out of 1", printed)

    def test_make(self) -> None:
        self.check("make", "make check")
        used = run(["ldd", str(self.folder / "make" / "client")]).stdout
        self.assertIn(str(self.folder / "prefix" / "lib"), used)
        refused = run([str(self.folder / "make" / "server"), "tcp://no-such-host.invalid"])
        self.assertEqual(refused.returncode, 1)
        self.assertRegex(refused.stderr, r"^server: bind: .+\n$")


class ServiceOfSystemd(Started):
    """The service as systemd would have it, with the system calls of its unit and no others."""

    def setUp(self) -> None:
        super().setUp()
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.folder / "notify"))
        self.manager.settimeout(PATIENCE)

    def told(self, is_it: Callable[[str], bool]) -> str:
        """The next notification of a kind."""
        while True:
            text = self.manager.recv(4096).decode()
            if is_it(text):
                return text

    def test_its_life(self) -> None:
        confined = [sys.executable, "-B", str(CONFINED), str(UNIT), sys.executable, "-B"]
        results, work = f"ipc://{self.folder}/results", f"ipc://{self.folder}/work"
        service = self.program(
            [*confined, str(START / "systemd" / "captions.py"), work, results],
            NOTIFY_SOCKET=str(self.folder / "notify"),
            WATCHDOG_USEC="200000",
        )
        self.assertEqual(self.manager.recv(4096).decode(), f"STATUS=waiting for {work}")
        # It is not started as long as nobody is there, however well it lives.
        self.assertEqual(self.told(lambda text: "STATUS" not in text), "WATCHDOG=1")
        with Pusher() as pusher, Puller() as puller:
            pusher.bind(work)
            self.assertEqual(self.told(lambda text: "STATUS" in text), f"READY=1\nSTATUS=connected to {work}")
            puller.connect(results, timeout=10)
            pusher.send_json("a-red-house.jpeg", timeout=10)
            done = puller.recv_json(timeout=30)
            self.assertEqual(done, {"image": "a-red-house.jpeg", "caption": "a red house"})
        self.assertEqual(self.told(lambda text: "STATUS" in text), f"STATUS=lost {work}, and connecting again")
        with Pusher() as pusher:
            pusher.bind(work)
            self.told(lambda text: text == f"READY=1\nSTATUS=connected to {work}")
            service.send_signal(signal.SIGTERM)
            self.assertEqual(self.told(lambda text: "STOPPING" in text), "STOPPING=1\nSTATUS=finishing what is in hand")
            self.assertEqual(service.wait(PATIENCE), 0)

    def test_bad_arguments(self) -> None:
        result = run([sys.executable, "-B", str(START / "systemd" / "captions.py"), "nonsense"])
        self.assertEqual((result.returncode, result.stderr), (1, "usage: captions.py WORK RESULTS\n"))

    def test_unit(self) -> None:
        """Nothing in it is unknown to systemd, but the place of the program, which is not here."""
        text = UNIT.read_text(encoding="utf-8")
        unit = self.folder / UNIT.name
        unit.write_text(re.sub(r"(?m)^ExecStart=\S+", f"ExecStart={sys.executable}", text), encoding="utf-8")
        verified = run(["systemd-analyze", "verify", str(unit)])
        self.assertEqual((verified.returncode, verified.stdout + verified.stderr), (0, ""))
        for needed in ("Type=notify", "RuntimeDirectory=captions", "WatchdogSec="):
            self.assertRegex(text, rf"(?m)^{needed}")

    def test_exposure(self) -> None:
        command = ["systemd-analyze", "security", "--offline=yes", f"--threshold={EXPOSURE * 10:.0f}"]
        result = run([*command, "--json=short", str(UNIT)])
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        (found,) = re.findall(r"exposure level for captions\.service: ([\d.]+)", run([*command, str(UNIT)]).stdout)
        self.assertLessEqual(float(found), EXPOSURE)
        readme = (START / "README.md").read_text(encoding="utf-8")
        self.assertIn(f"an exposure of {found} of 10", readme)


class Composed(Started):
    def composed(self) -> dict[str, Any]:
        """The services of the file, checked against the schema of docker-compose and written out by it."""
        result = run(["docker-compose", "-f", str(START / "compose" / "compose.yaml"), "config"])
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        to_json = "import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)))"
        # docker-compose is Debian's, and brings its reader of YAML for Debian's Python.
        loaded = run(["/usr/bin/python3", "-c", to_json], input=result.stdout)
        services = json.loads(loaded.stdout)["services"]
        assert isinstance(services, dict)
        return services

    def test_schema_is_looked_at(self) -> None:
        wrong = self.folder / "compose.yaml"
        text = (START / "compose" / "compose.yaml").read_text(encoding="utf-8")
        wrong.write_text(text.replace("command:", "comand:"), encoding="utf-8")
        result = run(["docker-compose", "-f", str(wrong), "config"])
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("comand", result.stderr)

    def test_services(self) -> None:
        """The two programs as the file starts them, but for where the station's name leads."""
        services = self.composed()
        self.assertEqual(set(services), {"station", "display"})
        processes = {}
        for name in ("display", "station"):
            interpreter, program = services[name]["command"]
            self.assertEqual(interpreter, "python")
            endpoint = services[name]["environment"]["STATION"]
            self.assertRegex(endpoint, {"station": r"^tcp://\*:5556$", "display": r"^tcp://station:5556$"}[name])
            path = str(START / "compose" / program)
            here = f"ipc://{self.folder}/station"
            processes[name] = self.program([sys.executable, "-B", path], STATION=here, PAUSE="0.05")
        output = processes["display"].stdout
        assert output is not None
        readings = {output.readline() for _ in range(6)}
        self.assertEqual(readings, {"weather: sunny\n", "weather: cloudy\n", "weather: rain\n"})
        for process in processes.values():
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(PATIENCE), 0)

    def test_image(self) -> None:
        """What is copied into it is there."""
        text = (START / "compose" / "Dockerfile").read_text(encoding="utf-8")
        copied = [name for names in re.findall(r"(?m)^COPY (.+) \S+$", text) for name in names.split()]
        self.assertEqual(sorted(copied), ["*.whl", "display.py", "station.py"])
        for name in copied:
            self.assertTrue(name == "*.whl" or (START / "compose" / name).is_file())


if __name__ == "__main__":
    unittest.main()
