/* SPDX-License-Identifier: Apache-2.0
 *
 * clients COUNT ENDPOINT INITIAL_MS MAX_MS JITTER: a herd of subscribers, each of which tells what its events say.
 * JITTER is the number of an EXZ_JITTER_…. */
#include "experimance_zmq.h"
#include "herd.h"
#include "must.h"

static void subscribe(int number, char **arguments) {
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.retry.initial_backoff_ms = atoi(arguments[1]);
    options.retry.max_backoff_ms = atoi(arguments[2]);
    options.retry.jitter = (uint32_t)atoi(arguments[3]);
    exz_socket s;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_SUB, &options), "exz_socket_open");
    must(exz_subscribe(s, ""), "exz_subscribe");
    must(exz_socket_connect(s, arguments[0], EXZ_CONNECT_BACKGROUND, 0, NULL), "exz_socket_connect");
    for (;;) {
        exz_event event = EXZ_EVENT_INIT;
        exz_status status = exz_next_event(&event, s, 3600000);
        if (status == EXZ_ERR_TIMEOUT) continue;
        must(status, "exz_next_event");
        if (event.kind == EXZ_EVENT_CONNECTING) tell(number, "attempt", event.time_ns);
        if (event.kind == EXZ_EVENT_HANDSHAKEN) tell(number, "up", event.time_ns);
        if (event.kind == EXZ_EVENT_LOST) tell(number, "lost", event.time_ns);
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return 2;
    return run_herd(atoi(argv[1]), subscribe, argv + 2);
}
