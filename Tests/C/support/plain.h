/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs in plain libzmq have in common: an end that is loud, and a bind that waits for its port. */
#ifndef PLAIN_H
#define PLAIN_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zmq.h>

#include "monotonic.h"

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, zmq_strerror(errno));
    exit(1);
}

/* A port whose owner was killed a moment ago may take a little until it is free. */
static inline void bind_patiently(void *socket, const char *endpoint) {
    const int64_t end = after_ms(10000);
    while (zmq_bind(socket, endpoint) != 0) {
        if (errno != EADDRINUSE || left_ms(end) == 0) die(endpoint);
        zmq_poll(NULL, 0, 1);
    }
}

#endif
