# SPDX-License-Identifier: Apache-2.0
"""Importing what stands in place of zmq.asyncio and zmq.green: on which engine pyzmq is then."""

import os
import subprocess
import sys

import pytest

from on_backend import BACKEND, environment

MODULES = ["experimance_zmq.pyzmq.asyncio", "experimance_zmq.pyzmq.green"]


def run(code: str, backend: str | None) -> subprocess.CompletedProcess[str]:
    """Runs lines of Python with the variable set, or without it."""
    variables = environment()
    del variables["PYZMQ_BACKEND"]
    if backend is not None:
        variables["PYZMQ_BACKEND"] = backend
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=variables, capture_output=True, text=True, timeout=40, check=False)


@pytest.mark.parametrize("module", MODULES)
def test_who_imports_it_first_need_not_set_anything(module: str) -> None:
    done = run(
        f"import os, {module} as ours, zmq\n"
        f"assert issubclass(ours.Socket, zmq.Socket) and 'experimance' in zmq.backend.Socket.__module__\n"
        "assert 'PYZMQ_BACKEND' not in os.environ\n",
        None,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_pyzmq_on_another_engine_is_an_error_that_says_what_to_do(module: str) -> None:
    for code, backend in ((f"import zmq, {module}", None), (f"import {module}", "cython")):
        done = run(code, backend)
        assert done.returncode != 0
        last = done.stderr.strip().splitlines()[-1]
        assert last.startswith(f"ImportError: {module} works on this package's engine only")
        assert f"set PYZMQ_BACKEND={BACKEND}" in last


def test_without_pyzmq_it_says_so() -> None:
    done = run("import sys; sys.modules['zmq'] = None; import experimance_zmq.pyzmq.asyncio", None)
    assert done.returncode != 0
    assert "pip install pyzmq" in done.stderr.strip().splitlines()[-1]


def test_it_has_the_names_of_pyzmq_s() -> None:
    done = run(
        "import experimance_zmq.pyzmq.asyncio as ours, experimance_zmq.pyzmq.green as green\n"
        "import zmq, zmq.asyncio as stock\n"
        "assert set(stock.__all__) <= set(ours.__all__), stock.__all__\n"
        "assert set(zmq.__all__) <= set(dir(green)), set(zmq.__all__) - set(dir(green))\n"
        "import zmq.green\n"
        "assert {n for n in dir(zmq.green) if n[0].isupper()} <= set(dir(green))\n"
        "import warnings; warnings.simplefilter('error', DeprecationWarning)\n"
        "try: ours.install()\n"
        "except DeprecationWarning: pass\n"
        "else: raise SystemExit('no warning')\n"
        "public = {n for n in dir(stock.Socket) if not n.startswith('_')}\n"
        "assert public <= set(dir(ours.Socket)), public - set(dir(ours.Socket))\n",
        None,
    )
    assert done.returncode == 0, done.stderr


def test_programs_that_are_started_choose_for_themselves() -> None:
    done = run(
        "import experimance_zmq.pyzmq.asyncio, subprocess, sys\n"
        "code = 'import zmq; print(zmq.backend.Socket.__module__)'\n"
        "print(subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout)\n",
        None,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("zmq.backend"), done.stdout
    assert os.environ.get("PYZMQ_BACKEND") is None
