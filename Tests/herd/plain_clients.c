/* SPDX-License-Identifier: Apache-2.0
 *
 * plain_clients COUNT ENDPOINT INITIAL_MS MAX_MS: the herd in plain libzmq, which tells what the monitors say. MAX_MS
 * is 0 for intervals that do not grow, libzmq's default. */
#include <string.h>

#include "herd.h"
#include "plain.h"

static void subscribe(int number, char **arguments) {
    void *context = zmq_ctx_new(), *s = zmq_socket(context, ZMQ_SUB), *monitor = zmq_socket(context, ZMQ_PAIR);
    int initial_ms = atoi(arguments[1]), max_ms = atoi(arguments[2]);
    if (zmq_setsockopt(s, ZMQ_RECONNECT_IVL, &initial_ms, sizeof initial_ms) != 0) die("ZMQ_RECONNECT_IVL");
    if (zmq_setsockopt(s, ZMQ_RECONNECT_IVL_MAX, &max_ms, sizeof max_ms) != 0) die("ZMQ_RECONNECT_IVL_MAX");
    if (zmq_setsockopt(s, ZMQ_SUBSCRIBE, "", 0) != 0) die("ZMQ_SUBSCRIBE");
    const int kinds = ZMQ_EVENT_CONNECT_DELAYED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED;
    if (zmq_socket_monitor(s, "inproc://monitor", kinds) != 0) die("zmq_socket_monitor");
    if (zmq_connect(monitor, "inproc://monitor") != 0 || zmq_connect(s, arguments[0]) != 0) die(arguments[0]);
    for (;;) {
        unsigned char event[6];
        char endpoint[256];
        if (zmq_recv(monitor, event, sizeof event, 0) < 0 || zmq_recv(monitor, endpoint, sizeof endpoint, 0) < 0)
            die("zmq_recv");
        uint16_t kind;
        memcpy(&kind, event, sizeof kind);
        if (kind == ZMQ_EVENT_CONNECT_DELAYED) tell(number, "attempt", now_ns());
        if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) tell(number, "up", now_ns());
        if (kind == ZMQ_EVENT_DISCONNECTED) tell(number, "lost", now_ns());
    }
}

int main(int argc, char **argv) {
    if (argc != 5) return 2;
    return run_herd(atoi(argv[1]), subscribe, argv + 2);
}
