# SPDX-License-Identifier: Apache-2.0
"""Lines for the log about what does not mean what it means to libzmq."""

from .. import _abi
from .._log import follow_logger, warn
from ..errors import explanation

_told: set[str] = set()


def tell_once(name: str, what: str) -> None:
    """Writes a warning that names the option and says what to do, unless that was said before."""
    if name in _told:
        return
    _told.add(name)
    follow_logger()
    warn(f"zmq.{name} {what} (docs/pyzmq.md)")


def no_peer(name: str, endpoint: str, waited_ms: int, last_error: int) -> str:
    """About a send without a bound that nobody is there for."""
    why = f": {explanation(last_error)}" if last_error != _abi.EXZ_OK else ""
    return (
        f"{name} {endpoint or 'without a link'}: a send has waited for a peer for {waited_ms / 1000:g} s{why}. It has "
        "no bound; NOBLOCK, SNDTIMEO and poll(POLLOUT) are some (docs/pyzmq.md)"
    )
