# SPDX-License-Identifier: Apache-2.0
"""What stands for something in the library can not be copied."""

from typing import NoReturn


class NotCopied:
    """Refuses `copy`, `deepcopy` and `pickle`: the copy would be a second owner of the one thing."""

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"a {type(self).__name__} can not be copied, pickled or sent to another process: "
            "open it in the process that uses it"
        )
