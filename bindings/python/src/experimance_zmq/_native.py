# SPDX-License-Identifier: Apache-2.0
"""The calls that are made for every message, as functions of the interpreter's own kind.

ctypes spends more time on turning arguments into C's than the library on sending a message. So the library brings
functions that take Python's objects as they are, and ctypes only makes them known to the interpreter. Those that send
never wait and keep the interpreter's lock; what is not short, or has no room, is left as if nothing had been tried.
"""

import ctypes
from collections.abc import Callable
from typing import Any

from . import _abi


class _Method(ctypes.Structure):
    """CPython's PyMethodDef."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("function", ctypes.c_void_p),
        ("flags", ctypes.c_int),
        ("doc", ctypes.c_char_p),
    )


_new_function = ctypes.pythonapi.PyCFunction_NewEx
_new_function.restype = ctypes.py_object
_new_function.argtypes = (ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)


def _find() -> dict[bytes, int]:
    """The addresses of the methods' definitions."""
    address = _abi.exz_python_methods()
    found: dict[bytes, int] = {}
    while address and (name := _Method.from_address(address).name):
        found[name] = address
        address += ctypes.sizeof(_Method)
    return found


def _is_main_interpreter() -> bool:
    state = ctypes.pythonapi.PyInterpreterState_Get
    state.restype = ctypes.c_void_p
    number = ctypes.pythonapi.PyInterpreterState_GetID
    number.restype = ctypes.c_int64
    number.argtypes = (ctypes.c_void_p,)
    return bool(number(state()) == 0)


if not _is_main_interpreter():
    # The library has one log, and asks one interpreter what to do after a signal.
    raise ImportError("experimance_zmq works in the main interpreter only")
_methods = _find()
if not _methods:
    raise ImportError("experimance_zmq needs CPython 3.11 or later")


NO_ROOM = 2
"""What a send answers that has been tried."""


def function(name: bytes, number: int) -> Callable[..., Any]:
    """One of them, for the socket with this number.

    - `send(data)`, `send_parts(parts)`, of a tuple, and `publish(topic, payload)` answer 0 when the message is sent,
      `NO_ROOM` when it is left because there is no room for it, and 1 when it is left because it takes long, or for any
      other reason.
    - `send_lent(parts, shortest, timeout_ms)` sends a tuple of objects as the parts of a message, `publish_lent`
      publishes topic and payload: bytes of that many are not copied, and no memory of another kind. `send_message(
      message, timeout_ms)` sends a received message on. All of them answer with the status.
    - `receive(timeout_ms)` gives a message of one part as bytes, or the status; `receive_message(is_single,
      timeout_ms)` any message where it lies, and `receive_parts(timeout_ms)` any as a list of its parts.
    - `receive_ahead(coming, several, single, most, wants_several)` takes messages that are here, unless one of two
      queues has something in it: either messages of several parts into the one, as lists of bytes, or messages of one
      part into the other, as bytes. Nobody runs in between. The list is empty between calls. The status;
      EXZ_ERR_TOO_LARGE if the next message is to be received alone, EXZ_ERR_STATE if it has several parts and is not
      wanted. `receive_published` is the same for topics and payloads, as tuples, in the second queue; EXZ_ERR_STATE if
      the next message is something else.
    - `send_many(messages, first)` sends those of a tuple from an index on, and answers with the index of the first one
      that is left to send. If `first` is 0 and not all are bytes, nothing is sent.
    - `send_rest(messages, first, timeout_ms)` waits for room where there is none, and answers with the status and that
      index. It sends as many as it takes at once, and none from the first on that is to be lent.
    - `close(linger_ms)` and `close_context(linger_ms)`, with None for the usual linger, answer with the status.
    - `close_later(None)` closes a socket without waiting for its linger.
    - `abandon_context(None)` lets a context end with its last socket; the status is OK if it was open.
    - `await_end(linger_ms)` waits for the end of a socket that another close has begun to close.
    - `hold_back(errors)` is for no socket: puts what signal handlers raise during calls into a list; None ends that.
    - `message_type(header_size)`, `use_message_type(class)`, `message_of(parts)`, `message_parts(message)`,
      `message_property(message, number)` and `loans(what)` are for no socket (see `_message` and `_lending`).
    - `message_frames(message)`, `message_metadata(message, name)`, `frame_type(header_size)` and `show_memory(frame,
      object)` are for no socket, and `keep_metadata(None)` is for one: see `pyzmq`.
    - `request_parts(parts, timeout_ms, idempotent)` takes a tuple of bytes, and answers with one, or as `request` does.
    - `request(data, timeout_ms)` and `request_idempotent(data, timeout_ms)` take bytes, and answer with bytes, or with
      a tuple of the status and the bytes of an `exz_error`. They wait, without the interpreter's lock.
    """
    made: Callable[..., Any] = _new_function(_methods[name], number, None)
    return made


MessageMemory: type = function(b"message_type", 0)(object.__basicsize__)
"""The type of what shows the memory of a received message; `Message` is made from it."""
