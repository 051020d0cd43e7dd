# SPDX-License-Identifier: Apache-2.0
"""scenario.py FOLDER STEP HOST CONDITION: what scenario.c does, from Python.

The conditions are those of conditions.c, as a library in FOLDER. The peer is the same program in C, so that its process
is none of Python's.
"""

import ctypes
import logging  # noqa: F401  what the package imports when it first logs, as a user who may not read Python's files
import os
import subprocess
import sys
import threading

from experimance_zmq import (
    Authenticator,
    CurveClient,
    CurveServer,
    Puller,
    Pusher,
    Requester,
    ZMQSocketError,
    curve_keypair,
)

REPORT = int(os.environ["EXZ_REPORT"])
FOLDER, STEP, HOST, CONDITION = sys.argv[1:]
ENDPOINT = 128
SMALL_STACK = 64 << 10
conditions = ctypes.CDLL(f"{FOLDER}/libconditions.so")


def report(text: str) -> None:
    line = text.encode() + b"\n"
    try:
        os.write(REPORT, line)
    except OSError:
        os.writev(REPORT, [line])


def begin() -> None:
    if not conditions.condition_begin(CONDITION.encode()):
        report("skipped")
        os._exit(0)


def start_peer() -> list[str]:
    """Its endpoints: where it receives, sends, answers."""
    peer = subprocess.Popen([f"{FOLDER}/scenario", "peer", HOST], stdout=subprocess.PIPE)
    assert peer.stdout is not None
    told = peer.stdout.read(3 * ENDPOINT)
    return [told[place : place + ENDPOINT].split(b"\0")[0].decode() for place in range(0, 3 * ENDPOINT, ENDPOINT)]


def run(sink: str, source: str, replier: str) -> None:
    if STEP == "open":
        begin()
        Puller()
    elif STEP == "bind":
        puller = Puller()
        begin()
        puller.bind("ipc://*" if HOST == "ipc" else f"tcp://{HOST}:0", timeout=1.5)
    elif STEP == "connect":
        pusher = Pusher()
        begin()
        pusher.connect(sink, timeout=1.5)
    elif STEP == "receive":
        puller = Puller()
        puller.connect(source, timeout=15)
        begin()
        for _ in range(20):
            puller.recv(timeout=1.5)
    elif STEP == "admit":
        server_keys, client_keys = curve_keypair(), curve_keypair()
        door = Authenticator()
        door.allow_key(client_keys, "client")
        server = Puller(security=CurveServer(server_keys))
        endpoint = server.bind("ipc://*" if HOST == "ipc" else f"tcp://{HOST}:0", timeout=1.5)
        client = Pusher(security=CurveClient(client_keys, server_keys.public_key))
        begin()
        client.connect(endpoint, timeout=1.5)
    elif STEP == "request":
        requester = Requester()
        requester.connect(replier, timeout=15)
        begin()
        requester.request(b"question", timeout=1.5)
    else:
        pusher = Pusher()
        pusher.connect(sink, timeout=15)
        begin()
        if STEP == "exit":
            sys.exit(0)
        for number in range(20):
            pusher.send(bytes(100_000 if number == 10 else 20), timeout=1.5)
        if STEP == "close":
            pusher.close(linger=0.2)


def run_and_report() -> None:
    try:
        run(*peer)
    except ZMQSocketError as error:
        report(f"EXZ_ERR_{error.status.name}")
    except (MemoryError, OSError) as error:
        report(type(error).__name__)
    else:
        report("EXZ_OK")


peer = start_peer()
if CONDITION == "cancelled" or not conditions.condition_prepare(CONDITION.encode()):
    report("skipped")
elif CONDITION == "stack":
    threading.stack_size(SMALL_STACK)
    thread = threading.Thread(target=run_and_report)
    thread.start()
    thread.join()
else:
    run_and_report()
sys.stdout.close()
os._exit(0)
