# SPDX-License-Identifier: Apache-2.0
"""A relay that goes wrong when it is told to."""

from typing import Any

from .. import _abi
from .._arguments import UINT32_MAX, UINT64_MAX, member, milliseconds, real, whole
from .._closing import Closing
from .._not_copied import NotCopied
from ..errors import ZMQInvalidError
from ._proxy_core import ProxyCore
from .faults import Direction, Fault
from .observing import FaultCount, FaultStatistics


class FaultProxy(NotCopied, Closing):
    """A relay between a listening and a target endpoint, for tests of what a program does when connections fail.

    It passes bytes on, not messages, and knows nothing of ZeroMQ: whatever talks over TCP or local sockets can be on
    either side of it. With no fault it passes everything on as it is. For each connection that it accepts it makes one
    to the target. A client whose target can not be reached has been accepted already: it is reset, and `stats` tells
    why. Of each connection and each direction it holds at most 256 KiB; when they are full it reads no more, and the
    sender waits as it would for a slow network.

    Each fault is a method, which adds it and returns a `Fault` in force, to be removed at the end of a `with` statement
    or by `remove`. Several may be in force at once: delays add up, the smallest bandwidth and the shortest slices
    count, and what ends or holds a connection does so whatever else there is. Their arguments, beside what each needs:

    * `direction`: a `Direction`, which way the bytes go that it is about. `down`, `blackhole` and `http` have none.
    * `count`: only the next so many connections that are accepted; 0 = no limit, and also those that are there.
    * `share`: the share of the connections that it strikes, over 0 and at most 1: for each of them drawn from the seed,
      the number of the fault and the number of the connection. So a run with the same seed, and the same faults in the
      same order, strikes the same ones. `down` is of the whole proxy, and has neither.

    Whoever connects is counted and struck: also a socket of this library that looks, with a connection of its own, why
    one has failed. It does so after an attempt that was refused or broken off, so there may be more connections than
    attempts, and that of an attempt may be the second next.

    Times are seconds, from 0 to 2147483.647, with the precision of a millisecond; a number of bytes or connections is
    at least 0. Every method that adds a fault raises `ZMQInvalidError` for what is out of range or makes no sense, with
    the field in its message, `TypeError` for what is of a wrong type, `ZMQLimitError` beyond 1000 faults at once,
    `ZMQNoMemoryError`, `ZMQClosedError`, and `ZMQForkedError` in a child process.

    It may be used from any thread, and in coroutines: only the waits, and for a moment `close`, block. Close it, or use
    it in a `with` statement. One that is forgotten is closed when it is collected, with a `ResourceWarning`.

    Attributes:
        endpoint: where it listens, with its real port: what to connect to. It stays the same while it is down.
        target: where the connections go.
        seed: what all draws are made from.
    """

    endpoint: str
    target: str
    seed: int

    def __init__(self, target: str, *, listen: str = "tcp://127.0.0.1:*", seed: int | None = None) -> None:
        """Starts a proxy.

        Args:
            target: where the connections go: tcp or ipc. Nobody has to be there yet. A name is resolved for each
                connection anew, and its addresses are tried in order.
            listen: where to listen, as for a bind: tcp or ipc, the target's kind or the other; by default a port of the
                loopback that the system chooses. A name is given a second to be resolved.
            seed: what all draws are made from, up to 18446744073709551615; None or 0 draws one from the system.

        Raises:
            ZMQInvalidError: for a bad endpoint, or one that is its own target.
            ZMQNotSupportedError: for another transport.
            ZMQAddressInUseError: somebody else listens there.
            ZMQAddressNotAvailableError: the address is not this machine's, or the directory of the path is missing.
            ZMQResolveError: the name to listen at could not be resolved.
            ZMQPermissionError: listening there needs a permission.
            ZMQLimitError: out of descriptors, threads or handles.
            ZMQNoMemoryError: out of memory.
        """
        self._core = ProxyCore(target, listen, seed)
        self.target = target
        self.endpoint = self._core.endpoint()
        self.seed = self._core.statistics().seed

    # What goes wrong

    def down(self) -> Fault:
        """Nothing listens: connects are refused, as the port or the path is kept and not listened at; nobody else can
        have it meanwhile. Connections that are there end with a reset. When it is removed the proxy listens again.
        """
        return self._add("down", _abi.EXZ_FAULT_DOWN)

    def blackhole(self, *, count: int = 0, share: float = 1.0) -> Fault:
        """Accepts, and then silence both ways, as when a cable is cut: nothing is passed on, an end of a connection
        neither. A new connection does not reach the target. When it is removed, what has been sent goes on. Takes hold
        of connections that are there.
        """
        return self._add("blackhole", _abi.EXZ_FAULT_BLACKHOLE, count=count, share=share)

    def reset(
        self,
        *,
        after_bytes: int = 0,
        after: float = 0.0,
        direction: Direction = Direction.BOTH,
        count: int = 0,
        share: float = 1.0,
    ) -> Fault:
        """Ends the connection with a reset, on both sides: at once, or after so many bytes of a direction have been
        passed on, or after a time, whichever is first where both are given. A local socket knows no reset and is
        closed. Of connections that are there, bytes and time count from now.
        """
        return self._add(
            "reset",
            _abi.EXZ_FAULT_RESET,
            after_bytes=whole(after_bytes, "after_bytes", UINT64_MAX),
            after_ms=milliseconds(after, "after"),
            direction=direction,
            count=count,
            share=share,
        )

    def close_connections(
        self,
        *,
        after_bytes: int = 0,
        after: float = 0.0,
        direction: Direction = Direction.BOTH,
        count: int = 0,
        share: float = 1.0,
    ) -> Fault:
        """The same as `reset`, with the orderly end that closing makes. Bytes that were passed on before arrive.

        C's EXZ_FAULT_CLOSE: `close` is the end of the proxy.
        """
        return self._add(
            "close_connections",
            _abi.EXZ_FAULT_CLOSE,
            after_bytes=whole(after_bytes, "after_bytes", UINT64_MAX),
            after_ms=milliseconds(after, "after"),
            direction=direction,
            count=count,
            share=share,
        )

    def latency(
        self,
        delay: float,
        *,
        jitter: float = 0.0,
        direction: Direction = Direction.BOTH,
        count: int = 0,
        share: float = 1.0,
    ) -> Fault:
        """What is read is passed on `delay` seconds later, more or less a random part of `jitter`, in order; an end of
        the connection, also one that is a reset, too. Of connections that are there it delays what is read from now on.
        When it is removed, what waits is passed on at once. At least 0.001; the jitter is at most the delay.
        """
        return self._add(
            "latency",
            _abi.EXZ_FAULT_LATENCY,
            delay_ms=milliseconds(delay, "delay"),
            jitter_ms=milliseconds(jitter, "jitter"),
            direction=direction,
            count=count,
            share=share,
        )

    def bandwidth(
        self, bytes_per_second: int, *, direction: Direction = Direction.BOTH, count: int = 0, share: float = 1.0
    ) -> Fault:
        """At most so many bytes a second are passed on, each direction by itself, from now on. At least 1."""
        return self._add(
            "bandwidth",
            _abi.EXZ_FAULT_BANDWIDTH,
            bytes_per_second=whole(bytes_per_second, "bytes_per_second", UINT64_MAX),
            direction=direction,
            count=count,
            share=share,
        )

    def slice(
        self,
        slice_bytes: int,
        *,
        spread: int = 0,
        pause: float = 0.0,
        direction: Direction = Direction.BOTH,
        count: int = 0,
        share: float = 1.0,
    ) -> Fault:
        """Passes on in pieces of so many bytes, more or less a random part of `spread`, with `pause` seconds between
        them, from now on. A piece has at least 1 byte, and the spread is less than that number.
        """
        return self._add(
            "slice",
            _abi.EXZ_FAULT_SLICE,
            slice_bytes=whole(slice_bytes, "slice_bytes", UINT32_MAX),
            slice_spread=whole(spread, "spread", UINT32_MAX),
            pause_ms=milliseconds(pause, "pause"),
            direction=direction,
            count=count,
            share=share,
        )

    def slow_close(
        self, delay: float, *, direction: Direction = Direction.BOTH, count: int = 0, share: float = 1.0
    ) -> Fault:
        """The end of a connection is passed on `delay` seconds late, also one that is a reset, from now on. At least
        0.001.
        """
        return self._add(
            "slow_close",
            _abi.EXZ_FAULT_SLOW_CLOSE,
            delay_ms=milliseconds(delay, "delay"),
            direction=direction,
            count=count,
            share=share,
        )

    def corrupt(
        self, flip_rate: float, *, direction: Direction = Direction.BOTH, count: int = 0, share: float = 1.0
    ) -> Fault:
        """Of each byte that is read a random bit is flipped with this probability, over 0 and at most 1, from now on.
        The same bits of the same bytes, where seed, number of the fault, number of the connection and direction are the
        same.
        """
        return self._add(
            "corrupt",
            _abi.EXZ_FAULT_CORRUPT,
            flip_rate=real(flip_rate, "flip_rate"),
            direction=direction,
            count=count,
            share=share,
        )

    def http(self, *, count: int = 0, share: float = 1.0) -> Fault:
        """Answers the first bytes of a new connection as a web server that does not understand them, and closes. The
        target hears nothing.
        """
        return self._add("http", _abi.EXZ_FAULT_HTTP, count=count, share=share)

    def stall(
        self, after_bytes: int, *, direction: Direction = Direction.BOTH, count: int = 0, share: float = 1.0
    ) -> Fault:
        """Passes so many bytes of a direction on, then nothing: in the middle of a handshake, for one. When it is
        removed, what has been sent goes on. Of connections that are there, bytes count from now.
        """
        return self._add(
            "stall",
            _abi.EXZ_FAULT_STALL,
            after_bytes=whole(after_bytes, "after_bytes", UINT64_MAX),
            direction=direction,
            count=count,
            share=share,
        )

    def half_open(self, direction: Direction, *, count: int = 0, share: float = 1.0) -> Fault:
        """One direction stops, its end included, and the other goes on; it must be one of the two. When it is removed,
        what has been sent goes on. Takes hold of connections that are there.
        """
        return self._add("half_open", _abi.EXZ_FAULT_HALF_OPEN, direction=direction, count=count, share=share)

    def _add(
        self,
        name: str,
        kind: int,
        *,
        direction: int = Direction.BOTH,
        count: int = 0,
        share: float = 1.0,
        **fields: Any,
    ) -> Fault:
        fields["kind"] = kind
        fields["direction"] = member(direction, "direction", Direction)
        fields["count"] = whole(count, "count", UINT32_MAX)
        fields["share"] = real(share, "share")
        if fields["share"] == 0:
            # To the library that is what has not been set.
            raise ZMQInvalidError(f"share is {share}: it must be over 0 and at most 1")
        return Fault(self._core, self._core.add(fields), name)

    # What it does

    @property
    def stats(self) -> FaultStatistics:
        """What it has done so far.

        Raises:
            ZMQClosedError: the proxy is closed.
            ZMQForkedError: it belongs to the parent process.
        """
        return self._core.statistics()

    def wait(self, count: FaultCount, at_least: int = 1, *, timeout: float = 1.0) -> None:
        """Waits until something has been counted so often, so that no test has to sleep.

        It blocks its thread. In a coroutine: `await asyncio.to_thread(proxy.wait, FaultCount.CONNECTIONS)`.

        Args:
            count: what is counted, from the proxy's beginning.
            at_least: how often; 0 is always reached.
            timeout: seconds.

        Raises:
            ZMQTimeoutError: the time was up; the message has the proxy's statistics.
            ZMQClosedError: the proxy was closed, before or meanwhile.
            ZMQInvalidError: a number is out of range.
            ZMQForkedError: it belongs to the parent process.
        """
        what = FaultCount(member(count, "count", FaultCount))
        self._core.wait_for_count(what, at_least, timeout)

    def drop(self) -> None:
        """Ends all connections now, with a reset; local ones are closed. The proxy goes on, and so do its faults.

        Raises:
            ZMQClosedError: the proxy is closed.
            ZMQForkedError: it belongs to the parent process.
        """
        self._core.drop()

    def close(self) -> None:
        """Ends the proxy with all its connections, as `drop` does, and gives its endpoint back. Waits that are going on
        end with `ZMQClosedError`. The last one ends the library's thread, and waits for that at most 0.1 s. Closing
        again does nothing.

        Raises:
            ZMQForkedError: it belongs to the parent process.
        """
        self._core.close()
