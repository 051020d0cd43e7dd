# SPDX-License-Identifier: Apache-2.0
"""Runs the tests of this folder with a program: `run.py EXZ [TEST ...]`.

Ends with a line that also says which were skipped, and why. With EXZ_NO_SKIPS=1 none may be.
"""

import os
import subprocess
import sys
import unittest
from pathlib import Path

COUNT_SKIPS = Path(__file__).resolve().parents[1] / "count-skips"


def main() -> bool:
    program, *names = sys.argv[1:]
    os.environ["EXZ_PROGRAM"] = str(Path(program).resolve())
    result = unittest.main(module=None, exit=False, argv=["run.py", *names]).result
    reasons = "".join(" ".join(reason.split()) + "\n" for _, reason in result.skipped)
    counted = subprocess.run([COUNT_SKIPS], input=reasons, stdout=subprocess.PIPE, text=True, check=False)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    print(f"Command line tests: {result.testsRun} run, {failed} failed, {counted.stdout}", end="", flush=True)
    return result.wasSuccessful() and result.testsRun > 0 and counted.returncode == 0


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
