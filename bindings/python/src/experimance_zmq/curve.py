# SPDX-License-Identifier: Apache-2.0
"""CURVE keys: made, saved, loaded.

A key pair is a secret key, which stays with its owner, and the public key that belongs to it, which the others get. As
text a key has 40 characters of Z85, as every ZeroMQ library writes it.
"""

import ctypes
import os
from typing import NoReturn, Self

from . import _abi
from ._arguments import text
from ._failures import last_failure, told
from ._secrets import Secret
from .errors import ZMQInvalidError


class CurveKeyPair:
    """A CURVE key pair, made from its secret key; `curve_keypair` makes a new one, `load` reads one from a file.

    The secret key is wiped when the pair is collected, and not shown by `repr`. Pairs are equal where their public keys
    are. A pair can not be pickled.
    """

    __slots__ = ("_public_key", "_secret")

    def __init__(self, secret_key: str | bytes) -> None:
        """The pair of a secret key.

        Args:
            secret_key: 40 characters of Z85. What is passed here is Python's, which never wipes it.

        Raises:
            ZMQInvalidError: that is no key.
            ZMQNotSupportedError: libzmq was built without CURVE.
        """
        self._have(Secret(key_text(secret_key, "secret_key")))

    def _have(self, secret: Secret) -> None:
        public_key = _room()
        status = _abi.exz_curve_public(public_key, secret.pointer)
        if status != _abi.EXZ_OK:
            raise last_failure(status)
        self._secret = secret
        self._public_key = public_key.value.decode()

    @classmethod
    def _of(cls, secret: Secret) -> Self:
        pair = cls.__new__(cls)
        pair._have(secret)
        return pair

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Reads a pair from a file that this package, pyzmq or czmq has written (`NAME.key_secret`).

        Args:
            path: the file.

        Raises:
            ZMQInvalidError: there is no such file, or no secret key in it.
            ZMQPermissionError: it may not be read, or others than its owner may read or write it.
        """
        secret = Secret.of_size(_abi.EXZ_CURVE_TEXT_SIZE)
        _load(path, secret)
        if secret.is_empty:
            raise ZMQInvalidError(f"{os.fspath(path)} has a public key only: curve_public_key reads it")
        return cls._of(secret)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the pair into files that pyzmq and czmq read, too: `PATH.key` with the public key, for everybody, and
        `PATH.key_secret` with both, which nobody but the owner may read, at no moment.

        A file that is there already is left alone.

        Args:
            path: where, without the endings.

        Raises:
            ZMQStateError: there is such a file.
            ZMQInvalidError: the directory is not there.
            ZMQPermissionError: the system does not permit it.
            ZMQLimitError: there is no room.
        """
        details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
        status = _abi.exz_curve_save(_path(path), None, self._secret.pointer, details)
        if status != _abi.EXZ_OK:
            raise told(status, details)

    @property
    def public_key(self) -> str:
        """The public key, for the others."""
        return self._public_key

    @property
    def secret_key(self) -> str:
        """The secret key: a copy that is Python's, which never wipes it."""
        return self._secret.value.decode()

    def __eq__(self, other: object) -> bool:
        return self._public_key == other._public_key if isinstance(other, CurveKeyPair) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._public_key)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(public_key={self._public_key!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a CurveKeyPair can not be pickled, as its secret would be in there: save it to a file")


def curve_keypair() -> CurveKeyPair:
    """Makes a new key pair.

    Raises:
        ZMQNotSupportedError: libzmq was built without CURVE.
    """
    secret = Secret.of_size(_abi.EXZ_CURVE_TEXT_SIZE)
    status = _abi.exz_curve_keypair(_room(), secret.buffer)
    if status != _abi.EXZ_OK:
        raise last_failure(status)
    return CurveKeyPair._of(secret)


def curve_public_key(path: str | os.PathLike[str]) -> str:
    """Reads the public key from a file that this package, pyzmq or czmq has written: `NAME.key`, or `NAME.key_secret`.

    Args:
        path: the file.

    Raises:
        ZMQInvalidError: there is no such file, or no key in it.
        ZMQPermissionError: it may not be read, or it has a secret key and others than its owner may read or write it.
    """
    return _load(path, None)


def z85_encode(data: bytes | bytearray | memoryview) -> str:
    """Bytes, a multiple of four of them, as text with five characters for each four (RFC 32)."""
    content = bytes(data)
    room = ctypes.create_string_buffer(len(content) // 4 * 5 + 1)
    status = _abi.exz_curve_encode(room, len(room), content, len(content))
    if status != _abi.EXZ_OK:
        raise last_failure(status)
    return room.value.decode()


def z85_decode(encoded: str | bytes) -> bytes:
    """The bytes of such a text.

    Raises:
        ZMQInvalidError: it is not Z85.
    """
    characters = key_text(encoded, "encoded")
    room, size = ctypes.create_string_buffer(len(characters) // 5 * 4 + 1), ctypes.c_size_t()
    status = _abi.exz_curve_decode(size, room, len(room), characters)
    if status != _abi.EXZ_OK:
        raise last_failure(status)
    return room.raw[: size.value]


def key_text(value: str | bytes, name: str) -> bytes:
    """A key as C wants it; pyzmq has keys in `bytes`."""
    if isinstance(value, bytes):
        if b"\0" in value:
            raise ZMQInvalidError(f"{name} contains a NUL character")
        return value
    return text(value, name)


def _room() -> "ctypes.Array[ctypes.c_char]":
    return ctypes.create_string_buffer(_abi.EXZ_CURVE_TEXT_SIZE)


def _path(path: str | os.PathLike[str]) -> bytes:
    return text(os.fspath(path), "path")


def _load(path: str | os.PathLike[str], secret: Secret | None) -> str:
    public_key = _room()
    details = _abi.exz_error(size=ctypes.sizeof(_abi.exz_error))
    status = _abi.exz_curve_load(public_key, None if secret is None else secret.buffer, _path(path), details)
    if status != _abi.EXZ_OK:
        raise told(status, details)
    return public_key.value.decode()
