# SPDX-License-Identifier: Apache-2.0
"""Sends and receives of `experimance_zmq.pyzmq.asyncio`: futures, as those of zmq.asyncio are."""

import asyncio
import tempfile
import threading

import pytest
import zmq

from pyzmq_tasks import Socket, Sockets, in_loops, soon, until


@in_loops
async def test_each_receive_is_the_next_one_s(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    first, second = pull.recv(), pull.recv()
    assert not first.done()
    assert not second.done()
    await push.send_multipart([b"a", b"b"])
    assert await soon(second) == b"b"
    assert first.done()
    assert first.result() == b"a"
    assert pull.getsockopt(zmq.RCVMORE) == 1


@in_loops
async def test_messages_are_made_into_what_is_asked_for(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await push.send_string("päck")
    assert await soon(pull.recv_string()) == "päck"
    await push.send_json({"n": [1, None]})
    assert await soon(pull.recv_json()) == {"n": [1, None]}
    await push.send_pyobj({1, 2})
    assert await soon(pull.recv_pyobj()) == {1, 2}
    await push.send_serialized([b"x", b"y"], lambda parts: [b"head", *parts])
    assert await soon(pull.recv_serialized(lambda frames: b"-".join(frames))) == b"head-x-y"
    await push.send_multipart([b"1", b"2"])
    assert await soon(pull.recv_multipart()) == [b"1", b"2"]
    room = bytearray(3)
    await push.send(b"12345")
    assert await soon(pull.recv_into(room)) == 5
    assert room == b"123"


@in_loops
async def test_frames_show_memory_and_know_their_sender(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    tracker = await soon(push.send(bytearray(200_000), copy=False, track=True))
    frame = await soon(pull.recv(copy=False))
    assert len(frame.bytes) == 200_000
    assert frame.get("Peer-Address") == "127.0.0.1"
    await asyncio.to_thread(tracker.wait, 10)
    await push.send_multipart([b"a", b"b"])
    frames = await soon(pull.recv_multipart(copy=False))
    assert [(part.bytes, part.more) for part in frames] == [(b"a", True), (b"b", False)]
    await push.send(b"plain")
    assert await soon(pull.recv()) == b"plain"


@in_loops
async def test_what_can_not_be_decoded_is_used_up(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    for text in ("[", "[1]", "[", "[2]"):
        await push.send_string(text)
    with pytest.raises(ValueError, match="Expecting"):
        await soon(pull.recv_json())
    assert await soon(pull.recv_json()) == [1]
    future = pull.recv_json()
    await until(future.done)
    # It says so without being awaited, too.
    assert isinstance(future.exception(), ValueError)
    assert not future.cancel()
    assert await soon(pull.recv_json()) == [2]


@in_loops
async def test_time_outs_are_again(sockets: Sockets) -> None:
    pull, _ = sockets.listening(zmq.PULL, rcvtimeo=10)
    with pytest.raises(zmq.Again):
        await soon(pull.recv_string())
    push = sockets.of(zmq.PUSH, sndtimeo=10)
    with pytest.raises(zmq.Again):
        await soon(push.send(b"to nobody"))
    assert pull.recv(zmq.NOBLOCK).done()
    assert isinstance(push.send(b"to nobody", zmq.NOBLOCK).exception(), zmq.Again)
    with pytest.raises(zmq.Again):
        await pull.recv_multipart(zmq.NOBLOCK)


@in_loops
async def test_a_failure_that_nobody_looks_at_is_told(sockets: Sockets) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, what: told.append(what["message"]))
    pull, _ = sockets.listening(zmq.PULL)
    pull.recv(zmq.NOBLOCK)
    await until(lambda: told)
    assert "never retrieved" in told[0]


@in_loops
async def test_a_send_waits_for_its_peer_and_others_behind_it(sockets: Sockets) -> None:
    push = sockets.of(zmq.PUSH)
    sends = [push.send(b"%d" % number) for number in range(3)]
    assert not any(future.done() for future in sends)
    # What is cancelled is not sent.
    assert sends[1].cancel()
    pull, endpoint = sockets.listening(zmq.PULL)
    push.connect(endpoint)
    assert [await soon(pull.recv()) for _ in range(2)] == [b"0", b"2"]
    await soon(sends[2])


@in_loops
async def test_a_full_queue_is_waited_for(sockets: Sockets) -> None:
    pull, push = sockets.pair(sndhwm=4, rcvhwm=4, sndbuf=4096, rcvbuf=4096)
    count = 2000
    sending = asyncio.ensure_future(_send_all(push, count))
    received = [await soon(pull.recv()) for _ in range(count)]
    assert received == [b"%d" % number + b"x" * 500 for number in range(count)]
    await soon(sending)


async def _send_all(push: Socket, count: int) -> None:
    for number in range(count):
        await push.send(b"%d" % number + b"x" * 500)


@in_loops
async def test_a_full_peer_of_a_router_is_waited_for(sockets: Sockets) -> None:
    few = {"sndhwm": 2, "rcvhwm": 2, "sndbuf": 4096, "rcvbuf": 4096}
    router, endpoint = sockets.listening(zmq.ROUTER, router_mandatory=1, **few)
    full = sockets.of(zmq.DEALER, routing_id=b"full", **few)
    idle = sockets.of(zmq.DEALER, routing_id=b"idle", **few)
    for peer in full, idle:
        peer.connect(endpoint)
        await soon(peer.send(b"hello"))
        await soon(router.recv_multipart())
    sends = [router.send_multipart([b"full", b"x" * 5000]) for _ in range(50)]
    await soon(sends[0])
    assert not sends[-1].done()
    for _ in sends:
        await soon(full.recv())
    await soon(sends[-1])


@in_loops
async def test_a_request_may_be_received_for_before_it_is_sent(sockets: Sockets) -> None:
    replier, requester = sockets.pair(zmq.REP, zmq.REQ)
    for number in range(3):
        answer, request = requester.recv_string(), replier.recv_string()
        await soon(requester.send_string(f"{number}?"))
        assert await soon(request) == f"{number}?"
        next_request = replier.recv()
        assert not next_request.done()
        next_request.cancel()
        await soon(replier.send_string(f"{number}!"))
        assert await soon(answer) == f"{number}!"
    with pytest.raises(zmq.ZMQError) as raised:
        await soon(requester.recv(zmq.NOBLOCK))
    assert raised.value.errno == zmq.EFSM


@in_loops
async def test_calls_that_need_not_wait_let_others_run(sockets: Sockets) -> None:
    publisher = sockets.of(zmq.PUB)
    publisher.bind("inproc://any")
    turns: list[None] = []
    others = asyncio.ensure_future(_take_turns(turns))
    while len(turns) < 3:
        await publisher.send(b"to nobody")
    pull, push = sockets.pair(sndhwm=0, rcvhwm=0)
    for _ in range(4000):
        await soon(push.send(b"x"))
    before = len(turns)
    for _ in range(2000):
        await pull.recv()
    for _ in range(2000):
        await asyncio.wait_for(pull.recv_string(), 10)
    assert len(turns) > before
    others.cancel()
    await asyncio.wait([others])


async def _take_turns(turns: list[None]) -> None:
    while True:
        turns.append(None)
        await asyncio.sleep(0)


@in_loops
async def test_sends_that_nobody_awaits_are_sent_before_the_end(sockets: Sockets) -> None:
    pull, push = sockets.pair(sndhwm=0, rcvhwm=0)
    await soon(push.send(b"first"))
    count = 1600
    for number in range(count):
        push.send(b"%d" % number)
    push.close(linger=10_000)
    assert await soon(pull.recv()) == b"first"
    assert [await soon(pull.recv()) for _ in range(count)] == [b"%d" % number for number in range(count)]


@in_loops
async def test_futures_of_sends_are_each_its_own(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await soon(push.send(b"x"))
    sends = [push.send(b"x") for _ in range(10)]
    assert len(set(sends)) == 10
    called: list[object] = []
    for _ in range(10):
        push.send(b"x").add_done_callback(called.append)
    await until(lambda: len(called) == 10)
    assert len({id(future) for future in called}) == 10
    assert len(await soon(asyncio.gather(*(pull.recv() for _ in range(21))))) == 21


@in_loops
async def test_a_close_cancels_what_waits(sockets: Sockets) -> None:
    pull, _ = sockets.listening(zmq.PULL)
    push = sockets.of(zmq.PUSH)
    waits = [pull.recv(), pull.recv_json(), pull.poll(), push.send(b"x"), push.poll(flags=zmq.POLLOUT)]
    for _ in range(3):
        await asyncio.sleep(0)
    pull.close()
    push.close()
    await soon(asyncio.wait(waits))
    assert all(future.cancelled() for future in waits)
    with pytest.raises(zmq.ZMQError):
        await pull.recv()


@in_loops
async def test_the_end_of_a_context_ends_waits(sockets: Sockets) -> None:
    context = sockets.module.Context()
    pull = context.socket(zmq.PULL)
    pull.bind_to_random_port("tcp://127.0.0.1")
    future = pull.recv_string()
    ending = threading.Thread(target=context.term)
    ending.start()
    with pytest.raises(zmq.ContextTerminated):
        await soon(future)
    pull.close()
    await asyncio.to_thread(ending.join)


@in_loops
async def test_faces_of_one_socket_share_what_has_come(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    for number in range(4):
        await soon(push.send(b"%d" % number))
    assert await soon(pull.recv()) == b"0"
    blocking: zmq.Socket[bytes] = zmq.Socket(pull)
    assert blocking.recv() == b"1"
    other = sockets.module.Socket.from_socket(blocking)
    assert isinstance(other, sockets.module.Socket)
    assert await soon(other.recv()) == b"2"
    waits = [sockets.module.Socket(pull).recv(), pull.recv(), other.recv()]
    await push.send(b"4")
    await push.send(b"5")
    assert [await soon(future) for future in waits] == [b"3", b"4", b"5"]
    for face in blocking, other:
        face.close()


@in_loops
async def test_a_thread_that_waits_is_not_kept_from_its_message(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    await soon(push.send(b"x"))
    assert await soon(pull.recv()) == b"x"
    blocking: zmq.Socket[bytes] = zmq.Socket.shadow(pull)
    received: list[bytes] = []

    def receive() -> None:
        received.extend(blocking.recv() for _ in range(200))

    thread = threading.Thread(target=receive)
    thread.start()
    tasks = [pull.recv() for _ in range(200)]
    # All of them are there before the loop looks.
    for number in range(400):
        push.send(b"%d" % number)
    await soon(asyncio.to_thread(thread.join))
    received += [await soon(task) for task in tasks]
    assert sorted(received) == sorted(b"%d" % number for number in range(400))


@in_loops
async def test_what_is_queued_before_there_is_a_peer_makes_others_wait(sockets: Sockets) -> None:
    for most in 1, 3:
        with tempfile.TemporaryDirectory() as folder:
            endpoint = f"ipc://{folder}/queue"
            push = sockets.of(zmq.PUSH, sndhwm=most, immediate=0)
            push.connect(endpoint)
            sends = [push.send(b"%d" % number) for number in range(10)]
            assert [future.done() for future in sends] == [number < most for number in range(10)]
            pull = sockets.of(zmq.PULL)
            pull.bind(endpoint)
            assert [await soon(pull.recv()) for _ in range(10)] == [b"%d" % number for number in range(10)]
            await soon(asyncio.wait(sends))


@in_loops
async def test_a_thread_that_waits_gets_what_a_task_gives_back(sockets: Sockets) -> None:
    pull, push = sockets.pair()
    blocking: zmq.Socket[bytes] = zmq.Socket.shadow(pull)
    receive = pull.recv()
    await soon(push.send(b"x"))
    await until(receive.done)
    receiving = asyncio.ensure_future(asyncio.to_thread(blocking.recv))
    await until(lambda: pull._shared.waiting_threads)
    receive.cancel()
    assert await soon(receiving) == b"x"
