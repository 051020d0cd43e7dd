# SPDX-License-Identifier: Apache-2.0
"""Sockets, contexts and schedules have one owner: a copy would close what another one uses."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from experimance_zmq import Backoff, Context, Puller, Socket, SocketType, aio

OWNERS: dict[str, Callable[[], Any]] = {
    "Puller": Puller,
    "Socket": lambda: Socket(SocketType.ROUTER),
    "Context": Context,
    "Backoff": Backoff,
}
COPIES: dict[str, Callable[[object], object]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "old pickle": lambda value: pickle.dumps(value, protocol=0),
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("name", OWNERS)
def test_copies_are_refused(name: str, way: str) -> None:
    with OWNERS[name]() as owner, pytest.raises(TypeError, match=f"a {name} can not be copied.*open it in the process"):
        COPIES[way](owner)


@pytest.mark.parametrize("way", COPIES)
async def test_copies_are_refused_for_asyncio(way: str) -> None:
    async with aio.Context() as context, aio.Puller(context=context) as puller:
        for owner in (context, puller):
            with pytest.raises(TypeError, match="open it in the process that uses it"):
                COPIES[way](owner)


def test_what_holds_a_socket_is_not_copied_either() -> None:
    with Puller() as puller, pytest.raises(TypeError, match="a Puller can not be copied"):
        copy.deepcopy({"puller": puller})
