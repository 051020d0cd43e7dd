# SPDX-License-Identifier: Apache-2.0
"""What pyzmq asks a backend for that is no socket: names of errors, capabilities, keys."""

import ctypes
import os

from .. import _abi
from .._zmq_version import zmq_version
from ._errors import EFSM, EMTHREAD, ENOCOMPATPROTO, ETERM, failure_of, last_errno

IPC_PATH_MAX_LEN = 107
"""The longest path of an ipc endpoint, in bytes."""

PYZMQ_DRAFT_API = False
"""Whether there are socket types and calls that libzmq calls drafts."""

_SENTENCES = {
    EFSM: "Operation cannot be accomplished in current state",
    ENOCOMPATPROTO: "The protocol is not compatible with the socket type",
    ETERM: "Context was terminated",
    EMTHREAD: "No thread available",
}
_KEY_AS_TEXT = 40


def strerror(errno: int) -> str:
    """What an errno means, of the system's or of libzmq's."""
    return _SENTENCES.get(errno) or os.strerror(errno)


def zmq_errno() -> int:
    """The errno of the last failure on this thread."""
    return last_errno()


def zmq_version_info() -> tuple[int, int, int]:
    """The version of the libzmq that the library uses."""
    major, minor, patch = map(int, zmq_version().split("."))
    return major, minor, patch


def has(capability: str) -> bool:
    """Whether there is a transport or a security mechanism of that name."""
    if capability == "curve":
        return _make_keypair()[0] == _abi.EXZ_OK
    return capability == "ipc"


def _make_keypair() -> tuple[int, bytes, bytes]:
    public_key = ctypes.create_string_buffer(_KEY_AS_TEXT + 1)
    secret_key = ctypes.create_string_buffer(_KEY_AS_TEXT + 1)
    status = _abi.exz_curve_keypair(public_key, secret_key)
    return status, public_key.value, secret_key.value


def curve_keypair() -> tuple[bytes, bytes]:
    """A new key pair: the public key and the secret one, as text of 40 characters."""
    status, public_key, secret_key = _make_keypair()
    if status != _abi.EXZ_OK:
        raise failure_of(status)
    return public_key, secret_key


def curve_public(secret_key: str | bytes) -> bytes:
    """The public key that belongs to a secret one."""
    text = secret_key.encode() if isinstance(secret_key, str) else secret_key
    if len(text) != _KEY_AS_TEXT:
        raise ValueError(f"a secret key is {_KEY_AS_TEXT} characters of Z85, not {len(text)}")
    public_key = ctypes.create_string_buffer(_KEY_AS_TEXT + 1)
    status = _abi.exz_curve_public(public_key, bytes(text))
    if status != _abi.EXZ_OK:
        raise failure_of(status)
    return public_key.value
