# SPDX-License-Identifier: Apache-2.0
"""Messages of pyzmq's programs on this library: frames, copies, trackers; with stock pyzmq at the other end."""

import copy

import pytest
import zmq

from foreign_sockets import MakeForeign
from on_backend import on_backend, run
from pyzmq_sockets import PATIENCE_MS, Socket, bound, of, pair


def test_messages_go_to_stock_pyzmq_and_come_back(pyzmq: MakeForeign) -> None:
    stock = pyzmq(zmq.DEALER)
    port = stock.bind_to_random_port("tcp://127.0.0.1")
    done = run(
        "import zmq\n"
        "socket = zmq.Context.instance().socket(zmq.DEALER)\n"
        f"socket.connect('tcp://127.0.0.1:{port}')\n"
        f"socket.RCVTIMEO = socket.SNDTIMEO = {PATIENCE_MS}\n"
        "socket.send(b'alone')\n"
        "socket.send_multipart([b'one', b'', b'y' * 100_000])\n"
        "socket.close()\n"
    )
    assert done.returncode == 0, done.stderr
    # The program has ended: what it had queued was still sent.
    assert stock.recv_multipart() == [b"alone"]
    assert stock.recv_multipart() == [b"one", b"", b"y" * 100_000]


@on_backend
def test_a_message_is_sent_whole_or_not_at_all() -> None:
    first, second = pair()
    second.send(b"a", zmq.SNDMORE)
    assert first.poll(50) == 0
    second.send(b"b")
    assert first.recv() == b"a"
    assert first.getsockopt(zmq.RCVMORE) == 1
    assert first.recv(copy=False).bytes == b"b"
    assert first.getsockopt(zmq.RCVMORE) == 0


@on_backend
def test_frames_show_the_memory_of_a_message() -> None:
    first, second = pair()
    second.send_multipart([b"one", b"two" * 50_000])
    frames = first.recv_multipart(copy=False)
    assert [frame.more for frame in frames] == [True, False]
    shown = memoryview(frames[1])  # type: ignore[arg-type]
    assert bytes(shown) == frames[1].bytes == b"two" * 50_000
    assert frames[1].buffer is frames[1].buffer
    assert len(copy.copy(frames[1])) == 150_000
    assert frames[0]["Socket-Type"] == "PAIR"
    assert frames[0].get("Peer-Address") == "127.0.0.1"
    with pytest.raises(zmq.ZMQError):
        frames[0].get("Admission-Mark")
    with pytest.raises(zmq.ZMQError):
        frames[0].get("__fd")
    first.send_multipart(frames)
    assert second.recv_multipart() == [b"one", b"two" * 50_000]


@on_backend
def test_what_is_not_known_of_a_message_is_an_error_that_says_so() -> None:
    with pytest.raises(zmq.ZMQError, match="User-Id") as raised:
        zmq.Frame(b"new").get("User-Id")
    assert raised.value.errno == zmq.EINVAL


@on_backend
def test_what_has_come_over_the_network_can_be_written_to_and_within_the_process_not() -> None:
    first, second = pair()
    for size in (1, 10_000):
        second.send(b"a" * size)
        frame = first.recv(copy=False)
        frame.buffer[:1] = b"b"
        assert frame.bytes == b"b" + b"a" * (size - 1)
    near, far = of(zmq.PAIR), of(zmq.PAIR)
    near.bind("inproc://near")
    far.connect("inproc://near")
    constant = b"constant" * 1000
    far.send(constant, copy=False)
    with pytest.raises(TypeError):
        near.recv(copy=False).buffer[:1] = b"b"
    assert constant == b"constant" * 1000


@on_backend
def test_memory_is_lent_and_its_tracker_says_when_it_is_back() -> None:
    first, second = of(zmq.PAIR), of(zmq.PAIR)
    first.bind("inproc://lent")
    second.connect("inproc://lent")
    data = bytearray(1 << 20)
    tracker = second.send(data, copy=False, track=True)
    # Within the process the receiver has the sender's own memory.
    frame = first.recv(copy=False)
    assert not tracker.done
    with pytest.raises(BufferError):
        data.append(1)
    with pytest.raises(zmq.NotDone):
        tracker.wait(0.01)
    assert len(frame) == 1 << 20
    del frame
    tracker.wait(PATIENCE_MS / 1000)
    data.append(1)


