# SPDX-License-Identifier: Apache-2.0
"""The options of contexts that pyzmq has names for."""

import ctypes
import errno

from zmq.constants import ContextOption

from .. import _abi
from ._errors import failure
from ._refusals import tell_once

_MOST_SOCKETS = 65535
_USUAL_SOCKETS = 1023
_IPV6 = 42
_BLOCKY = 70
_SIZE_OF_MESSAGE = 64
_INHERITED = -1


class ContextSettings:
    """What was set of a context. Threads are made with the first socket."""

    def __init__(self, io_threads: int) -> None:
        self._values: dict[int, int] = {
            ContextOption.IO_THREADS: io_threads,
            ContextOption.MAX_SOCKETS: _USUAL_SOCKETS,
            ContextOption.SOCKET_LIMIT: _MOST_SOCKETS,
            ContextOption.THREAD_SCHED_POLICY: _INHERITED,
            ContextOption.MAX_MSGSZ: 2**31 - 1,
            ContextOption.MSG_T_SIZE: _SIZE_OF_MESSAGE,
            _IPV6: 0,
            _BLOCKY: 1,
        }
        self._priority = 0
        self._cpus: set[int] = set()
        self._prefix = ""
        if io_threads < 0:
            raise failure(errno.EINVAL, f"io_threads is {io_threads}, it must be 0 or more")

    def get(self, option: int) -> int:
        """Reads an option."""
        try:
            return self._values[option]
        except KeyError:
            raise failure(errno.EINVAL, f"a context has no option {option} that can be read") from None

    def set(self, option: int, value: int) -> None:
        """Sets an option."""
        if value < 0 and option != ContextOption.THREAD_SCHED_POLICY:
            raise failure(errno.EINVAL, f"{value} is out of range for option {option} of a context")
        match option:
            case ContextOption.IO_THREADS | ContextOption.MAX_SOCKETS | ContextOption.THREAD_SCHED_POLICY:
                self._values[option] = value
            case ContextOption.THREAD_PRIORITY:
                self._priority = value
            case ContextOption.THREAD_AFFINITY_CPU_ADD:
                self._cpus.add(value)
            case ContextOption.THREAD_AFFINITY_CPU_REMOVE:
                if value not in self._cpus:
                    raise failure(errno.EINVAL, f"the processor {value} was not added")
                self._cpus.discard(value)
            case ContextOption.THREAD_NAME_PREFIX:
                self._prefix = str(value)
            case _ if option in (_BLOCKY, _IPV6):
                self._values[option] = value
            case ContextOption.MAX_MSGSZ:
                self._values[option] = value
                tell_once("MAX_MSGSZ", "is per socket here: set MAXMSGSIZE of each socket")
            case _:
                raise failure(errno.EINVAL, f"a context has no option {option} that can be set")

    @property
    def lingers_not(self) -> bool:
        """Whether sockets have no linger unless they are told (BLOCKY at 0)."""
        return self._values[_BLOCKY] == 0

    def as_struct(self) -> _abi.exz_context_options:
        """As the library takes them."""
        cpus = sorted(self._cpus)
        options = _abi.exz_context_options()
        _abi.exz_context_options_init(ctypes.byref(options))
        options.io_threads = min(max(self._values[ContextOption.IO_THREADS], 1), 64)
        options.max_sockets = min(self._values[ContextOption.MAX_SOCKETS], _MOST_SOCKETS)
        options.sched_policy = self._values[ContextOption.THREAD_SCHED_POLICY]
        options.sched_priority = self._priority
        options.cpus = (ctypes.c_int32 * len(cpus))(*cpus) if cpus else None
        options.cpu_count = len(cpus)
        options.thread_name_prefix = self._prefix.encode() or None
        return options
