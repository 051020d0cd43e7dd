# SPDX-License-Identifier: Apache-2.0
"""JSON means the same with orjson and without."""

import collections
import dataclasses
import datetime
import enum
import math
import os
import random
import uuid
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from experimance_zmq import _json

STANDARD_DUMPS, STANDARD_LOADS = _json._standard()
FAST_DUMPS, FAST_LOADS = _json._through(orjson)


class Color(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Kind(enum.StrEnum):
    A = "a"


class Text(str):
    pass


class Number(int):
    def __repr__(self) -> str:
        return "not this"


class Ratio(float):
    pass


@dataclasses.dataclass
class Point:
    x: int


Pair = collections.namedtuple("Pair", "a b")

SAMPLE_ID = uuid.UUID(int=5)

VALUES: list[Any] = [
    None,
    [None, math.nan],
    {"none": None, "color": Color.RED, "id": SAMPLE_ID},
    "null",
    math.nan,
    math.inf,
    {"deep": [[-math.inf]]},
    -0.0,
    1e16,
    1e-7,
    0.1,
    5e-324,
    2**63 - 1,
    2**63,
    -(2**63),
    -(2**63) - 1,
    2**64 - 1,
    2**64,
    10**40,
    True,
    "größer \x7f\u2028 \U0001f600",
    "\ud800",
    {"\udfff": 1},
    {1: "one", None: 2, 1.5: 3, False: 4},
    {Kind.A: 1, Level.HIGH: 2},
    {Color.RED: 1},
    {SAMPLE_ID: 1},
    {Text("key"): Text("value")},
    [Level.HIGH, Kind.A, Color.RED],
    [Number(7), Ratio(0.5), Ratio("nan")],
    (1, (2,)),
    Pair(1, 2),
    collections.OrderedDict(b=1, a=2),
    collections.defaultdict(int, a=1),
    SAMPLE_ID,
    Point(1),
    datetime.datetime(2024, 1, 1),
    datetime.date(2024, 1, 1),
    datetime.time(1),
    {1, 2},
    b"bytes",
    1j,
    object(),
]

TEXTS = [
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"-9999999999999999999",
    b"9999999999999999999",
    b'{"a": [1, -10000000000000000000]}',
    b'["100000000000000000000", 1.00000000000000000000001]',
    b"1" * 5000,
    b"-0",
    b"-0.0",
    b"1e999",
    b"-1e999",
    b"1e-999",
    b"[NaN, Infinity, -Infinity]",
    b"nan",
    b'"\\ud800"',
    b'"\xed\xa0\x80"',
    b'"\xff"',
    b'"\t"',
    b"\xef\xbb\xbf[1]",
    "[1]".encode("utf-16"),
    b'{"a": 1, "b": 2, "a": 3}',
    b" \t\r\n1 ",
    b"\x0c1",
    b"",
    b"[1,]",
    b"01",
    b"+1",
    b".5",
    b"1.",
    b"1 2",
    b"null",
    b"'a'",
    b'{"caf\\udce9": "\\udce9.jpg"}',
    b'"\xed\xb3\xa9"',
    b'"\\ud83d\\ude00"',
    b"[" * 250 + b"]" * 250,
    b"[" * 600 + b"]" * 600,
    b"[" * 1010 + b"]" * 1010,
    b'{"a":' * 1010 + b"1" + b"}" * 1010,
    b"[" * 100_000,
    b'["' + b"[" * 1000 + b'"]',
    b"[" + b'{"a":[1]},' * 2000 + b"1]",
]


def meaning(function: Callable[[Any], Any], argument: Any) -> str:
    """What comes of it, so that 1 and 1.0 differ and NaN is NaN; or the kind of its error."""
    try:
        return repr(function(argument))
    except (TypeError, ValueError) as error:
        return type(error).__name__


def sent(dumps: Callable[[Any], bytes]) -> Callable[[Any], Any]:
    """What any reader of JSON gets."""
    return lambda value: STANDARD_LOADS(dumps(value))


def assert_same_when_sent(value: Any) -> None:
    assert meaning(sent(FAST_DUMPS), value) == meaning(sent(STANDARD_DUMPS), value)


def assert_same_when_received(text: bytes) -> None:
    assert meaning(FAST_LOADS, text) == meaning(STANDARD_LOADS, text)


@pytest.mark.parametrize("value", VALUES, ids=ascii)
def test_values_mean_the_same_when_sent(value: Any) -> None:
    assert_same_when_sent(value)
    assert_same_when_sent({"in": [value, 1]})


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:30]))
def test_texts_mean_the_same_when_received(text: bytes) -> None:
    assert_same_when_received(text)


