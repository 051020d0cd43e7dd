# SPDX-License-Identifier: Apache-2.0
"""Key files: those of pyzmq are read here, and ours there."""

import os
import stat
from pathlib import Path

import pytest
import zmq
import zmq.auth

from experimance_zmq import (
    CurveClient,
    CurveKeyPair,
    CurveServer,
    Puller,
    Pusher,
    ZMQInvalidError,
    ZMQPermissionError,
    ZMQStateError,
    curve_keypair,
    curve_public_key,
)

AMPLE = 30


def test_a_saved_pair_comes_back(tmp_path: Path) -> None:
    pair = curve_keypair()
    pair.save(tmp_path / "name")
    assert sorted(os.listdir(tmp_path)) == ["name.key", "name.key_secret"]
    assert stat.S_IMODE((tmp_path / "name.key_secret").stat().st_mode) == 0o600
    loaded = CurveKeyPair.load(str(tmp_path / "name.key_secret"))
    assert loaded == pair
    assert loaded.secret_key == pair.secret_key
    assert curve_public_key(tmp_path / "name.key") == pair.public_key
    assert curve_public_key(tmp_path / "name.key_secret") == pair.public_key


def test_pyzmq_reads_what_is_saved_here(tmp_path: Path) -> None:
    pair = curve_keypair()
    pair.save(tmp_path / "name")
    public, secret = pair.public_key.encode(), pair.secret_key.encode()
    assert zmq.auth.load_certificate(tmp_path / "name.key_secret") == (public, secret)
    assert zmq.auth.load_certificate(tmp_path / "name.key") == (public, None)
    assert zmq.auth.load_certificates(tmp_path) == {public: True}
    assert zmq.curve_public(secret) == public


@pytest.mark.parametrize("metadata", [None, {"name": 'Somebody # "quoted', "public-key": "nothing", "e": "=1 '"}])
def test_what_pyzmq_saves_is_read_here(tmp_path: Path, metadata: dict[str, str] | None) -> None:
    public_file, secret_file = zmq.auth.create_certificates(tmp_path, "name", metadata)
    public, secret = zmq.auth.load_certificate(secret_file) if metadata is None else known(secret_file)
    # pyzmq leaves that to the umask.
    os.chmod(secret_file, 0o644)
    with pytest.raises(ZMQPermissionError, match="chmod 600"):
        CurveKeyPair.load(secret_file)
    os.chmod(secret_file, 0o600)
    loaded = CurveKeyPair.load(secret_file)
    assert (loaded.public_key.encode(), loaded.secret_key.encode()) == (public, secret)
    assert curve_public_key(public_file).encode() == public


def known(file: str) -> tuple[bytes, bytes]:
    """The last keys in the file: pyzmq itself would take what metadata calls so."""
    lines = Path(file).read_bytes().splitlines()
    keys = [next(line for line in reversed(lines) if line.strip().startswith(name)) for name in (b"public", b"secret")]
    public, secret = (line.split(b'"')[1] for line in keys)
    return public, secret


def test_a_link_with_pyzmq_carries_either_way() -> None:
    ours, (their_public, their_secret) = curve_keypair(), zmq.curve_keypair()
    with zmq.Context() as context:
        with context.socket(zmq.PULL) as puller, Pusher(security=CurveServer(ours, anybody=True)) as pusher:
            puller.curve_publickey, puller.curve_secretkey = their_public, their_secret
            puller.curve_serverkey = ours.public_key.encode()
            puller.connect(pusher.bind("tcp://127.0.0.1:*"))
            pusher.send(b"to pyzmq", timeout=AMPLE)
            assert puller.poll(AMPLE * 1000)
            assert puller.recv() == b"to pyzmq"
        with context.socket(zmq.PUSH) as sender, Puller(security=CurveClient(ours, their_public)) as receiver:
            sender.curve_publickey, sender.curve_secretkey = their_public, their_secret
            sender.curve_server = True
            sender.bind("tcp://127.0.0.1:*")
            receiver.connect(sender.getsockopt_string(zmq.LAST_ENDPOINT), timeout=AMPLE)
            sender.send(b"from pyzmq")
            assert receiver.recv(timeout=AMPLE) == b"from pyzmq"


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    pair = curve_keypair()
    pair.save(tmp_path / "name")
    with pytest.raises(ZMQStateError, match="left alone"):
        curve_keypair().save(tmp_path / "name")
    assert CurveKeyPair.load(tmp_path / "name.key_secret") == pair


def test_what_can_not_be_read_says_why(tmp_path: Path) -> None:
    with pytest.raises(ZMQInvalidError, match="nowhere"):
        CurveKeyPair.load(tmp_path / "nowhere")
    with pytest.raises(ZMQInvalidError, match="nowhere"):
        curve_keypair().save(tmp_path / "nowhere" / "name")
    with pytest.raises(ZMQInvalidError, match="regular file"):
        curve_public_key(tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(ZMQInvalidError, match="no section"):
        curve_public_key(tmp_path / "empty")
    curve_keypair().save(tmp_path / "name")
    with pytest.raises(ZMQInvalidError, match="public key only"):
        CurveKeyPair.load(tmp_path / "name.key")
    with pytest.raises(ZMQInvalidError, match="path"):
        curve_public_key("with a \0")


def test_another_type_is_no_path() -> None:
    for path in (5, None, b"bytes"):
        with pytest.raises(TypeError):
            curve_public_key(path)  # type: ignore[arg-type]
