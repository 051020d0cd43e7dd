# SPDX-License-Identifier: Apache-2.0
"""Sockets with keys and passwords: what they carry, whom they refuse, and what they never show."""

import asyncio
import copy
import gc
import pickle
from typing import Any

import pytest

from data_lines import DataLine, data_lines
from experimance_zmq import (
    CurveClient,
    CurveKeyPair,
    CurveServer,
    Guarded,
    PlainClient,
    PlainServer,
    Puller,
    Pusher,
    RetryPolicy,
    Security,
    ZMQInvalidError,
    ZMQNotSupportedError,
    ZMQSecurityError,
    ZMQSocketError,
    ZMQTimeoutError,
    aio,
    curve_keypair,
    z85_decode,
    z85_encode,
)
from experimance_zmq.errors import class_of

AMPLE = 30
TWICE = RetryPolicy(max_attempts=2, initial_backoff=0.01)
ENDPOINT = "tcp://127.0.0.1:*"

BAD_SECURITY = data_lines("bad-security.tsv", columns=4)


def test_a_curve_link_carries() -> None:
    server, client = curve_keypair(), curve_keypair()
    with (
        Puller(security=CurveServer(server, anybody=True)) as puller,
        Pusher(security=CurveClient(client, server.public_key)) as pusher,
    ):
        pusher.connect(puller.bind(ENDPOINT), timeout=AMPLE)
        pusher.send(b"secret", timeout=AMPLE)
        assert puller.recv(timeout=AMPLE) == b"secret"


def test_a_curve_link_carries_in_an_event_loop() -> None:
    async def carry() -> bytes:
        server = curve_keypair()
        security = CurveClient(curve_keypair(), server.public_key.encode())
        async with (
            aio.Puller(security=CurveServer(server.secret_key, anybody=True)) as puller,
            aio.Pusher(security=security) as pusher,
        ):
            await pusher.connect(await puller.bind(ENDPOINT), timeout=AMPLE)
            await pusher.send(b"secret", timeout=AMPLE)
            return await puller.recv(timeout=AMPLE)

    assert asyncio.run(carry()) == b"secret"


def test_keys_are_the_socket_s_own_once_it_is_open() -> None:
    server = curve_keypair()
    puller = Puller(security=CurveServer(server, anybody=True))
    pusher = Pusher(security=CurveClient(curve_keypair(), server.public_key))
    del server
    gc.collect()
    with puller, pusher:
        pusher.connect(puller.bind(ENDPOINT), timeout=AMPLE)
        pusher.send(b"secret", timeout=AMPLE)
        assert puller.recv(timeout=AMPLE) == b"secret"


@pytest.mark.parametrize(
    ("server", "client"),
    [
        (CurveServer(curve_keypair()), None),
        (PlainServer(), PlainClient("user", "password")),
        (Guarded(), None),
        (Guarded(), Guarded()),
    ],
    ids=repr,
)
def test_a_server_is_closed_by_default(server: Security, client: Security | None) -> None:
    with Puller(security=server) as puller, Pusher(security=client, retry=TWICE) as pusher:
        with pytest.raises(ZMQSocketError):
            pusher.connect(puller.bind(ENDPOINT), timeout=AMPLE)
        with pytest.raises(ZMQTimeoutError):
            puller.recv(timeout=0)
        assert puller.stats.peers == 0


def test_another_key_is_refused() -> None:
    with (
        Puller(security=CurveServer(curve_keypair(), anybody=True)) as puller,
        Pusher(security=CurveClient(curve_keypair(), curve_keypair().public_key), retry=TWICE) as pusher,
        pytest.raises(ZMQSecurityError),
    ):
        pusher.connect(puller.bind(ENDPOINT), timeout=AMPLE)


def test_security_stays_as_it_is_and_its_secret_is_not_read_back() -> None:
    with Puller(security=CurveServer(curve_keypair(), anybody=True)) as puller:
        with pytest.raises(ZMQNotSupportedError):
            puller.set_option(47, 0)
        with pytest.raises(ZMQNotSupportedError):
            puller.get_option_bytes(49)


# What is refused


def made(line: DataLine) -> Security:
    """The security that the line says; making it may fail already."""
    pairs = [change.split("=", 1) for change in line.columns[0].split(" ")]
    said = {name: line.text(written) for name, written in pairs}
    match int(said["mechanism"]):
        case 1:
            return CurveClient(CurveKeyPair(said["secret_key"]), said["server_key"])
        case 2:
            return CurveServer(said["secret_key"])
        case 3:
            return PlainClient(said["username"], said["password"])
    pytest.fail(f"{line} has a mechanism that can not be bad in Python")


