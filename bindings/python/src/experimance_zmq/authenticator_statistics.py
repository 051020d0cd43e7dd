# SPDX-License-Identifier: Apache-2.0
"""What an authenticator counts."""

import enum
from typing import Self

from . import _abi
from ._record import Record


class AuthenticatorStatistics(Record):
    """What an authenticator has decided so far.

    Attributes:
        pending: peers about whom the program is being asked.
        accepted: peers that were let in.
        refused: peers that were refused: the sum of the following.
        refused_address: for their address.
        refused_user: for their user and groups, over ipc.
        refused_key: for their key.
        refused_password: for their name and password.
        refused_decision: by the program.
        refused_late: as the program took too long.
        refused_busy: as too many were waited for.
        refused_other: for anything else.
        late_decisions: answers of the program that came too late.
        keys: keys that are allowed now.
        unreadable_files: files that `allow_keys` has found to hold no key that can be read.
        key_changes: how often a look at those files, the first one included, has found other keys, user ids or
            unreadable files than the look before. What it has found counts by then.
    """

    pending: int
    accepted: int
    refused: int
    refused_address: int
    refused_user: int
    refused_key: int
    refused_password: int
    refused_decision: int
    refused_late: int
    refused_busy: int
    refused_other: int
    late_decisions: int
    keys: int
    unreadable_files: int
    key_changes: int

    @classmethod
    def _from_struct(cls, struct: _abi.exz_authenticator_statistics) -> Self:
        return cls(**{name: getattr(struct, name) for name in cls._fields})


class AuthenticatorCount(enum.IntEnum):
    """What an authenticator counts: each is an attribute of `AuthenticatorStatistics`.

    Attributes:
        PENDING: peers about whom the program is being asked, at one moment.
        ACCEPTED: peers that were let in.
        REFUSED: peers that were refused: the sum of the following.
        REFUSED_ADDRESS: for their address.
        REFUSED_USER: for their user and groups, over ipc.
        REFUSED_KEY: for their key.
        REFUSED_PASSWORD: for their name and password.
        REFUSED_DECISION: by the program.
        REFUSED_LATE: as the program took too long.
        REFUSED_BUSY: as too many were waited for.
        REFUSED_OTHER: for anything else.
        LATE_DECISIONS: answers of the program that came too late.
        KEYS: keys that are allowed, at one moment.
        UNREADABLE_FILES: files without a key that can be read, at one moment.
        KEY_CHANGES: looks at the files of keys that found something else than the look before.
    """

    PENDING = _abi.EXZ_AUTHENTICATOR_COUNT_PENDING
    ACCEPTED = _abi.EXZ_AUTHENTICATOR_COUNT_ACCEPTED
    REFUSED = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED
    REFUSED_ADDRESS = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_ADDRESS
    REFUSED_USER = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_USER
    REFUSED_KEY = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_KEY
    REFUSED_PASSWORD = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_PASSWORD
    REFUSED_DECISION = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_DECISION
    REFUSED_LATE = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_LATE
    REFUSED_BUSY = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_BUSY
    REFUSED_OTHER = _abi.EXZ_AUTHENTICATOR_COUNT_REFUSED_OTHER
    LATE_DECISIONS = _abi.EXZ_AUTHENTICATOR_COUNT_LATE_DECISIONS
    KEYS = _abi.EXZ_AUTHENTICATOR_COUNT_KEYS
    UNREADABLE_FILES = _abi.EXZ_AUTHENTICATOR_COUNT_UNREADABLE_FILES
    KEY_CHANGES = _abi.EXZ_AUTHENTICATOR_COUNT_KEY_CHANGES
