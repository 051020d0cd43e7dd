# SPDX-License-Identifier: Apache-2.0
"""A program that uses pyzmq begins on this library when the environment says so, or says why it can not."""

import os
import subprocess
import sys
from pathlib import Path

from on_backend import BACKEND, environment, on_backend, run


@on_backend
def test_every_name_that_pyzmq_asks_for_is_ours() -> None:
    import zmq.backend.select

    names = [*zmq.backend.select.public_api, "monitored_queue"]
    backend = sys.modules[BACKEND]
    assert all(getattr(zmq.backend, name) is getattr(backend, name) for name in names)


@on_backend
def test_nothing_of_pyzmqs_own_backends_is_loaded() -> None:
    assert "zmq.backend.cython" not in sys.modules
    # The system's libzmq may be loaded, but not the one that pyzmq brings.
    loaded = {line.split()[-1] for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()}
    assert not [path for path in loaded if "pyzmq.libs" in path]


def failure_of(code: str, **others: str) -> str:
    done = run(code, **others)
    assert done.returncode == 1
    return done.stderr.rstrip().splitlines()[-1]


def test_a_library_that_is_missing_is_said_to_be() -> None:
    done = run("import zmq", EXPERIMANCE_ZMQ_LIBRARY="/nowhere.so")
    assert done.returncode == 1
    assert "/nowhere.so" in done.stderr
    assert "EXPERIMANCE_ZMQ_LIBRARY names that file" in done.stderr


def test_another_version_of_pyzmq_is_refused_with_what_to_do(tmp_path: Path) -> None:
    for version in ("26.3.0", "28.0.0"):
        info = tmp_path / version / f"pyzmq-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pyzmq\nVersion: {version}\n", encoding="utf-8")
        last = failure_of(f"import sys; sys.path.insert(0, {str(info.parent)!r}); import zmq")
        assert last.startswith("ImportError: ")
        assert f"this is {version}" in last
        assert "pip install" in last
        assert "unset PYZMQ_BACKEND" in last


def test_a_module_imported_by_itself_says_what_it_is_for() -> None:
    last = failure_of(f"import {BACKEND}")
    assert "PYZMQ_BACKEND=experimance_zmq.pyzmq_backend" in last


def test_without_the_variable_pyzmq_is_as_it_was() -> None:
    surroundings = environment()
    del surroundings["PYZMQ_BACKEND"]
    code = "import sys, experimance_zmq, zmq; sys.exit('experimance_zmq.pyzmq' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=surroundings, check=False).returncode == 0


GREEN = """
from gevent import monkey
monkey.patch_all()
import gevent
import zmq.green as zmq
from zmq.utils.monitor import parse_monitor_message
context = zmq.Context.instance()
server, client = context.socket(zmq.REP), context.socket(zmq.REQ)
monitor = client.get_monitor_socket()
port = server.bind_to_random_port("tcp://127.0.0.1")

def serve():
    server.send(server.recv().upper())

serving = gevent.spawn(serve)
client.connect(f"tcp://127.0.0.1:{port}")
client.send(b"hello")
assert client.recv() == b"HELLO"
serving.get()
kinds = set()
while zmq.EVENT_HANDSHAKE_SUCCEEDED not in kinds:
    kinds.add(parse_monitor_message(monitor.recv_multipart())["event"])
poller = zmq.Poller()
poller.register(client, zmq.POLLIN | zmq.POLLOUT)
assert dict(poller.poll(1000)) == {client: zmq.POLLOUT}
early = context.socket(zmq.PUSH)
early.connect("inproc://later")
sending = gevent.spawn(early.send, b"early")
late = context.socket(zmq.PULL)
late.bind("inproc://later")
assert late.recv() == b"early"
sending.get()
context.destroy()
print("over")
"""


def test_gevent_that_has_put_its_own_in_place_of_the_systems_calls() -> None:
    done = run(GREEN)
    assert (done.stdout, done.stderr) == ("over\n", "")


def test_the_message_of_the_first_page(tmp_path: Path) -> None:
    """The one line that the page begins with, with a program from pyzmq's own pages."""
    program = tmp_path / "program.py"
    program.write_text(
        "import zmq\n"
        "context = zmq.Context.instance()\n"
        "server, client = context.socket(zmq.REP), context.socket(zmq.REQ)\n"
        "port = server.bind_to_random_port('tcp://127.0.0.1')\n"
        "client.connect(f'tcp://127.0.0.1:{port}')\n"
        "client.send(b'Hello')\n"
        "print(server.recv())\n"
        "server.send(b'World')\n"
        "print(client.recv())\n",
        encoding="utf-8",
    )
    line = f"PYZMQ_BACKEND={BACKEND} {sys.executable} program.py"
    done = subprocess.run(
        line, shell=True, cwd=tmp_path, env={**os.environ}, capture_output=True, text=True, timeout=40, check=False
    )
    assert (done.stdout, done.stderr) == ("b'Hello'\nb'World'\n", "")
