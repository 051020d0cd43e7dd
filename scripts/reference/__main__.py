# SPDX-License-Identifier: Apache-2.0
"""Writes the reference of the C interface, which is made from the header, and of the command line, from its help.

python3 -m reference man FOLDER              man pages of the functions; prints the names of their files
python3 -m reference commands FOLDER <HELP   man pages of exz, from what `exz --experimental-dump-help` writes
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from header import HEADER, Header, NotUnderstoodError

from . import commands, man, markdown
from .pages import Pages
from .roff import Edition


def main(arguments: list[str]) -> int:
    """The exit status."""
    if len(arguments) != 2 or arguments[0] not in ("man", "commands", "markdown"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        header = Header()
    except NotUnderstoodError as error:
        print(f"the header is not understood: {error}", file=sys.stderr)
        return 1
    edition, folder = Edition(version_of(header), date()), Path(arguments[1])
    if arguments[0] == "man":
        written = man.files(Pages(header), edition)
    elif arguments[0] == "commands":
        written = commands.files(sys.stdin.read(), edition)
    else:
        written = markdown.files(Pages(header))
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(written):
        (folder / name).write_text(written[name], encoding="utf-8")
        print(name)
    return 0


def version_of(header: Header) -> str:
    """The version that the header is of."""
    return ".".join(str(header.constants[f"EXZ_VERSION_{part}"]) for part in ("MAJOR", "MINOR", "PATCH"))


def date() -> str:
    """The day the header is from; the one that who builds packages says, so that they build the same twice."""
    seconds = float(os.environ.get("SOURCE_DATE_EPOCH") or HEADER.stat().st_mtime)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
