# SPDX-License-Identifier: Apache-2.0
"""What plain libzmq does in C at its fastest, with the same libzmq as this package and the same peer."""

import ctypes
import os

from .measuring import Measuring

_PULL = 7
_LAST_ENDPOINT = 32
_LINGER = 17


def _checked(status: int) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def recv(measuring: Measuring) -> None:
    # Built by make; it brings the libzmq with it that it is linked with.
    loop = ctypes.CDLL(os.environ["EXZ_BENCH_PULL"], use_errno=True)
    libzmq = ctypes.CDLL("libzmq.so.5", use_errno=True)
    libzmq.zmq_ctx_new.restype = libzmq.zmq_socket.restype = ctypes.c_void_p
    context = ctypes.c_void_p(libzmq.zmq_ctx_new())
    socket = ctypes.c_void_p(libzmq.zmq_socket(context, _PULL))
    _checked(libzmq.zmq_setsockopt(socket, _LINGER, ctypes.byref(ctypes.c_int(0)), ctypes.c_size_t(4)))
    _checked(libzmq.zmq_bind(socket, b"tcp://127.0.0.1:*"))
    endpoint, size = ctypes.create_string_buffer(256), ctypes.c_size_t(256)
    _checked(libzmq.zmq_getsockopt(socket, _LAST_ENDPOINT, endpoint, ctypes.byref(size)))
    measuring.peer("feed", endpoint.value.decode())
    buffer = ctypes.create_string_buffer(measuring.size)

    def work(count: int) -> None:
        _checked(loop.pull(socket, buffer, ctypes.c_size_t(measuring.size), ctypes.c_long(count)))

    measuring(work)
    libzmq.zmq_close(socket)
    libzmq.zmq_ctx_term(context)
