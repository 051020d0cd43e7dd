# SPDX-License-Identifier: Apache-2.0
"""What can be closed works in a `with` statement."""

from types import TracebackType
from typing import Self

from .errors import ZMQForkedError


class Closing:
    """Closes itself at the end of a `with` statement; not in the child of a fork, where it is the parent's to close."""

    def close(self) -> object:
        """Ends it."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.close()
        except Exception as failure:
            # It would hide what the body has raised.
            if not isinstance(failure.__cause__ or failure, ZMQForkedError):
                raise
