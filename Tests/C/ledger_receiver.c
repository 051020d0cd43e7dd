/* SPDX-License-Identifier: Apache-2.0
 *
 * ledger_receiver ENDPOINT HWM BUFFER: a receiver to be killed. It binds a PULL with queues of so many messages and
 * kernel buffers of so many bytes, prints "ready", and then the number of each message on a line; "spoiled" instead for
 * one that is not as it was written. It ends when nobody reads its lines. */
#include <stdio.h>
#include <stdlib.h>

#include "experimance_zmq.h"
#include "must.h"
#include "numbered.h"

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    exz_socket_options options = EXZ_SOCKET_OPTIONS_INIT;
    options.receive_hwm = atoi(argv[2]);
    options.receive_buffer = atoi(argv[3]);
    options.retry.initial_backoff_ms = 1;
    options.retry.max_attempts = 0;
    exz_socket s;
    must(exz_socket_open(&s, EXZ_DEFAULT_CONTEXT, EXZ_PULL, &options), "exz_socket_open");
    must(exz_socket_bind(s, argv[1], 10000, NULL), "exz_socket_bind");
    puts("ready");
    fflush(stdout);
    for (;;) {
        char message[NUMBERED_MAX];
        size_t size = 0;
        uint64_t number = 0;
        must(exz_recv(&size, s, message, sizeof message, 60000), "exz_recv");
        /* Each at once: what is not printed counts as lost. */
        if (numbered_read(message, size, &number)) printf("%llu\n", (unsigned long long)number);
        if (!numbered_read(message, size, &number)) puts("spoiled");
        if (fflush(stdout) != 0) return 0;
    }
}
