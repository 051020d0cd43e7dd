# SPDX-License-Identifier: Apache-2.0
"""The shared library is found, or the error says where it was looked for."""

import re
from pathlib import Path

import pytest

from experimance_zmq import _abi, _library

VARIABLE = "EXPERIMANCE_ZMQ_LIBRARY"
REAL = Path(_abi._path).resolve()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout without a library, on a system without one, and no environment variable."""
    package = tmp_path / "bindings" / "python" / "src" / "experimance_zmq"
    package.mkdir(parents=True)
    monkeypatch.setattr(_library, "__file__", str(package / "_library.py"))
    monkeypatch.setattr(_library, "_SONAME", "libexperimance_zmq_that_is_not_there.so.0")
    monkeypatch.delenv(VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def copy(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What `pip install ./bindings/python` leaves: a package that is in no checkout."""
    package = checkout / "lib" / "python3" / "site-packages" / "experimance_zmq"
    package.mkdir(parents=True)
    monkeypatch.setattr(_library, "__file__", str(package / "_library.py"))
    return package


def put_library(place: Path) -> str:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(REAL)
    return str(place)


def test_environment_comes_first(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_library(checkout / "bindings/python/src/experimance_zmq/libexperimance_zmq.so")
    named = put_library(checkout / "named.so")
    monkeypatch.setenv(VARIABLE, named)
    assert _library.find() == named


def test_package_comes_before_the_checkout(checkout: Path) -> None:
    in_package = put_library(checkout / "bindings/python/src/experimance_zmq/libexperimance_zmq.so")
    put_library(checkout / ".build/lib/libexperimance_zmq.so")
    assert _library.find() == in_package


def test_checkout_comes_before_the_system(checkout: Path) -> None:
    in_checkout = put_library(checkout / ".build/lib/libexperimance_zmq.so")
    assert _library.find() == in_checkout


def test_error_lists_every_place(checkout: Path) -> None:
    with pytest.raises(ImportError) as caught:
        _library.find()
    message = str(caught.value)
    for place in (
        checkout / "bindings/python/src/experimance_zmq/libexperimance_zmq.so",
        checkout / ".build/lib/libexperimance_zmq.so",
        _library._SONAME,
        VARIABLE,
    ):
        assert str(place) in message
    assert message.endswith("Build it with make, or name the file in the environment variable EXPERIMANCE_ZMQ_LIBRARY.")


def test_copy_says_that_it_knows_no_checkout(copy: Path) -> None:
    with pytest.raises(ImportError) as caught:
        _library.find()
    message = str(caught.value)
    for way_out in ("--editable", "make wheel", VARIABLE, ".build/lib/libexperimance_zmq.so"):
        assert way_out in message.splitlines()[-1]
    assert "Build it" not in message


def test_copy_looks_nowhere_in_its_surroundings(copy: Path) -> None:
    for place in [copy, *copy.parents][:5]:
        put_library(place / ".build" / "lib" / "libexperimance_zmq.so")
    with pytest.raises(ImportError):
        _library.find()
    in_package = put_library(copy / "libexperimance_zmq.so")
    assert _library.find() == in_package


def test_named_file_that_is_missing_is_an_error(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_library(checkout / ".build/lib/libexperimance_zmq.so")
    monkeypatch.setenv(VARIABLE, "/nowhere/lib.so")
    with pytest.raises(ImportError, match=re.escape("/nowhere/lib.so")):
        _library.find()


def test_another_library_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "libc.so.6")
    with pytest.raises(ImportError, match="another library"):
        _library.find()


@pytest.mark.parametrize(("version", "fits"), [("0.1.0", True), ("0.1.7", True), ("0.2.0", False), ("1.1.0", False)])
def test_version_has_to_fit(version: str, fits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_library, "__version__", version)
    if fits:
        assert Path(_library.find()).resolve() == REAL
    else:
        with pytest.raises(ImportError, match=f"its version is 0.1.0, this package of version {version} needs"):
            _library.find()