@on_backend
def test_a_frame_that_is_sent_twice_is_done_when_both_are_and_nobody_has_it() -> None:
    first, second = pair()
    frame = zmq.Frame(bytearray(100_000), copy=False, track=True)
    trackers = [second.send(frame, copy=False) for _ in range(2)]
    assert [len(first.recv()) for _ in range(2)] == [100_000] * 2
    assert not frame.tracker.done
    del frame
    for tracker in trackers:
        tracker.wait(PATIENCE_MS / 1000)


@on_backend
def test_short_messages_are_copied_and_done() -> None:
    _, second = pair()
    assert second.send(b"short", copy=False, track=True).done
    with pytest.raises(ValueError, match="not tracked"):
        second.send(zmq.Frame(b"data"), track=True)


@on_backend
def test_a_frame_is_received_into_memory_and_cut_to_it() -> None:
    first, second = pair()
    second.send_multipart([b"12345678", b"12345678"])
    room = bytearray(10)
    assert first.recv_into(room, nbytes=4) == 8
    assert room == b"1234" + bytes(6)
    assert first.recv_into(room) == 8
    assert room == b"12345678" + bytes(2)
    with pytest.raises(BufferError):
        first.recv_into(b"constant")


@on_backend
def test_what_is_no_message_is_refused() -> None:
    _, second = pair()
    for wrong in ("text", 5, None):
        with pytest.raises(TypeError):
            second.send(wrong)  # type: ignore[call-overload]
    with pytest.raises(TypeError):
        zmq.Frame("text")


@on_backend
def test_faces_of_one_socket_share_what_is_half_received_and_half_sent() -> None:
    first, second = pair()
    face: Socket = zmq.Socket.shadow(second.underlying)
    second.send(b"a", zmq.SNDMORE)
    face.send(b"b")
    assert first.recv() == b"a"
    other = zmq.Socket(first)
    assert other.getsockopt(zmq.RCVMORE) == 1
    assert other.recv() == b"b"
    assert first.getsockopt(zmq.RCVMORE) == 0
    other.close()
    assert first.closed


@on_backend
def test_a_message_without_room_is_refused_at_its_first_frame() -> None:
    socket = of(zmq.PUSH)
    with pytest.raises(zmq.Again):
        socket.send(b"a", zmq.SNDMORE | zmq.DONTWAIT)
    receiver = of(zmq.PULL)
    socket.connect(bound(receiver))
    assert socket.poll(PATIENCE_MS, zmq.POLLOUT)
    socket.send_multipart([b"c", b"d"], zmq.DONTWAIT)
    assert receiver.recv_multipart() == [b"c", b"d"]


def test_memory_in_another_order_goes_as_it_lies() -> None:
    pytest.importorskip("_testbuffer")
    done = run(
        "import _testbuffer, zmq\n"
        "first, second = (zmq.Context.instance().socket(zmq.PAIR) for _ in range(2))\n"
        "first.bind('inproc://a')\n"
        "second.connect('inproc://a')\n"
        f"second.RCVTIMEO = {PATIENCE_MS}\n"
        "for rows in (2, 50_000):\n"
        "    lies = bytes(number % 251 for number in range(3 * rows))\n"
        "    turned = _testbuffer.ndarray(\n"
        "        list(lies), shape=[rows, 3], format='B', flags=_testbuffer.ND_FORTRAN\n"
        "    )\n"
        "    for copy in (True, False):\n"
        "        first.send(memoryview(turned), copy=copy)\n"
        "        assert second.recv() == lies\n"
        "        assert zmq.Frame(turned, copy=copy).bytes == lies\n"
    )
    assert done.returncode == 0, done.stderr
