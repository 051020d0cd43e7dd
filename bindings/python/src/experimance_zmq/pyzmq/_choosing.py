# SPDX-License-Identifier: Apache-2.0
"""Which engine pyzmq runs on: what has to be this package's for the modules that stand in place of pyzmq's own."""

import importlib
import os
import sys

_VARIABLE = "PYZMQ_BACKEND"
_BACKEND = "experimance_zmq.pyzmq_backend"


def choose_backend(module: str) -> None:
    """Has pyzmq imported on this package's engine, if nobody has imported it.

    Args:
        module: who needs it, for the error.

    Raises:
        ImportError: pyzmq runs on another engine already, or is to, or is not there.
    """
    if sys.modules.get("zmq") is None:
        _import_zmq(module)
    backend = sys.modules["zmq.backend"]
    if getattr(backend, "Socket", None) is not importlib.import_module(_BACKEND).Socket:
        named = os.environ.get(_VARIABLE)
        raise ImportError(
            f"{module} works on this package's engine only, and pyzmq was imported with another"
            + (f" ({_VARIABLE}={named})" if named and named != _BACKEND else "")
            + f": set {_VARIABLE}={_BACKEND} for the program, or import {module} before zmq"
        )


def _import_zmq(module: str) -> None:
    """Says which engine for this one import: what the program starts decides for itself."""
    is_open = _VARIABLE not in os.environ
    os.environ.setdefault(_VARIABLE, _BACKEND)
    try:
        importlib.import_module("zmq")
    except ModuleNotFoundError as error:
        if error.name != "zmq":
            raise
        raise ImportError(
            f"{module} stands in place of a module of pyzmq, which is not installed: pip install pyzmq"
        ) from None
    finally:
        if is_open:
            del os.environ[_VARIABLE]