@pytest.mark.parametrize("line", BAD_SECURITY, ids=str)
def test_bad_security(line: DataLine) -> None:
    with pytest.raises(class_of(line.status(line.columns[1]))) as caught:
        Puller(security=made(line))
    assert line.columns[2] in str(caught.value)
    for name in ("secret_key", "password"):
        secret = line.columns[0].partition(f"{name}=")[2].split(" ")[0]
        assert len(secret) < 9 or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("make", "arguments", "named"),
    [
        (CurveServer, (5,), "secret_key"),
        (CurveServer, (None,), "secret_key"),
        (CurveClient, ("text", "text"), "keypair"),
        (CurveClient, (curve_keypair(), None), "server_key"),
        (CurveClient, (curve_keypair(), bytearray(40)), "server_key"),
        (PlainClient, (None, "password"), "username"),
        (PlainClient, ("user", 7), "password"),
        (CurveKeyPair, (curve_keypair(),), "secret_key"),
    ],
)
def test_another_type(make: Any, arguments: Any, named: str) -> None:
    with pytest.raises(TypeError, match=named):
        make(*arguments)


@pytest.mark.parametrize("security", ["curve", curve_keypair(), CurveServer, 5])
def test_what_is_no_security(security: Any) -> None:
    with pytest.raises(TypeError, match="security"):
        Puller(security=security)


@pytest.mark.parametrize("with_nul", ["us\0er", b"us\0er"])
def test_a_nul_is_not_cut_off(with_nul: Any) -> None:
    for make, named in (
        (lambda: PlainClient(with_nul, "password"), "username"),
        (lambda: PlainClient("user", with_nul), "password"),
        (lambda: CurveKeyPair(with_nul), "secret_key"),
        (lambda: CurveClient(curve_keypair(), with_nul), "server_key"),
        (lambda: z85_decode(with_nul), "encoded"),
    ):
        with pytest.raises(ZMQInvalidError, match=named):
            make()


# What is not shown


def secrets() -> list[tuple[Any, str]]:
    """What has a secret, with that."""
    pair = curve_keypair()
    return [
        (pair, pair.secret_key),
        (CurveServer(pair), pair.secret_key),
        (CurveClient(pair, pair.public_key), pair.secret_key),
        (PlainClient("user", "the password"), "the password"),
        (pair._secret, pair.secret_key),
    ]


@pytest.mark.parametrize(("holder", "secret"), secrets(), ids=lambda value: type(value).__name__)
def test_a_secret_is_never_shown_or_pickled(holder: Any, secret: str) -> None:
    for shown in (repr(holder), str(holder), f"{holder}", repr([holder]), repr({"a": holder})):
        assert secret not in shown
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(holder)


def test_copies_are_the_same_object() -> None:
    pair = curve_keypair()
    security = CurveServer(pair)
    assert copy.copy(pair) is pair
    assert copy.deepcopy(pair) is pair
    assert copy.copy(security) is security
    assert copy.deepcopy([security])[0] is security


def test_pairs_are_equal_where_their_public_keys_are() -> None:
    pair = curve_keypair()
    assert pair == CurveKeyPair(pair.secret_key.encode())
    assert hash(pair) == hash(CurveKeyPair(pair.secret_key))
    assert pair != curve_keypair()
    assert pair != pair.public_key


def test_a_secret_is_wiped_with_its_owner() -> None:
    pair, plain = curve_keypair(), PlainClient("user", "password")
    buffers = [pair._secret.buffer, plain._password.buffer]
    assert all(any(buffer.raw) for buffer in buffers)
    server = CurveServer(pair)
    del pair, plain
    gc.collect()
    assert any(buffers[0].raw), "the server has it still"
    del server
    gc.collect()
    assert not any(any(buffer.raw) for buffer in buffers)


# Z85


def test_z85_is_that_of_the_standard() -> None:
    assert z85_encode(bytes.fromhex("864FD26FB559F75B")) == "HelloWorld"
    assert z85_decode("HelloWorld") == z85_decode(b"HelloWorld") == bytes.fromhex("864FD26FB559F75B")
    assert z85_encode(b"") == ""
    assert z85_decode("") == b""
    assert z85_encode(memoryview(bytearray(4))) == "00000"


@pytest.mark.parametrize("text", ["Hello1", "Hell\u00e9", "~~~~~", "#####", "\udc80ello", " ello"])
def test_what_is_not_z85(text: str) -> None:
    with pytest.raises(ZMQInvalidError):
        z85_decode(text)


def test_bytes_that_have_no_text() -> None:
    with pytest.raises(ZMQInvalidError, match="multiple of 4"):
        z85_encode(b"12345")
