# SPDX-License-Identifier: Apache-2.0
"""What a run of these tests makes of a skip."""

import pytest

PASSES = "def test_passes():\n    pass\n"
SKIPS = "import pytest\n\ndef test_skips():\n    pytest.skip('no network')\n"
SKIPS_FOR_NO_REASON = "import pytest\n\ndef test_skips():\n    pytest.skip()\n"
IS_SKIPPED_FOR_NO_REASON = "import pytest\n\n@pytest.mark.skip\ndef test_skips():\n    pass\n"
SKIPS_ALL = "import pytest\n\npytest.skip('no kernel', allow_module_level=True)\n"
FAILS = "def test_fails():\n    raise ValueError\n"
ONE_OF_TWO = "Python tests: 1 of 2 passed, 1 skipped: no network (1)"


@pytest.mark.parametrize(
    ("no_skips", "code", "status", "closing"),
    [
        ("1", PASSES, 0, "Python tests: 1 of 1 passed, 0 skipped"),
        ("", PASSES + SKIPS, 0, ONE_OF_TWO),
        ("1", PASSES + SKIPS, 1, ONE_OF_TWO + "; none may be, by EXZ_NO_SKIPS"),
        ("", PASSES + SKIPS_FOR_NO_REASON, 1, "Python tests: 1 of 2 passed, 1 skipped: for no reason (1)"),
        ("", PASSES + IS_SKIPPED_FOR_NO_REASON, 1, "Python tests: 1 of 2 passed, 1 skipped: for no reason (1)"),
        ("", PASSES + FAILS, 1, "Python tests: 1 of 2 passed, 0 skipped"),
    ],
)
def test_closing_line(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, no_skips: str, code: str, status: int, closing: str
) -> None:
    monkeypatch.setenv("EXZ_NO_SKIPS", no_skips)
    pytester.makepyfile(code)
    result = pytester.runpytest("-p", "no:asyncio", "-p", "skips")
    assert closing in result.outlines
    assert result.ret == status


def test_a_file_that_is_skipped(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXZ_NO_SKIPS", raising=False)
    pytester.makepyfile(test_one=PASSES, test_two=SKIPS_ALL)
    result = pytester.runpytest("-p", "no:asyncio", "-p", "skips")
    assert "Python tests: 1 of 1 passed, 1 skipped: no kernel (1)" in result.outlines
    assert result.ret == 0
