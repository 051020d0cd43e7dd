# SPDX-License-Identifier: Apache-2.0
"""Calls that wait, as lines of programs that a signal is to reach."""

WAITS = {
    "recv": "Puller().recv(timeout=30)",
    "recv of a subscriber": "Subscriber().recv(timeout=30)",
    "recv_parts": "Socket(SocketType.PAIR).recv_parts(timeout=30)",
    "iterating": "list(Puller(default_timeout=30))",
    "send": "Pusher().send(b'', timeout=30)",
    "connect": "Puller().connect({silent!r}, timeout=30)",
    "connect that is refused": "Puller(retry=RetryPolicy(initial_backoff=30)).connect({refusing!r}, timeout=30)",
    "bind": "Puller(retry=RetryPolicy(initial_backoff=30)).bind({silent!r}, timeout=30)",
    "wait_peers": "Puller().wait_peers(timeout=30)",
    "wait_subscribers": "Publisher().wait_subscribers('', timeout=30)",
    "wait_subscribed": "Subscriber().wait_subscribed(timeout=30)",
    "request": "Requester().request(b'', timeout=30)",
    "idempotent request": "Requester().request(b'', timeout=30, idempotent=True)",
    "next_event": "Puller().next_event(timeout=30)",
    "events": "list(Puller(default_timeout=30).events)",
    "wait of a fault proxy": "FaultProxy('tcp://127.0.0.1:1').wait(FaultCount.CONNECTIONS, timeout=30)",
    "retry": "retry(refuse, policy=RetryPolicy(initial_backoff=30), timeout=30)",
}
