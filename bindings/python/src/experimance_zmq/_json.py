# SPDX-License-Identifier: Apache-2.0
"""JSON in UTF-8: through orjson where that is installed (the extra `fast`), else through the standard library.

Both mean the same: what is sent and what is received does not depend on what is installed. Neither is imported before
somebody wants JSON.
"""

import enum
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

Pair = tuple[Callable[[Any], bytes], Callable[[bytes], Any]]

dumps: Callable[[Any], bytes]
"""A value as JSON. Takes what `json.dumps` takes, and members of an `Enum` (as their values) and `UUID`s (as text), as
orjson can not be kept from taking those. Raises what `json.dumps` raises."""

loads: Callable[[bytes], Any]
"""The value of a JSON text. Raises nothing but `ValueError` (`json.JSONDecodeError`, `UnicodeDecodeError`), whatever
the text: it is a stranger's."""

_TO_ZEROS = bytes(ord("0") if byte in b"-0123456789" else byte for byte in range(256))
_OVER_64_BITS = b"0" * 20
"""The least that a whole number over 64 bits has, be it digits or a sign and digits."""

_DEEP = 254
"""The most levels that orjson writes. It reads more."""
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_MOST_LOOKS = 8


def _may_be_deep(data: bytes) -> bool:
    """Whether a text may have more levels than orjson writes; certainly, if it has."""
    if len(data) <= 2 * _DEEP or data.count(b"[") + data.count(b"{") <= _DEEP:
        return False
    brackets = data.translate(None, _ALL_BUT_BRACKETS)
    for _ in range(_MOST_LOOKS):
        if len(brackets) <= 2 * _DEEP:
            return False
        # The innermost level goes.
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return True


def _standard() -> Pair:
    import json

    class Encoder(json.JSONEncoder):
        def default(self, o: Any) -> Any:
            if isinstance(o, enum.Enum):
                return o.value
            # Where there is a UUID, its module is.
            if (module := sys.modules.get("uuid")) and type(o) is module.UUID:
                return str(o)
            return super().default(o)

    encode = Encoder(ensure_ascii=False, separators=(",", ":")).encode
    escape = Encoder(separators=(",", ":")).encode

    def dumps(value: Any) -> bytes:
        try:
            return encode(value).encode()
        except UnicodeEncodeError:
            # Lone surrogates, as in names of files that are not UTF-8. Only an escape can say them.
            return escape(value).encode()

    def loads(data: bytes) -> Any:
        try:
            return json.loads(data)
        except RecursionError:
            raise ValueError("the JSON is nested too deeply") from None

    return dumps, loads


def _through(orjson: ModuleType) -> Pair:
    standard_dumps, standard_loads = _standard()
    fast_dumps, fast_loads = orjson.dumps, orjson.loads
    options = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS

    def dumps(value: Any) -> bytes:
        try:
            data: bytes = fast_dumps(value, None, options)
        except TypeError:
            # Keys that are no strings, numbers over 64 bits: the standard library takes more.
            return standard_dumps(value)
        # It may have been NaN or infinity, which have words of their own; None is equal to neither.
        return data if data.rfind(b"null") < 0 or fast_loads(data) == value else standard_dumps(value)

    def loads(data: bytes) -> Any:
        # A whole number over 64 bits would become a float, and what is nested deeply could be read and not written.
        if data.translate(_TO_ZEROS).rfind(_OVER_64_BITS) >= 0 or _may_be_deep(data):
            return standard_loads(data)
        try:
            return fast_loads(data)
        except ValueError:
            # NaN and infinity, or something that is no JSON, for which one kind of error is enough.
            return standard_loads(data)

    return dumps, loads


def _choose() -> Pair:
    try:
        import orjson
    except ImportError:
        return _standard()
    return _through(orjson)


def __getattr__(name: str) -> Any:
    global dumps, loads
    if name not in ("dumps", "loads"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    dumps, loads = _choose()
    return globals()[name]
