# SPDX-License-Identifier: Apache-2.0
"""How the connections of a socket are protected: what the option `security` takes.

Which of a connection's ends is bound has nothing to do with which is the server. Both need the same mechanism: a peer
that has another one, or none, is rejected. Connections within the process (`inproc`) have none, whatever is said here.
"""

import ctypes
from typing import NoReturn, Self

from . import _abi
from ._secrets import Secret
from .curve import CurveKeyPair, key_text


class Security:
    """What `CurveServer`, `CurveClient`, `PlainServer`, `PlainClient` and `Guarded` are. Any number of sockets may have
    one. It can not be pickled."""

    __slots__ = ()

    def _as_struct(self) -> _abi.exz_security:
        """As the library takes it, as long as this object is there: it points to the secrets."""
        raise NotImplementedError

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(f"a {type(self).__name__} can not be pickled, as its secrets would be in there")


class CurveServer(Security):
    """Encrypted, as the side that lets others in.

    Closed by default: nobody comes in but whom the context's authenticator allows.
    """

    __slots__ = ("_anybody", "_keys")

    def __init__(self, secret_key: CurveKeyPair | str | bytes, *, anybody: bool = False) -> None:
        """A server's security.

        Args:
            secret_key: the server's own key, or its pair. The clients need its public key.
            anybody: everybody who knows the server's public key may come in.

        Raises:
            ZMQInvalidError: that is no key.
            ZMQNotSupportedError: libzmq was built without CURVE.
        """
        self._keys = secret_key if isinstance(secret_key, CurveKeyPair) else CurveKeyPair(secret_key)
        self._anybody = bool(anybody)

    def _as_struct(self) -> _abi.exz_security:
        struct = _struct(_abi.EXZ_SECURITY_CURVE_SERVER)
        struct.secret_key = self._keys._secret.pointer
        struct.flags = _abi.EXZ_SECURITY_ANYBODY if self._anybody else 0
        return struct

    def __repr__(self) -> str:
        return f"CurveServer({self._keys!r}, anybody={self._anybody})"


class CurveClient(Security):
    """Encrypted, as the side that proves who it is and knows whom it wants."""

    __slots__ = ("_keys", "_server_key")

    def __init__(self, keypair: CurveKeyPair, server_key: str | bytes) -> None:
        """A client's security.

        Args:
            keypair: the client's own.
            server_key: the public key of the server.
        """
        if not isinstance(keypair, CurveKeyPair):
            raise TypeError(f"keypair must be a CurveKeyPair, not {type(keypair).__name__}")
        self._keys = keypair
        self._server_key = key_text(server_key, "server_key")

    def _as_struct(self) -> _abi.exz_security:
        struct = _struct(_abi.EXZ_SECURITY_CURVE_CLIENT)
        struct.public_key = self._keys.public_key.encode()
        struct.secret_key = self._keys._secret.pointer
        struct.server_key = self._server_key
        return struct

    def __repr__(self) -> str:
        return f"CurveClient({self._keys!r}, server_key={self._server_key.decode(errors='replace')!r})"


class PlainServer(Security):
    """PLAIN encrypts nothing; the side that is given a name and a password.

    Nobody comes in but whom the context's authenticator allows.
    """

    __slots__ = ()

    def _as_struct(self) -> _abi.exz_security:
        return _struct(_abi.EXZ_SECURITY_PLAIN_SERVER)

    def __repr__(self) -> str:
        return "PlainServer()"


class PlainClient(Security):
    """PLAIN encrypts nothing, and whoever sees the connection has the password.

    For peers that have nothing better.
    """

    __slots__ = ("_password", "_username")

    def __init__(self, username: str | bytes, password: str | bytes) -> None:
        """A client's security.

        Args:
            username: 1 to 255 bytes in UTF-8.
            password: the same. What is passed here is Python's, which never wipes it.
        """
        self._username = key_text(username, "username")
        self._password = Secret(key_text(password, "password"))

    def _as_struct(self) -> _abi.exz_security:
        struct = _struct(_abi.EXZ_SECURITY_PLAIN_CLIENT)
        struct.username = self._username
        struct.password = self._password.pointer
        return struct

    def __repr__(self) -> str:
        return f"PlainClient(username={self._username.decode(errors='replace')!r})"


class Guarded(Security):
    """No encryption and no keys: the context's authenticator decides by the peer's address.

    Nobody comes in but whom it allows.
    """

    __slots__ = ()

    def _as_struct(self) -> _abi.exz_security:
        return _struct(_abi.EXZ_SECURITY_GUARDED)

    def __repr__(self) -> str:
        return "Guarded()"


def _struct(mechanism: int) -> _abi.exz_security:
    return _abi.exz_security(size=ctypes.sizeof(_abi.exz_security), mechanism=mechanism)
