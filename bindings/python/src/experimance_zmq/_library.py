# SPDX-License-Identifier: Apache-2.0
"""Finds the shared library and loads it."""

import ctypes
import os

from ._version import __version__

_FILE = "libexperimance_zmq.so"
_SONAME = "libexperimance_zmq.so.0"
_VARIABLE = "EXPERIMANCE_ZMQ_LIBRARY"


def _places() -> list[str]:
    """Where to look, in this order. A name without a slash is the system's to find."""
    named = os.environ.get(_VARIABLE)
    if named:
        return [named]
    package = os.path.dirname(os.path.realpath(__file__))
    places = [os.path.join(package, _SONAME), os.path.join(package, _FILE)]
    checkout = _checkout()
    if checkout is not None:
        places.append(os.path.join(checkout, ".build", "lib", _FILE))
    return [*places, _SONAME]


def _checkout() -> str | None:
    """The checkout that this file is in; None for a copy of the package, which was installed."""
    checkout, found, _ = os.path.realpath(__file__).rpartition(os.path.join(os.sep, "bindings", "python", "src", ""))
    return checkout if found else None


def _advice() -> str:
    if os.environ.get(_VARIABLE):
        return f"The environment variable {_VARIABLE} names that file."
    if _checkout() is not None:
        return f"Build it with make, or name the file in the environment variable {_VARIABLE}."
    return (
        "This package was installed as a copy, which knows of no checkout and of nothing that was built there. "
        "Install it with pip install --editable ./bindings/python after make, or install the wheel that make wheel "
        f"makes, or name the file (.build/lib/{_FILE} of the checkout) in the environment variable {_VARIABLE}."
    )


def _check_version(library: ctypes.CDLL) -> None:
    """Raises OSError unless the library's major.minor is the package's."""
    try:
        function = library.exz_version
    except AttributeError:
        raise OSError("it is another library: it has no exz_version") from None
    function.argtypes = ()
    function.restype = ctypes.c_int32
    number = function()
    is_older = not hasattr(library, "exz_python_methods")
    major, minor, _patch = __version__.split(".")
    if is_older or number // 100 != int(major) * 100 + int(minor):
        found = f"{number // 10_000}.{number // 100 % 100}.{number % 100}"
        raise OSError(f"its version is {found}, this package of version {__version__} needs {major}.{minor}")


def find() -> str:
    """The path of the library that fits. Raises ImportError, which lists every place that was tried."""
    failures = []
    for place in _places():
        try:
            _check_version(ctypes.CDLL(place))
        except OSError as error:
            failures.append(f"  {place}: {error}")
        else:
            return place
    raise ImportError("\n".join(["the library of experimance_zmq can not be loaded. Tried:", *failures, _advice()]))
