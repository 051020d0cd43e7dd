# SPDX-License-Identifier: Apache-2.0
"""pyzmq_server.py ENDPOINT

A REP of pyzmq. It writes the endpoint it is bound to, then a line for the beginning of each request, and answers
with the request reversed; a request "die" ends it without an answer.
"""

import sys

import zmq


def main(endpoint: str) -> None:
    server = zmq.Context().socket(zmq.REP)
    server.bind(endpoint)
    print(server.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    while True:
        request = server.recv()
        print(request[:20].decode(), flush=True)
        if request == b"die":
            return
        server.send(request[::-1])


if __name__ == "__main__":
    main(*sys.argv[1:])
