# SPDX-License-Identifier: Apache-2.0
"""Puts the library into the wheel, where the environment names one. `make wheel` does."""

import os
import sysconfig
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class LibraryHook(BuildHookInterface[Any]):
    """Without EXPERIMANCE_ZMQ_BUNDLE the wheel is one for every platform, and brings no library."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Is called before the wheel is written."""
        library = os.environ.get("EXPERIMANCE_ZMQ_BUNDLE")
        if not library or version == "editable":
            return
        build_data["force_include"][library] = "experimance_zmq/libexperimance_zmq.so.0"
        build_data["pure_python"] = False
        # For any Python; auditwheel says for which systems.
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"
