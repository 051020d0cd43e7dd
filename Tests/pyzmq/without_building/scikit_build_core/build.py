# SPDX-License-Identifier: Apache-2.0
"""Stands where pip looks for what builds pyzmq, which wants compilers: pip only has to be told what the archive is."""

import shutil
from pathlib import Path


def prepare_metadata_for_build_wheel(folder: str, _settings: object = None) -> str:
    made = Path(folder, "pyzmq.dist-info")
    made.mkdir()
    shutil.copy("PKG-INFO", made / "METADATA")
    return made.name
