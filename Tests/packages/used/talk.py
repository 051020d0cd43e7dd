# SPDX-License-Identifier: Apache-2.0
"""Sends itself a message through the installed package."""

from experimance_zmq import Puller, Pusher

with Puller() as puller, Pusher() as pusher:
    pusher.connect(puller.bind("tcp://127.0.0.1:*"), timeout=30)
    pusher.send(b"hello from Python", timeout=30)
    print(puller.recv(timeout=30).decode())
