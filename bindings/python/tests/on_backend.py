# SPDX-License-Identifier: Apache-2.0
"""Tests whose `import zmq` is pyzmq on this library: pyzmq chooses its backend once in a process, so each runs in one
of its own.
"""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec

TESTS = Path(__file__).resolve().parent
BACKEND = "experimance_zmq.pyzmq_backend"
_SECONDS = 40
P = ParamSpec("P")


def environment(**others: str) -> dict[str, str]:
    """An environment in which pyzmq is on this library."""
    paths = [str(TESTS), str(TESTS.parent / "src"), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYZMQ_BACKEND": BACKEND, "PYTHONPATH": os.pathsep.join(filter(None, paths)), **others}


def run(code: str, **others: str) -> subprocess.CompletedProcess[str]:
    """Runs lines of Python on the backend."""
    command = [sys.executable, "-X", "faulthandler", "-c", code]
    return subprocess.run(
        command, env=environment(**others), capture_output=True, text=True, timeout=_SECONDS, check=False
    )


def on_backend(test: Callable[P, None]) -> Callable[P, None]:
    """Runs a test in a process of its own, on the backend. Its arguments are texts, numbers or lists of them."""

    @functools.wraps(test)
    def run_aside(*arguments: P.args, **named: P.kwargs) -> None:
        assert not arguments
        done = run(
            f"import faulthandler; faulthandler.dump_traceback_later({_SECONDS - 5}, exit=True)\n"
            "import json, zmq\n"
            "assert zmq.Socket.__mro__[1].__module__ == 'experimance_zmq.pyzmq._socket', zmq.Socket.__mro__\n"
            f"import {test.__module__} as tests\n"
            f"tests.{test.__name__}.__wrapped__(**json.loads({json.dumps(json.dumps(named))}))\n"
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return run_aside
