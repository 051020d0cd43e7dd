# SPDX-License-Identifier: Apache-2.0
"""Who may come in, as the program says it in Python."""

import asyncio
import gc
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from experimance_zmq import (
    Authenticator,
    AuthenticatorCount,
    AuthRequest,
    Context,
    CurveClient,
    CurveKeyPair,
    CurveServer,
    EventKind,
    PlainClient,
    PlainServer,
    Puller,
    Pusher,
    RetryPolicy,
    ZMQClosedError,
    ZMQInvalidError,
    ZMQSecurityError,
    ZMQStateError,
    ZMQTimeoutError,
    aio,
    curve_keypair,
)

PATIENCE = 20
ONCE = RetryPolicy(max_attempts=1)


class Service:
    """A server with keys in a context of its own."""

    def __init__(self) -> None:
        self.context = Context()
        self.keys = curve_keypair()
        self.puller = Puller(context=self.context, security=CurveServer(self.keys), default_timeout=PATIENCE)
        self.endpoint = self.puller.bind("tcp://127.0.0.1:*")

    @contextmanager
    def client(self, keys: CurveKeyPair) -> Iterator[Pusher]:
        with Pusher(security=CurveClient(keys, self.keys.public_key), retry=ONCE) as pusher:
            pusher.connect(self.endpoint, timeout=PATIENCE)
            yield pusher

    def lets_in(self, keys: CurveKeyPair) -> bool:
        try:
            with self.client(keys) as pusher:
                pusher.send(b"in", timeout=PATIENCE)
                return self.puller.recv() == b"in"
        except ZMQSecurityError:
            return False


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.context.close(linger=0)


def test_nobody_comes_in_without_one(service: Service) -> None:
    assert service.puller.next_event(timeout=PATIENCE).kind is EventKind.NO_AUTHENTICATOR
    assert not service.lets_in(curve_keypair())


def test_key_that_is_allowed_comes_in_and_is_known(service: Service) -> None:
    friend, stranger = curve_keypair(), curve_keypair()
    with Authenticator(service.context) as authenticator:
        authenticator.allow_key(friend, "friend")
        with service.client(friend) as pusher:
            pusher.send(b"x", timeout=PATIENCE)
            message = service.puller.recv(copy=False)
            assert (message.user_id, message.public_key) == ("friend", friend.public_key)
            authenticator.deny_key(friend.public_key, end_links=True)
            event = service.puller.next_event(timeout=PATIENCE)
            while event.kind is not EventKind.LOST:
                event = service.puller.next_event(timeout=PATIENCE)
            assert (event.user_id, event.public_key) == ("friend", friend.public_key)
        assert not service.lets_in(stranger)
        stats = authenticator.stats
        assert (stats.accepted, stats.keys) == (1, 0)
        assert stats.refused == stats.refused_key >= 1
        with pytest.raises(ZMQStateError):
            Authenticator(service.context)
    with pytest.raises(ZMQClosedError):
        authenticator.allow_user(1)
    assert not service.lets_in(friend)


def test_keys_in_a_directory(service: Service, tmp_path: Path) -> None:
    friend = curve_keypair()
    friend.save(tmp_path / "friend")
    with Authenticator(service.context) as authenticator:
        authenticator.allow_keys(tmp_path)
        assert service.lets_in(friend)
        with pytest.raises(ZMQInvalidError):
            authenticator.allow_keys(tmp_path / "nothing")


def test_files_that_change_are_waited_for(service: Service, tmp_path: Path) -> None:
    friend, other = curve_keypair(), curve_keypair()
    friend.save(tmp_path / "friend")
    with Authenticator(service.context) as authenticator:
        authenticator.allow_keys(tmp_path)
        assert authenticator.stats.key_changes == 1
        other.save(tmp_path / "other")
        authenticator.wait(AuthenticatorCount.KEYS, 2, timeout=PATIENCE)
        assert service.lets_in(other)
        before = authenticator.stats.key_changes
        (tmp_path / "friend.key").unlink()
        (tmp_path / "friend.key_secret").unlink()
        while authenticator.stats.keys != 1:
            authenticator.wait(AuthenticatorCount.KEY_CHANGES, before + 1, timeout=PATIENCE)
            before = authenticator.stats.key_changes
        assert not service.lets_in(friend)


def test_what_is_counted_is_waited_for(service: Service) -> None:
    friend = curve_keypair()
    authenticator = Authenticator(service.context)
    authenticator.allow_key(friend)
    assert service.lets_in(friend)
    assert not service.lets_in(curve_keypair())
    for count in AuthenticatorCount:
        value = getattr(authenticator.stats, count.name.lower())
        authenticator.wait(count, value, timeout=0)
        with pytest.raises(ZMQTimeoutError, match=f"{value + 1} of {count.name}"):
            authenticator.wait(count, value + 1, timeout=0)
    waiting = threading.Thread(target=authenticator.wait, args=(AuthenticatorCount.ACCEPTED, 2), kwargs={"timeout": 20})
    waiting.start()
    assert service.lets_in(friend)
    waiting.join(PATIENCE)
    assert not waiting.is_alive()
    authenticator.close()
    with pytest.raises(ZMQClosedError):
        authenticator.wait(AuthenticatorCount.ACCEPTED, 0)


@pytest.mark.parametrize(
    ("field", "arguments", "timeout"),
    [
        ("count", (0,), 1),
        ("count", (16,), 1),
        ("at_least", (AuthenticatorCount.ACCEPTED, -1), 1),
        ("at_least", (AuthenticatorCount.ACCEPTED, 2**64), 1),
        ("timeout", (AuthenticatorCount.ACCEPTED, 1), -1),
    ],
)
def test_waits_that_make_no_sense_are_refused(
    service: Service, field: str, arguments: tuple[int, ...], timeout: float
) -> None:
    with Authenticator(service.context) as authenticator, pytest.raises(ZMQInvalidError, match=field):
        authenticator.wait(*arguments, timeout=timeout)  # type: ignore[arg-type]


