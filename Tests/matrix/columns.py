# SPDX-License-Identifier: Apache-2.0
"""The columns of the matrix: which peer is which."""

from behind_proxy import BehindProxy
from peers import (
    Absent,
    Corrupting,
    CutOff,
    Http,
    Itself,
    Killed,
    KilledAndBack,
    Late,
    Misbehaving,
    MovingName,
    Refusing,
    ResetInHandshake,
    ResetInStream,
    Slicer,
    SlowName,
    Stopped,
    UnresolvedName,
    WrongType,
    Zmtp1,
)

PEERS = {
    "absent": Absent,
    "late": Late,
    "refusing": Refusing,
    "silent": Misbehaving,
    "http": Http,
    "zmtp1": Zmtp1,
    "wrong-type": WrongType,
    "reset-in-handshake": ResetInHandshake,
    "reset-in-stream": ResetInStream,
    "slicer": Slicer,
    "corrupting": Corrupting,
    "unresolved-name": UnresolvedName,
    "slow-name": SlowName,
    "moving-name": MovingName,
    "stopped": Stopped,
    "killed": Killed,
    "killed-and-back": KilledAndBack,
    "cut-off": CutOff,
    "itself": Itself,
    "behind-proxy": BehindProxy,
}
# What takes a network of our own.
NEED_NETWORK = ("cut-off", "itself")