def assert_received_can_be_sent(text: bytes) -> None:
    for dumps, loads in ((FAST_DUMPS, FAST_LOADS), (STANDARD_DUMPS, STANDARD_LOADS)):
        try:
            value = loads(text)
        except ValueError:
            continue
        assert repr(loads(dumps(value))) == repr(value)


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: ascii(text[:30]))
def test_what_is_received_can_be_sent(text: bytes) -> None:
    assert_received_can_be_sent(text)


@pytest.mark.parametrize("dumps", [FAST_DUMPS, STANDARD_DUMPS], ids=["orjson", "standard"])
def test_a_name_of_a_file_that_is_not_utf8_is_sent(dumps: Callable[[Any], bytes]) -> None:
    assert dumps({os.fsdecode(b"caf\xe9"): 1}) == b'{"caf\\udce9":1}'


@pytest.mark.parametrize("loads", [FAST_LOADS, STANDARD_LOADS], ids=["orjson", "standard"])
def test_json_that_is_nested_too_deeply_is_a_value_error(loads: Callable[[bytes], Any]) -> None:
    for text in (b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            loads(text)


@pytest.mark.parametrize("dumps", [FAST_DUMPS, STANDARD_DUMPS], ids=["orjson", "standard"])
def test_what_is_sent_is_what_the_standard_library_sends(dumps: Callable[[Any], bytes]) -> None:
    assert dumps([math.nan, -math.inf, None]) == b"[NaN,-Infinity,null]"
    for refused in (datetime.datetime(2024, 1, 1), Point(1), object()):
        with pytest.raises(TypeError, match="not JSON serializable"):
            dumps([refused])
    circular: list[Any] = []
    circular.append(circular)
    with pytest.raises(ValueError, match="Circular"):
        dumps(circular)


@pytest.mark.parametrize("dumps", [FAST_DUMPS, STANDARD_DUMPS], ids=["orjson", "standard"])
def test_members_of_enums_and_uuids_are_sent_beside_a_none_too(dumps: Callable[[Any], bytes]) -> None:
    assert dumps([Color.RED, SAMPLE_ID, None]) == b'["red","00000000-0000-0000-0000-000000000005",null]'


@pytest.mark.parametrize("loads", [FAST_LOADS, STANDARD_LOADS], ids=["orjson", "standard"])
@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 2**64 - 1, 2**64, 10**19, -(10**19), 10**30])
def test_whole_numbers_stay_whole(number: int, loads: Callable[[bytes], Any]) -> None:
    value = loads(b'{"a":%d}' % number)["a"]
    assert type(value) is int
    assert value == number


class Generator:
    """Values and texts, the odd ones more often than in life."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def value(self, depth: int = 4) -> Any:
        kind = self._random.randrange(9 if depth else 6)
        if kind >= 6:
            count = self._random.randrange(5)
            if kind == 6:
                return [self.value(depth - 1) for _ in range(count)]
            if kind == 7:
                return tuple(self.value(depth - 1) for _ in range(count))
            return {self._key(): self.value(depth - 1) for _ in range(count)}
        return (self._whole, self._float, self._text, self._word, self._whole, self._odd)[kind]()

    def mutated(self, text: bytes) -> bytes:
        """A text with a few bytes changed, which may be JSON no more."""
        changed = bytearray(text)
        for _ in range(self._random.randrange(4)):
            place = self._random.randrange(len(changed))
            changed[place] = self._random.choice(b'0123456789-+.eE"[]{},: \\nulNaI\x80\xff')
        return bytes(changed)

    def _whole(self) -> int:
        return self._random.choice([1, -1]) * self._random.getrandbits(self._random.choice([3, 31, 62, 63, 64, 65, 90]))

    def _float(self) -> float:
        return self._random.choice(
            [
                self._random.uniform(-1, 1),
                self._random.uniform(-1, 1) * 10.0 ** self._random.randrange(-320, 308),
                float(self._random.randrange(10**17)),
                math.nan,
                math.inf,
                -0.0,
            ]
        )

    def _text(self) -> str:
        alphabet = 'abc019-"\\/\x00\n\x7fé€\u2028\U0001f600'
        return "".join(self._random.choice(alphabet) for _ in range(self._random.randrange(24)))

    def _word(self) -> Any:
        return self._random.choice([None, True, False, "null", "NaN", ""])

    def _odd(self) -> Any:
        return self._random.choice(VALUES)

    def _key(self) -> Any:
        return self._random.choice([self._text, self._text, self._text, self._whole, self._word])()


@pytest.mark.parametrize("seed", range(20))
def test_random_values_and_texts_mean_the_same(seed: int) -> None:
    generator = Generator(seed)
    for _ in range(200):
        value = generator.value()
        assert_same_when_sent(value)
        try:
            text = STANDARD_DUMPS(value)
        except (TypeError, ValueError):
            continue
        assert_same_when_received(text)
        mutated = generator.mutated(text)
        assert_same_when_received(mutated)
        assert_received_can_be_sent(mutated)
