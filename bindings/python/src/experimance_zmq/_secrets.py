# SPDX-License-Identifier: Apache-2.0
"""Texts that nobody else is to see."""

import ctypes
from collections.abc import Callable
from typing import Any, NoReturn, Self


class Secret:
    """A text in memory of its own, which is wiped when nobody has it any more: `bytes` and `str` never are."""

    __slots__ = ("buffer",)

    def __init__(self, content: bytes) -> None:
        self.buffer = ctypes.create_string_buffer(content)
        """For functions that write it."""

    @classmethod
    def of_size(cls, size: int) -> Self:
        """Room for a text, its NUL included."""
        return cls(bytes(size - 1))

    def __del__(self, _memset: Callable[..., Any] = ctypes.memset, _size: Callable[..., int] = ctypes.sizeof) -> None:
        if hasattr(self, "buffer"):
            _memset(self.buffer, 0, _size(self.buffer))

    @property
    def pointer(self) -> ctypes.c_char_p:
        """For functions and structs that read it; it keeps the buffer, though not from being wiped."""
        return ctypes.cast(self.buffer, ctypes.c_char_p)

    @property
    def value(self) -> bytes:
        """A copy, which is never wiped."""
        return self.buffer.value

    @property
    def is_empty(self) -> bool:
        """Whether there is no text."""
        return self.buffer[0] == b"\0"

    def __repr__(self) -> str:
        return "Secret()"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret can not be copied or pickled")
