# SPDX-License-Identifier: Apache-2.0
"""keys_sender.py FOLDER NAME ENDPOINT: sends a message as who has the key FOLDER/NAME.key_secret."""

import sys

from experimance_zmq import CurveClient, CurveKeyPair, Pusher, ZMQSecurityError, curve_public_key

folder, name, endpoint = sys.argv[1:]
keys = CurveKeyPair.load(f"{folder}/{name}.key_secret")
security = CurveClient(keys, curve_public_key(f"{folder}/receiver.key"))
with Pusher(security=security) as pusher:
    try:
        pusher.connect(endpoint, timeout=10)
        pusher.send(b"hello")
    except ZMQSecurityError as error:
        print(f"EXZ_ERR_SECURITY: {error}")
