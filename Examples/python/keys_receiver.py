# SPDX-License-Identifier: Apache-2.0
"""keys_receiver.py FOLDER: receives one message from somebody whose key is in FOLDER/allowed."""

import sys

from experimance_zmq import Authenticator, CurveKeyPair, CurveServer, Puller

folder = sys.argv[1]
with Authenticator() as authenticator:
    authenticator.allow_keys(f"{folder}/allowed", end_links=True)
    keys = CurveKeyPair.load(f"{folder}/receiver.key_secret")
    with Puller(security=CurveServer(keys)) as puller:
        print(puller.bind("tcp://127.0.0.1:*"), flush=True)
        message = puller.recv(timeout=30, copy=False)
        print("from", message.user_id)