def test_function_decides(service: Service) -> None:
    asked: list[AuthRequest] = []

    def decide(request: AuthRequest) -> str | bool | None:
        asked.append(request)
        return "known" if request.public_key == known.public_key else request.public_key == silent.public_key

    known, silent, stranger = curve_keypair(), curve_keypair(), curve_keypair()
    with Authenticator(service.context, decide=decide) as authenticator:
        with service.client(known) as pusher:
            pusher.send(b"x", timeout=PATIENCE)
            assert service.puller.recv(copy=False).user_id == "known"
        assert service.lets_in(silent)
        assert not service.lets_in(stranger)
        assert authenticator.stats.refused_decision == 1
    assert [request.address for request in asked] == ["127.0.0.1"] * 3
    assert asked[0].uid is None


def test_decision_that_fails_is_a_no(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    def decide(_: AuthRequest) -> bool:
        raise RuntimeError("the database is away")

    with Authenticator(service.context, decide=decide):
        assert not service.lets_in(curve_keypair())
    assert "the database is away" in caplog.text


def test_user_id_that_is_too_long_is_a_no(service: Service) -> None:
    with Authenticator(service.context, decide=lambda _: "x" * 256):
        assert not service.lets_in(curve_keypair())


def test_decision_that_takes_long_keeps_a_close_waiting_and_nobody_else(service: Service) -> None:
    may_go, friend = threading.Event(), curve_keypair()
    authenticator = Authenticator(service.context, decide=lambda _: may_go.wait(PATIENCE), decision_timeout=0.02)
    authenticator.allow_key(friend)
    assert not service.lets_in(curve_keypair())
    assert authenticator.stats.refused_late == 1
    assert service.lets_in(friend)
    with pytest.raises(ZMQTimeoutError):
        authenticator.close(timeout=0)
    may_go.set()
    authenticator.close(timeout=PATIENCE)


def test_coroutine_decides() -> None:
    async def run() -> None:
        keys, friend, stranger = curve_keypair(), curve_keypair(), curve_keypair()

        async def decide(request: AuthRequest) -> str | None:
            await asyncio.sleep(0)
            if request.public_key == friend.public_key:
                return "friend"
            await asyncio.Event().wait()
            return "late"

        async with aio.Context() as context:
            puller = aio.Puller(context=context, security=CurveServer(keys), default_timeout=PATIENCE)
            endpoint = await puller.bind("tcp://127.0.0.1:*")
            authenticator = Authenticator(context, decide=decide, decision_timeout=2)
            async with aio.Pusher(security=CurveClient(friend, keys.public_key)) as pusher:
                await pusher.connect(endpoint, timeout=PATIENCE)
                await pusher.send(b"x", timeout=PATIENCE)
                assert await puller.recv() == b"x"
            async with aio.Pusher(security=CurveClient(stranger, keys.public_key), retry=ONCE) as pusher:
                with pytest.raises(ZMQSecurityError):
                    await pusher.connect(endpoint, timeout=PATIENCE)
            authenticator.close(timeout=PATIENCE)
            await puller.close(linger=0)

    asyncio.run(run())


def test_coroutine_needs_a_loop(service: Service) -> None:
    async def decide(_: AuthRequest) -> bool:
        return True

    with pytest.raises(RuntimeError):
        Authenticator(service.context, decide=decide)
    Authenticator(service.context).close()


def test_password_is_never_shown() -> None:
    shown: list[str] = []

    def decide(request: AuthRequest) -> bool:
        shown.append(repr(request))
        return request.password == "hunter2"

    with (
        Context() as context,
        Puller(context=context, security=PlainServer()) as puller,
        Authenticator(context, decide=decide),
        Pusher(security=PlainClient("anna", "hunter2")) as pusher,
    ):
        pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=PATIENCE)
    assert "anna" in shown[0]
    assert "hunter2" not in shown[0]


def test_forgotten_one_ends_with_a_warning(service: Service) -> None:
    authenticator = Authenticator(service.context, decide=lambda _: True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del authenticator
        gc.collect()
    assert any("unclosed Authenticator" in str(warning.message) for warning in caught)
    Authenticator(service.context).close()


@pytest.mark.parametrize("timeout", [0, -1, 4.1, float("nan")])
def test_time_out_of_range(service: Service, timeout: float) -> None:
    with pytest.raises(ZMQInvalidError):
        Authenticator(service.context, decision_timeout=timeout)


def test_wrong_types(service: Service) -> None:
    with pytest.raises(TypeError):
        Authenticator(7)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Authenticator(service.context, decide=7)  # type: ignore[arg-type]


def test_interpreter_ends_while_a_decision_is_made() -> None:
    program = """
import threading
from experimance_zmq import Authenticator, CurveClient, CurveServer, Puller, Pusher, curve_keypair
keys, client = curve_keypair(), curve_keypair()
entered, forever = threading.Event(), threading.Event()
def decide(request):
    entered.set()
    forever.wait()
authenticator = Authenticator(decide=decide, decision_timeout=4)
puller = Puller(security=CurveServer(keys))
pusher = Pusher(security=CurveClient(client, keys.public_key))
pusher.connect(puller.bind("tcp://127.0.0.1:*"), background=True)
entered.wait(20)
print("ends")
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.stdout == "ends\n"
    assert ended.returncode == 0, ended.stderr
