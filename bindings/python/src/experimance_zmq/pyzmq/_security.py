# SPDX-License-Identifier: Apache-2.0
"""Who may come in, where that is a program's own handler to say (RFC 27)."""

from collections.abc import Iterable

from zmq.constants import SocketOption

ZAP_ENDPOINT = b"inproc://zeromq.zap.01"
"""Where libzmq asks."""

_OWN_DOMAIN = b"experimance"
_LEAST_FRAMES = 6
_DOMAIN, _MECHANISM = 2, 5


def opens_door(given: Iterable[tuple[int, int | bytes]], handlers: int) -> bool:
    """Whether a server lets everybody in, as libzmq does where nobody answers and nothing else was asked for.

    Args:
        given: the options that were set by their numbers.
        handlers: how many handlers there are in its context.
    """
    options = dict(given)
    is_server = bool(options.get(SocketOption.CURVE_SERVER) or options.get(SocketOption.PLAIN_SERVER))
    return is_server and not handlers and SocketOption.ZAP_ENFORCE_DOMAIN not in options


def _is_own(domain: bytes) -> bool:
    return domain == _OWN_DOMAIN or domain.startswith(_OWN_DOMAIN + b".")


def answered_at_once(question: list[bytes]) -> list[bytes] | None:
    """The answer to a question that libzmq would not ask without the library's domain: yes. None for all others."""
    if len(question) < _LEAST_FRAMES or question[_MECHANISM] != b"NULL" or not _is_own(question[_DOMAIN]):
        return None
    return [*question[:_DOMAIN], b"200", b"OK", b"", b""]


def refusal(question: list[bytes]) -> list[bytes]:
    """The answer to a question that nobody answers."""
    return [*question[:_DOMAIN], b"500", b"The handler does not answer", b"", b""]


def without_own_domain(question: list[bytes]) -> list[bytes]:
    """Takes the library's own domain out of a question, as the program has set none."""
    if len(question) < _LEAST_FRAMES or not _is_own(question[_DOMAIN]):
        return question
    return [*question[:_DOMAIN], b"", *question[_DOMAIN + 1 :]]
